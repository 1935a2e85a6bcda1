//! A reader's answers, as the browser stores them.
//!
//! They are one JSON string in `localStorage`. Other pages of the same host, other tabs and the
//! reader can all write it, so it is not trusted: its size is limited, and every answer is checked
//! against the current questions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::Verdict;
use crate::question::{Answer, MAX_ANSWER_CHARS, Question, QuestionKind};
use crate::questions::by_id;
use crate::steps::Step;

/// Version of the JSON format. It is incremented whenever older pages cannot read the new format.
pub const VERSION: u32 = 1;

/// Maximum size of the JSON in bytes: twice what it takes if all answers are as long as possible.
pub const MAX_JSON_BYTES: usize = 1 << 20;

/// Maximum number of attempts that are counted.
pub const MAX_ATTEMPTS: u32 = 9_999;

/// Why stored answers could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgressError {
    /// The string is longer than [`MAX_JSON_BYTES`].
    #[error(
        "the saved answers are {0} bytes long, more than this page ever saves; they were left \
         alone. Reset to start again"
    )]
    TooLong(usize),
    /// The string is not JSON in this format.
    #[error(
        "the saved answers could not be read ({0}); they were left alone. Reset to start again"
    )]
    Malformed(String),
    /// The string was written in another version of the format.
    #[error(
        "the saved answers have version {0}, this page reads version {VERSION}; reload the page, \
         or reset to start again"
    )]
    Version(u32),
}

/// How far a reader has got with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuestionState {
    /// It has not been answered yet.
    Open,
    /// It has been answered, but not correctly yet.
    Tried,
    /// It has been answered correctly or, for free text, marked by the reader.
    Done,
}

/// The stored answer to one question.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AnswerRecord {
    /// Number of answers that have been checked; unreadable ones do not count.
    pub attempts: u32,
    /// Whether one of them was right or, for free text, whether the reader has marked the answer.
    pub done: bool,
    /// The latest answer.
    pub answer: Option<Answer>,
    /// For free text, which points of the rubric the reader has ticked.
    #[serde(default)]
    pub ticked: Vec<bool>,
}

/// The stored answers to all questions, by the id of the question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    records: BTreeMap<String, AnswerRecord>,
}

/// The format of the JSON.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    records: BTreeMap<String, AnswerRecord>,
}

impl Progress {
    /// Records an answer and its verdict. An unreadable answer changes nothing.
    pub fn record(&mut self, question: &Question, answer: &Answer, verdict: &Verdict) {
        if matches!(verdict, Verdict::Unreadable { .. }) || !question.accepts(answer) {
            return;
        }
        let record = self.records.entry(question.id.to_string()).or_default();
        record.attempts = record.attempts.saturating_add(1).min(MAX_ATTEMPTS);
        record.done |= matches!(verdict, Verdict::Right { .. });
        record.answer = Some(answer.clone());
    }

    /// Records which points of the rubric the reader found in their own answer; the question is
    /// then done. Nothing happens if the question does not ask for free text, or has not been
    /// answered.
    pub fn mark(&mut self, question: &Question, ticked: &[bool]) {
        let QuestionKind::Free { points, .. } = &question.kind else { return };
        if let Some(record) = self.records.get_mut(question.id) {
            record.ticked =
                ticked.iter().copied().chain(std::iter::repeat(false)).take(points.len()).collect();
            record.done = true;
        }
    }

    /// The stored answer to a question, or `None` if it has not been answered.
    pub fn get(&self, id: &str) -> Option<&AnswerRecord> {
        self.records.get(id)
    }

    /// How far the reader has got with a question.
    pub fn state(&self, id: &str) -> QuestionState {
        match self.get(id) {
            None => QuestionState::Open,
            Some(record) if record.done => QuestionState::Done,
            Some(_) => QuestionState::Tried,
        }
    }

    /// How many of a step's numbered questions are done, and how many there are.
    pub fn step_counts(&self, step: &Step) -> (usize, usize) {
        let done = step
            .questions
            .iter()
            .filter(|number| self.state(&number.to_string()) == QuestionState::Done)
            .count();
        (done, step.questions.len())
    }

    /// How many of the 22 questions of the chapter are done.
    pub fn done_count(&self) -> usize {
        (1..=22)
            .filter(|number: &u8| self.state(&number.to_string()) == QuestionState::Done)
            .count()
    }

    /// The questions of the chapter that are done in stored JSON: bit `n - 1` for question `n`.
    /// None in what this page cannot read. What was answered is not read, nor the questions
    /// themselves, so that a part of the page that counts needs neither.
    pub fn done_in(json: &str) -> u32 {
        #[derive(Deserialize)]
        struct Done {
            #[serde(default)]
            done: bool,
        }
        #[derive(Deserialize)]
        struct Kept {
            version: u32,
            records: BTreeMap<String, Done>,
        }
        if json.len() > MAX_JSON_BYTES {
            return 0;
        }
        match serde_json::from_str::<Kept>(json) {
            Ok(Kept { version: VERSION, records }) => (1..=22_u32)
                .filter(|number| records.get(&number.to_string()).is_some_and(|kept| kept.done))
                .fold(0, |bits, number| bits | (1 << (number - 1))),
            _ => 0,
        }
    }

    /// Deletes all answers.
    pub fn reset(&mut self) {
        self.records.clear();
    }

    /// Merges in the answers that another tab has stored. The operation is commutative, associative
    /// and idempotent, so it does not matter in which order tabs merge, nor how often.
    ///
    /// If both have an answer to a question, the one with more attempts wins. The question is done
    /// if it is done in either.
    pub fn merge(&mut self, other: &Progress) {
        for (id, theirs) in &other.records {
            let ours = self.records.entry(id.clone()).or_default();
            let done = ours.done || theirs.done;
            // `done` is not compared, since the results are combined below. Otherwise the result
            // would depend on the order of merging.
            fn age(record: &AnswerRecord) -> (u32, &Option<Answer>, &[bool]) {
                (record.attempts, &record.answer, &record.ticked)
            }
            let later = if age(theirs) > age(ours) { theirs } else { &*ours };
            *ours = AnswerRecord { done, ..later.clone() };
        }
    }

    /// The JSON to store.
    ///
    /// # Errors
    /// Never in practice, since answers are plain data; the signature is that of `serde_json`.
    pub fn to_json(&self) -> Result<String, ProgressError> {
        let stored = Stored { version: VERSION, records: self.records.clone() };
        serde_json::to_string(&stored).map_err(|error| ProgressError::Malformed(error.to_string()))
    }

    /// Reads stored JSON. Answers to questions that no longer exist, answers of the wrong form and
    /// texts that are too long are dropped; the rest is kept.
    ///
    /// # Errors
    /// [`ProgressError`] if the JSON is too long, malformed, or of another version.
    pub fn from_json(json: &str) -> Result<Self, ProgressError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        if json.len() > MAX_JSON_BYTES {
            return Err(ProgressError::TooLong(json.len()));
        }
        let malformed = |error: serde_json::Error| ProgressError::Malformed(error.to_string());
        // The version is read first, since a later format may have other fields: "version 2" is a
        // better message than "missing field".
        let Version { version } = serde_json::from_str(json).map_err(malformed)?;
        if version != VERSION {
            return Err(ProgressError::Version(version));
        }
        let stored: Stored = serde_json::from_str(json).map_err(malformed)?;
        let records = stored
            .records
            .into_iter()
            .filter_map(|(id, record)| Some((id.clone(), sanitized(by_id(&id)?, record)?)))
            .collect();
        Ok(Self { records })
    }
}

/// A stored answer reduced to what this page could have written, or `None` if nothing is left.
fn sanitized(question: &Question, mut record: AnswerRecord) -> Option<AnswerRecord> {
    if record.attempts == 0 {
        return None;
    }
    record.attempts = record.attempts.min(MAX_ATTEMPTS);
    record.answer = record.answer.filter(|answer| question.accepts(answer));
    let points = match &question.kind {
        QuestionKind::Free { points, .. } => points.len(),
        _ => 0,
    };
    record.ticked.truncate(points);
    Some(record)
}

/// A text cut to [`MAX_ANSWER_CHARS`], for input fields.
pub fn truncate_answer(text: &str) -> String {
    text.chars().take(MAX_ANSWER_CHARS).collect()
}

#[cfg(test)]
mod tests;
