//! What the browser keeps of a reader's answers.
//!
//! One JSON string in `localStorage`, which other pages of the same host, other tabs and the reader
//! can write: it is read as hostile, bounded and held against the questions as they are now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::Verdict;
use crate::question::{Answer, Kind, LONGEST_TEXT, Question};
use crate::questions::by_id;
use crate::steps::Step;

/// The form of the JSON; one higher for each change that older pages cannot read.
pub const VERSION: u32 = 1;

/// Bytes that saved progress may have: all questions with full texts, twice over.
pub const LONGEST_JSON: usize = 1 << 20;

/// Attempts are counted up to here.
pub const MOST_ATTEMPTS: u32 = 9_999;

/// Why saved progress was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgressError {
    /// More than [`LONGEST_JSON`] bytes.
    #[error(
        "the saved answers are {0} bytes long, more than this page ever saves; they were left \
         alone. Reset to start again"
    )]
    TooLong(usize),
    /// No JSON of this form.
    #[error(
        "the saved answers could not be read ({0}); they were left alone. Reset to start again"
    )]
    Malformed(String),
    /// Written by another version of the page.
    #[error(
        "the saved answers have version {0}, this page reads version {VERSION}; reload the page, \
         or reset to start again"
    )]
    Version(u32),
}

/// Where a reader stands with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Not answered yet.
    Open,
    /// Answered, but not right yet.
    Tried,
    /// Answered right, or marked by oneself.
    Done,
}

/// What is kept of one question.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// Answers checked; unreadable ones don't count.
    pub attempts: u32,
    /// Whether one of them was right, or the reader has marked their own.
    pub done: bool,
    /// The last answer.
    pub answer: Option<Answer>,
    /// For an answer in words: the points that the reader ticked.
    #[serde(default)]
    pub ticked: Vec<bool>,
}

/// All records, by the questions' ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    records: BTreeMap<String, Record>,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    version: u32,
    records: BTreeMap<String, Record>,
}

impl Progress {
    /// Keeps an answer and what became of it. An unreadable answer changes nothing.
    pub fn record(&mut self, question: &Question, answer: &Answer, verdict: &Verdict) {
        if matches!(verdict, Verdict::Unreadable { .. }) || !question.takes(answer) {
            return;
        }
        let record = self.records.entry(question.id.to_string()).or_default();
        record.attempts = record.attempts.saturating_add(1).min(MOST_ATTEMPTS);
        record.done |= matches!(verdict, Verdict::Right { .. });
        record.answer = Some(answer.clone());
    }

    /// Keeps which points of a model answer the reader found in their own; the question is then
    /// done. Nothing happens where the question is of another kind or has not been answered.
    pub fn mark(&mut self, question: &Question, ticked: &[bool]) {
        let Kind::Free { points, .. } = &question.kind else { return };
        if let Some(record) = self.records.get_mut(question.id) {
            record.ticked =
                ticked.iter().copied().chain(std::iter::repeat(false)).take(points.len()).collect();
            record.done = true;
        }
    }

    /// What is kept of a question.
    pub fn get(&self, id: &str) -> Option<&Record> {
        self.records.get(id)
    }

    /// Where the reader stands with a question.
    pub fn state(&self, id: &str) -> State {
        match self.get(id) {
            None => State::Open,
            Some(record) if record.done => State::Done,
            Some(_) => State::Tried,
        }
    }

    /// How many of a step's numbered questions are done, and how many it has.
    pub fn of_step(&self, step: &Step) -> (usize, usize) {
        let done = step
            .questions
            .iter()
            .filter(|number| self.state(&number.to_string()) == State::Done)
            .count();
        (done, step.questions.len())
    }

    /// How many of the 22 questions of the chapter are done.
    pub fn done(&self) -> usize {
        (1..=22).filter(|number: &u8| self.state(&number.to_string()) == State::Done).count()
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.records.clear();
    }

    /// Takes in what another tab, or a file, has kept. The order does not matter, nor how often.
    ///
    /// Where both have a question: done if either is, the larger number of attempts, and the answer
    /// that goes with it.
    pub fn merge(&mut self, other: &Progress) {
        for (id, theirs) in &other.records {
            let ours = self.records.entry(id.clone()).or_default();
            let done = ours.done || theirs.done;
            // Not by `done`, which is united below: comparing by it would make the result depend on
            // the order of merging.
            fn age(record: &Record) -> (u32, &Option<Answer>, &[bool]) {
                (record.attempts, &record.answer, &record.ticked)
            }
            let later = if age(theirs) > age(ours) { theirs } else { &*ours };
            *ours = Record { done, ..later.clone() };
        }
    }

    /// The string to save.
    ///
    /// # Errors
    /// Never in practice: the records are plain data.
    pub fn to_json(&self) -> Result<String, ProgressError> {
        let saved = Saved { version: VERSION, records: self.records.clone() };
        serde_json::to_string(&saved).map_err(|error| ProgressError::Malformed(error.to_string()))
    }

    /// Reads what was saved. Records of questions that are no more, answers of another kind and
    /// texts that are too long are dropped; the rest is kept.
    ///
    /// # Errors
    /// [`ProgressError`]: too long, no JSON of this form, or of another version.
    pub fn from_json(json: &str) -> Result<Self, ProgressError> {
        #[derive(Deserialize)]
        struct Stamp {
            version: u32,
        }
        if json.len() > LONGEST_JSON {
            return Err(ProgressError::TooLong(json.len()));
        }
        let malformed = |error: serde_json::Error| ProgressError::Malformed(error.to_string());
        // The version first: a later form may have other fields, and "version 2" says more than
        // "missing field".
        let Stamp { version } = serde_json::from_str(json).map_err(malformed)?;
        if version != VERSION {
            return Err(ProgressError::Version(version));
        }
        let saved: Saved = serde_json::from_str(json).map_err(malformed)?;
        let records = saved
            .records
            .into_iter()
            .filter_map(|(id, record)| Some((id.clone(), bounded(by_id(&id)?, record)?)))
            .collect();
        Ok(Self { records })
    }
}

/// A record as this page could have written it, or nothing.
fn bounded(question: &Question, mut record: Record) -> Option<Record> {
    if record.attempts == 0 {
        return None;
    }
    record.attempts = record.attempts.min(MOST_ATTEMPTS);
    record.answer = record.answer.filter(|answer| question.takes(answer));
    let points = match &question.kind {
        Kind::Free { points, .. } => points.len(),
        _ => 0,
    };
    record.ticked.truncate(points);
    Some(record)
}

/// A text cut to what an answer may have, for input fields.
pub fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::steps::STEPS;
    use crate::{all, check, numbered};

    fn answered(number: u8, text: &str) -> Progress {
        let (question, answer) = (numbered(number).unwrap(), Answer::Text(text.to_string()));
        let mut progress = Progress::default();
        progress.record(question, &answer, &check(question, &answer));
        progress
    }

    #[test]
    fn a_question_goes_from_open_to_tried_to_done() {
        let question = numbered(14).unwrap();
        let mut progress = Progress::default();
        assert_eq!(progress.state("14"), State::Open);
        for (text, state, attempts) in [
            ("3x128x128", State::Tried, 1),
            ("?", State::Tried, 1),
            ("16x128x128", State::Done, 2),
            ("16", State::Done, 3),
        ] {
            let answer = Answer::Text(text.into());
            progress.record(question, &answer, &check(question, &answer));
            assert_eq!(
                (progress.state("14"), progress.get("14").unwrap().attempts),
                (state, attempts),
                "{text}"
            );
        }
        assert_eq!(progress.done(), 1);
        assert_eq!(progress.of_step(&STEPS[2]), (1, 11));
        progress.reset();
        assert_eq!(progress, Progress::default());
    }

    #[test]
    fn words_are_done_when_marked() {
        let mut progress = answered(7, "because a block can start out as the identity then");
        assert_eq!(progress.state("7"), State::Tried);
        progress.mark(numbered(7).unwrap(), &[true, false, true, true, true, true, true]);
        assert_eq!(progress.state("7"), State::Done);
        assert_eq!(progress.get("7").unwrap().ticked, [true, false, true, true]);
        progress.mark(numbered(8).unwrap(), &[true]);
        assert_eq!(progress.state("8"), State::Open);
        progress.mark(numbered(6).unwrap(), &[true]);
        assert_eq!(progress.state("6"), State::Open);
    }

    #[test]
    fn it_survives_being_saved() {
        let mut progress = answered(14, "16 × 128 × 128");
        progress.merge(&answered(7, "“words” \u{1f600} with \\ and \n in them, quite a few"));
        progress.mark(numbered(7).unwrap(), &[true, false, true, false]);
        assert_eq!(Progress::from_json(&progress.to_json().unwrap()), Ok(progress));
    }

    #[test]
    fn hostile_storage_is_refused_or_bounded() {
        assert!(matches!(
            Progress::from_json(&" ".repeat(LONGEST_JSON + 1)),
            Err(ProgressError::TooLong(_))
        ));
        for json in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"version":1}"#,
            r#"{"version":-1}"#,
            r#"{"version":1,"records":7}"#,
            &"[".repeat(10_000),
        ] {
            assert!(
                matches!(Progress::from_json(json), Err(ProgressError::Malformed(_))),
                "{json:.40}"
            );
        }
        assert_eq!(
            Progress::from_json(r#"{"version":2,"answers":{}}"#),
            Err(ProgressError::Version(2))
        );
        let json = format!(
            r#"{{"version":1,"records":{{
                "1":{{"attempts":4000000000,"done":true,"answer":{{"Choice":99}},"ticked":[true]}},
                "7":{{"attempts":1,"done":false,"answer":{{"Text":"{}"}},"ticked":[true,true,true,true,true,true]}},
                "12":{{"attempts":1,"done":false,"answer":{{"Order":[0,0,0,0]}}}},
                "9":{{"attempts":0,"done":true,"answer":null}},
                "<script>":{{"attempts":1,"done":true,"answer":null}}
            }}}}"#,
            "x".repeat(LONGEST_TEXT + 1)
        );
        let progress = Progress::from_json(&json).unwrap();
        assert_eq!(progress.records.keys().collect::<Vec<_>>(), ["1", "12", "7"]);
        assert_eq!(
            progress.get("1"),
            Some(&Record { attempts: MOST_ATTEMPTS, done: true, answer: None, ticked: vec![] })
        );
        assert_eq!(progress.get("7").unwrap().answer, None);
        assert_eq!(progress.get("7").unwrap().ticked.len(), 4);
        assert_eq!(progress.get("12").unwrap().answer, None);
    }

    fn any_progress(ids: Vec<&'static str>) -> impl Strategy<Value = Progress> {
        let answer = prop_oneof![
            (0_usize..4).prop_map(Answer::Choice),
            "\\PC{0,20}".prop_map(Answer::Text),
            Just(vec![1, 0, 3, 2]).prop_shuffle().prop_map(Answer::Order),
        ];
        let record = (
            1_u32..4,
            any::<bool>(),
            prop::option::of(answer),
            prop::collection::vec(any::<bool>(), 0..4),
        );
        let record = record.prop_map(|(attempts, done, answer, ticked)| Record {
            attempts,
            done,
            answer,
            ticked,
        });
        prop::collection::btree_map(
            prop::sample::select(ids).prop_map(str::to_string),
            record,
            0..8,
        )
        .prop_map(|records| {
            let records = records
                .into_iter()
                .filter_map(|(id, record)| Some((id.clone(), bounded(by_id(&id)?, record)?)))
                .collect();
            Progress { records }
        })
    }

    fn merged(a: &Progress, b: &Progress) -> Progress {
        let mut merged = a.clone();
        merged.merge(b);
        merged
    }

    proptest! {
        #[test]
        fn saving_changes_nothing(progress in any_progress(all().map(|question| question.id).collect())) {
            prop_assert_eq!(Progress::from_json(&progress.to_json().unwrap()), Ok(progress));
        }

        /// Two questions only, so that all three often have the same one.
        #[test]
        fn merging_has_no_order(a in any_progress(vec!["7", "14"]), b in any_progress(vec!["7", "14"]), c in any_progress(vec!["7", "14"])) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
            prop_assert_eq!(merged(&a, &a), a.clone());
            prop_assert!(merged(&a, &b).done() >= a.done().max(b.done()));
        }

        #[test]
        fn no_string_breaks_it(json in "\\PC{0,60}", cut_at in 0_usize..400) {
            let _ = Progress::from_json(&json);
            let whole = answered(14, "16x128x128").to_json().unwrap();
            if let Some(part) = whole.get(..cut_at.min(whole.len().saturating_sub(1))) {
                prop_assert!(Progress::from_json(part).is_err());
            }
        }
    }
}
