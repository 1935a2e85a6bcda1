//! A reader's answers as a Markdown sheet that can be handed in.

use std::fmt::Write as _;

use crate::progress::{AnswerRecord, Progress, QuestionState};
use crate::question::{Answer, Question, QuestionKind};
use crate::questions::{by_id, numbered};
use crate::steps::{STEPS, Step};

impl Progress {
    /// The sheet in Markdown: blanks for name and date, then all steps with their questions, what
    /// each offers to choose from or to put in order, the reader's answers and the results.
    /// Warm-ups are included only if they were answered.
    pub fn to_markdown(&self) -> String {
        let mut sheet = String::from(
            "# Chapter 14: ResNets\n\nName: ______________________________  Date: \
             ______________\n\n",
        );
        let _ = writeln!(sheet, "{} of 22 questions done.", self.done_count());
        for step in &STEPS {
            let _ = writeln!(sheet, "\n## {}", step.title);
            for question in questions_of(step) {
                if question.number().is_some() || self.get(question.id).is_some() {
                    self.write_question(&mut sheet, question);
                }
            }
        }
        sheet.push_str(
            "\nQuestions after the questionnaires of chapters 13 and 14 of “Deep Learning for \
             Coders with fastai and PyTorch”.\n",
        );
        sheet
    }

    fn write_question(&self, sheet: &mut String, question: &Question) {
        let _ = writeln!(sheet, "\n### {}\n\n{}\n", question.heading(), escaped(question.prompt));
        let record = self.get(question.id);
        let offered = offered(question, record.and_then(|record| record.answer.as_ref()));
        for line in &offered {
            let _ = writeln!(sheet, "- {} {}", line.mark.in_text(), escaped(line.text));
        }
        if !offered.is_empty() {
            sheet.push('\n');
        }
        let Some(record) = record else {
            sheet.push_str("Not answered yet.\n");
            return;
        };
        if let Some(words) =
            record.answer.as_ref().and_then(|answer| question.answer_as_text(answer))
        {
            let _ = writeln!(sheet, "{}\n", quoted(&words));
        }
        let _ = writeln!(sheet, "{}", self.outcome(question, record));
    }

    fn outcome(&self, question: &Question, record: &AnswerRecord) -> String {
        let attempts = if record.attempts == 1 {
            "1 attempt".to_string()
        } else {
            format!("{} attempts", record.attempts)
        };
        match (&question.kind, self.state(question.id)) {
            (QuestionKind::Free { points, .. }, QuestionState::Done) => {
                let ticked =
                    |index: usize| if record.ticked.get(index) == Some(&true) { "x" } else { " " };
                let list = points
                    .iter()
                    .enumerate()
                    .map(|(index, point)| format!("- [{}] {}", ticked(index), point.text));
                format!(
                    "Marked by the reader, {attempts}:\n\n{}",
                    list.collect::<Vec<_>>().join("\n")
                )
            }
            (QuestionKind::Free { .. }, _) => format!("Not marked yet, {attempts}."),
            (_, QuestionState::Done) => format!("Answered right, {attempts}."),
            _ => format!("Not right yet, {attempts}."),
        }
    }
}

/// A sentence that a question offers: an option, or a step to put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// What stands before it on paper.
    pub mark: Mark,
    /// The sentence.
    pub text: &'static str,
}

/// What stands before a sentence on paper, to be filled in or filled in already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A box to tick, and whether the reader has chosen this option.
    Box(bool),
    /// Room for a number, and the place, from 1, that the reader has given this step.
    Place(Option<usize>),
}

impl Mark {
    /// The mark in Markdown: `[x]` or `3.`, `[ ]` or `__.` where the reader has not answered.
    pub fn in_text(self) -> String {
        match self {
            Mark::Box(true) => "[x]".into(),
            Mark::Box(false) => "[ ]".into(),
            Mark::Place(Some(place)) => format!("{place}."),
            Mark::Place(None) => "\\_\\_.".into(),
        }
    }

    /// The mark as it is drawn on paper.
    pub fn on_paper(self) -> String {
        match self {
            Mark::Box(true) => "☒".into(),
            Mark::Box(false) => "☐".into(),
            Mark::Place(Some(place)) => format!("{place}."),
            Mark::Place(None) => "___".into(),
        }
    }
}

/// What a question offers to choose from or to put in order, in the order in which the page first
/// shows it, with the reader's answer marked. Empty for questions that are answered with numbers,
/// shapes or words.
pub fn offered(question: &Question, answer: Option<&Answer>) -> Vec<Offered> {
    match &question.kind {
        QuestionKind::Choose { options } => options
            .iter()
            .enumerate()
            .map(|(index, option)| Offered {
                mark: Mark::Box(answer == Some(&Answer::Choice(index))),
                text: option.text,
            })
            .collect(),
        QuestionKind::Order { steps, initial_order } => {
            let place = |step: usize| match answer {
                Some(Answer::Order(order)) => order.iter().position(|other| *other == step),
                _ => None,
            };
            initial_order
                .iter()
                .filter_map(|&step| {
                    let mark = Mark::Place(place(step).map(|place| place + 1));
                    Some(Offered { mark, text: steps.get(step)? })
                })
                .collect()
        }
        QuestionKind::Number { .. } | QuestionKind::Shape { .. } | QuestionKind::Free { .. } => {
            Vec::new()
        }
    }
}

/// The questions of a step: first its warm-ups, then its numbered questions.
pub fn questions_of(step: &Step) -> impl Iterator<Item = &'static Question> {
    let warm_ups = step.warm_ups.iter().filter_map(|id| by_id(id));
    warm_ups.chain(step.questions.iter().filter_map(|&number| numbered(number)))
}

/// A reader's text as a Markdown quotation, with everything escaped that would be markup.
fn quoted(words: &str) -> String {
    let lines: Vec<String> = words.trim().lines().map(escaped).collect();
    format!("> {}", lines.join("  \n> "))
}

/// A line of text in Markdown, with everything escaped that would be markup.
fn escaped(line: &str) -> String {
    let mut escaped = String::new();
    for letter in line.chars() {
        match letter {
            '\r' | '\n' => {}
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '!' | '~' | '>' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::{Answer, check};

    fn answer(progress: &mut Progress, id: &str, answer: Answer) {
        let question = by_id(id).unwrap();
        let verdict = check(question, &answer);
        progress.record(question, &answer, &verdict);
    }

    #[test]
    fn an_empty_sheet_has_all_questions_and_blanks() {
        let sheet = Progress::default().to_markdown();
        assert!(
            sheet.contains("Name: ___") && sheet.contains("Date: ___") && sheet.contains("0 of 22")
        );
        for number in 1..=22 {
            assert_eq!(sheet.matches(&format!("### Question {number}\n")).count(), 1);
        }
        assert_eq!(sheet.matches("Not answered yet.").count(), 22);
        assert!(!sheet.contains("Warm-up"));
    }

    #[test]
    fn a_filled_sheet_says_how_each_came_out() {
        let mut progress = Progress::default();
        answer(&mut progress, "14", Answer::Text("3x128x128".into()));
        answer(&mut progress, "14", Answer::Text("16x128x128".into()));
        answer(&mut progress, "6", Answer::Choice(0));
        answer(&mut progress, "13-4", Answer::Text("0".into()));
        answer(
            &mut progress,
            "7",
            Answer::Text("The block can start as an identity, so depth does not hurt.".into()),
        );
        progress.mark(by_id("7").unwrap(), &[true, false, false, false]);
        let sheet = progress.to_markdown();
        assert!(sheet.contains("> 16x128x128\n\nAnswered right, 2 attempts."));
        assert!(sheet.contains(
            "> Layers that are left out at random while training, so that the network is \
             shallower.\n\nNot right yet, 1 attempt."
        ));
        assert!(sheet.contains("### Warm-up 13-4"));
        assert!(
            sheet.contains("- [x] A block starts as the identity")
                && sheet.contains("- [ ] Gradients reach")
        );
        assert!(sheet.contains("2 of 22"));
    }

    /// Whoever has only the sheet can answer every question: nothing to choose from or to put in
    /// order is left out, and neither is it given away.
    #[test]
    fn a_sheet_offers_what_the_page_offers() {
        let sheet = Progress::default().to_markdown();
        for number in 1..=22 {
            let question = numbered(number).unwrap();
            let offered = offered(question, None);
            let (sentences, mark): (Vec<&str>, &str) = match &question.kind {
                QuestionKind::Choose { options } => {
                    (options.iter().map(|option| option.text).collect(), "[ ]")
                }
                QuestionKind::Order { steps, .. } => (steps.to_vec(), "\\_\\_."),
                _ => (Vec::new(), ""),
            };
            assert_eq!(offered.len(), sentences.len(), "{number}");
            for sentence in sentences {
                let line = format!("- {mark} {}\n", escaped(sentence));
                assert!(sheet.contains(&line), "{number}: {line:?} is not on the sheet");
            }
            if let QuestionKind::Order { steps, .. } = &question.kind {
                let shown: Vec<&str> = offered.iter().map(|line| line.text).collect();
                assert_ne!(shown, *steps, "{number} is on the sheet in the right order");
            }
        }
    }

    #[test]
    fn a_filled_sheet_marks_choices_and_places() {
        let mut progress = Progress::default();
        answer(&mut progress, "6", Answer::Choice(3));
        answer(&mut progress, "12", Answer::Order(vec![1, 0, 2, 3]));
        let sheet = progress.to_markdown();
        assert_eq!(sheet.matches("- [x] ").count(), 1);
        assert!(sheet.contains("- [x] Adding the block's input"), "{sheet}");
        for line in ["- 4. ReLU", "- 1. 1 × 1 convolution", "- 3. Add", "- 2. Average-pool"] {
            assert!(sheet.contains(line), "{line} is not in {sheet}");
        }
    }

    #[test]
    fn prompts_are_no_markup_either() {
        let mut progress = Progress::default();
        answer(&mut progress, "13-15", Answer::Choice(0));
        assert!(progress.to_markdown().contains("7\\*7\\*(1168-16)"));
    }

    #[test]
    fn the_reader_cannot_write_markup() {
        let written =
            quoted("# big\n<script>alert(1)</script> **bold** [link](x) &amp;\r\n> quote");
        assert_eq!(
            written,
            "> \\# big  \n> &lt;script\\>alert(1)&lt;/script\\> \\*\\*bold\\*\\* \\[link\\](x) \
             &amp;amp;  \n> \\> quote"
        );
    }
}
