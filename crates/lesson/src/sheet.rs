//! A reader's answers as a Markdown sheet that can be handed in.

use std::fmt::Write as _;

use crate::progress::{AnswerRecord, Progress, QuestionState};
use crate::question::{Question, QuestionKind};
use crate::questions::{by_id, numbered};
use crate::steps::{STEPS, Step};

impl Progress {
    /// The sheet in Markdown: blanks for name and date, then all steps with their questions, the
    /// reader's answers and the results. Warm-ups are included only if they were answered.
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
        let _ = writeln!(sheet, "\n### {}\n\n{}\n", question.heading(), question.prompt);
        let Some(record) = self.get(question.id) else {
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

/// The questions of a step: first its warm-ups, then its numbered questions.
pub fn questions_of(step: &Step) -> impl Iterator<Item = &'static Question> {
    let warm_ups = step.warm_ups.iter().filter_map(|id| by_id(id));
    warm_ups.chain(step.questions.iter().filter_map(|&number| numbered(number)))
}

/// A reader's text as a Markdown quotation, with everything escaped that would be markup.
fn quoted(words: &str) -> String {
    let mut quoted = String::from("> ");
    for letter in words.trim().chars() {
        match letter {
            '\n' => quoted.push_str("  \n> "),
            '\r' => {}
            '<' => quoted.push_str("&lt;"),
            '&' => quoted.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '!' | '~' | '>' => {
                quoted.push('\\');
                quoted.push(letter);
            }
            _ => quoted.push(letter),
        }
    }
    quoted
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
