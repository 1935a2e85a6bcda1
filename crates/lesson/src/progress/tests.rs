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
    assert_eq!(progress.state("14"), QuestionState::Open);
    for (text, state, attempts) in [
        ("3x128x128", QuestionState::Tried, 1),
        ("?", QuestionState::Tried, 1),
        ("16x128x128", QuestionState::Done, 2),
        ("16", QuestionState::Done, 3),
    ] {
        let answer = Answer::Text(text.into());
        progress.record(question, &answer, &check(question, &answer));
        assert_eq!(
            (progress.state("14"), progress.get("14").unwrap().attempts),
            (state, attempts),
            "{text}"
        );
    }
    assert_eq!(progress.done_count(), 1);
    assert_eq!(progress.step_counts(&STEPS[2]), (1, 11));
    progress.reset();
    assert_eq!(progress, Progress::default());
}

#[test]
fn words_are_done_when_marked() {
    let mut progress = answered(7, "because a block can start out as the identity then");
    assert_eq!(progress.state("7"), QuestionState::Tried);
    progress.mark(numbered(7).unwrap(), &[true, false, true, true, true, true, true]);
    assert_eq!(progress.state("7"), QuestionState::Done);
    assert_eq!(progress.get("7").unwrap().ticked, [true, false, true, true]);
    progress.mark(numbered(8).unwrap(), &[true]);
    assert_eq!(progress.state("8"), QuestionState::Open);
    progress.mark(numbered(6).unwrap(), &[true]);
    assert_eq!(progress.state("6"), QuestionState::Open);
}

/// What counts the done questions without knowing them agrees with what knows them.
#[test]
fn done_questions_are_counted_without_their_answers() {
    let mut progress = answered(14, "16 × 128 × 128");
    progress.merge(&answered(3, "nothing that is right"));
    progress.merge(&answered(7, "because a block can start out as the identity then"));
    assert_eq!(Progress::done_in(&progress.to_json().unwrap()), 1 << 13);
    progress.mark(numbered(7).unwrap(), &[true]);
    let bits = Progress::done_in(&progress.to_json().unwrap());
    assert_eq!(bits, 1 << 13 | 1 << 6);
    for number in 1..=22_u32 {
        let done = progress.state(&number.to_string()) == QuestionState::Done;
        assert_eq!(bits >> (number - 1) & 1 == 1, done, "{number}");
    }
    let later = r#"{"version":2,"records":{"1":{"done":true}}}"#;
    for json in ["", "{}", "[]", later, &"1".repeat(MAX_JSON_BYTES + 1)] {
        assert_eq!(Progress::done_in(json), 0, "{}", &json[..json.len().min(50)]);
    }
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
        Progress::from_json(&" ".repeat(MAX_JSON_BYTES + 1)),
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
            "7":{{"attempts":1,"done":false,"answer":{{"Text":"{}"}},
                 "ticked":[true,true,true,true,true,true]}},
            "12":{{"attempts":1,"done":false,"answer":{{"Order":[0,0,0,0]}}}},
            "9":{{"attempts":0,"done":true,"answer":null}},
            "<script>":{{"attempts":1,"done":true,"answer":null}}
        }}}}"#,
        "x".repeat(MAX_ANSWER_CHARS + 1)
    );
    let progress = Progress::from_json(&json).unwrap();
    assert_eq!(progress.records.keys().collect::<Vec<_>>(), ["1", "12", "7"]);
    assert_eq!(
        progress.get("1"),
        Some(&AnswerRecord { attempts: MAX_ATTEMPTS, done: true, answer: None, ticked: vec![] })
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
    let record = record.prop_map(|(attempts, done, answer, ticked)| AnswerRecord {
        attempts,
        done,
        answer,
        ticked,
    });
    prop::collection::btree_map(prop::sample::select(ids).prop_map(str::to_string), record, 0..8)
        .prop_map(|records| {
            let records = records
                .into_iter()
                .filter_map(|(id, record)| Some((id.clone(), sanitized(by_id(&id)?, record)?)))
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
    fn saving_changes_nothing(
        progress in any_progress(all().map(|question| question.id).collect()),
    ) {
        prop_assert_eq!(Progress::from_json(&progress.to_json().unwrap()), Ok(progress));
    }

    /// Two questions only, so that all three often have the same one.
    #[test]
    fn merging_has_no_order(
        a in any_progress(vec!["7", "14"]),
        b in any_progress(vec!["7", "14"]),
        c in any_progress(vec!["7", "14"]),
    ) {
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &a), a.clone());
        prop_assert!(merged(&a, &b).done_count() >= a.done_count().max(b.done_count()));
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
