//! `docs/lesson.md` is written from the code; the links of `docs/classroom.md` are held against the page's contract.

use crate::lesson::sheet::questions_of;
use crate::lesson::{Kind, Place, Question, STEPS};
use std::fmt::Write as _;

const LESSON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lesson.md");
const CLASSROOM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/classroom.md");

/// A cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('*', "\\*").replace('_', "\\_").replace('<', "&lt;")
}

fn kind(question: &Question) -> &'static str {
    match question.kind {
        Kind::Choose { .. } => "choose",
        Kind::Number { .. } => "number",
        Kind::Shape { .. } => "shape",
        Kind::Order { .. } => "order",
        Kind::Free { .. } => "own words",
    }
}

fn place(question: &Question) -> String {
    match question.place {
        Place::Demo(demo) => match STEPS.iter().position(|step| step.demos.contains(&demo)) {
            Some(step) => format!("{} (step {})", demo.title(), step + 1),
            None => demo.title().to_string(),
        },
        Place::Train => question.place.title().to_string(),
    }
}

fn rendered() -> String {
    let mut page = String::from(
        "# The lesson, for reviewers\n\n\
         Every question of the Learn view: what a good answer contains, which answer the page accepts, and where on the page it can be \
         tried. Written from `src/lesson` by `REWRITE_DOCS=1 cargo test --lib lesson`; do not edit by hand.\n\n\
         Numbers 1 to 22 are those of the questionnaire of chapter 14 of “Deep Learning for Coders with fastai and PyTorch” (Jeremy Howard \
         and Sylvain Gugger), numbers after `13-` those of chapter 13. The questions are asked in our words. Answers in own words are marked by the \
         reader, point by point; the page suggests by keywords which points a text may make, and cannot read what it means.\n",
    );
    for (number, step) in STEPS.iter().enumerate() {
        let _ = write!(page, "\n## {}. {}\n\n", number + 1, step.title);
        let demos: Vec<&str> = step.demos.iter().map(|demo| demo.title()).collect();
        if !demos.is_empty() {
            let _ = write!(page, "Demos: {}.\n\n", demos.join(", "));
        }
        page.push_str("| question | asks | kind | a good answer contains | accepted here | demo |\n|--|--|--|--|--|--|\n");
        for question in questions_of(step) {
            let cells =
                [question.id, question.prompt, kind(question), question.must_contain, &question.answer_in_words(), &place(question)];
            let _ = writeln!(page, "| {} |", cells.map(cell).join(" | "));
        }
    }
    page
}

#[test]
fn the_reviewers_table_is_up_to_date() {
    let page = rendered();
    if std::env::var_os("REWRITE_DOCS").is_some() {
        std::fs::write(LESSON, &page).unwrap();
    }
    let committed = std::fs::read_to_string(LESSON).unwrap_or_default();
    assert!(committed == page, "docs/lesson.md is not what the code says; run REWRITE_DOCS=1 cargo test --lib lesson");
    for number in 1..=22 {
        assert_eq!(page.matches(&format!("\n| {number} |")).count(), 1);
    }
}

/// Whether the page's contract allows a value (issue "The page trains a ResNet …", the settings in the URL hash).
fn allowed(key: &str, value: &str) -> bool {
    let whole = |least: u32, most: u32| value.parse().is_ok_and(|number: u32| (least..=most).contains(&number));
    let share = |most: f64| value.parse().is_ok_and(|number: f64| (0.0..=most).contains(&number));
    let list = |length: std::ops::RangeInclusive<usize>| {
        length.contains(&value.split(',').count())
            && value.split(',').all(|number| number.parse().is_ok_and(|n: u32| (1..=512).contains(&n)))
    };
    match key {
        "source" => ["huggingface", "url", "drawn", "files"].contains(&value),
        "train" | "valid" => whole(1, 2_000),
        "size" => whole(32, 256),
        "layers" => list(4..=4),
        "block" => ["plain", "basic", "bottleneck"].contains(&value),
        "expansion" => whole(1, 8),
        "width" => whole(4, 256),
        "stem" => list(1..=4),
        "epochs" => whole(1, 200),
        "bs" => whole(2, 512),
        "lr" => share(1.0) && value != "0",
        "mixup" | "smoothing" => share(1.0),
        "augment" => ["none", "crop-flip", "full"].contains(&value),
        "seed" => value.parse::<u64>().is_ok(),
        "backend" => ["auto", "webgpu", "cpu"].contains(&value),
        "autostart" => value == "1",
        "view" => ["data", "train", "predict", "learn"].contains(&value),
        _ => false,
    }
}

#[test]
fn the_links_of_the_lesson_plan_keep_the_contract() {
    let plan = std::fs::read_to_string(CLASSROOM).unwrap();
    let links: Vec<&str> = plan.split('`').filter_map(|code| code.strip_prefix('#')).filter(|link| link.contains('=')).collect();
    assert!(links.len() >= 8, "the plan has {} links", links.len());
    for link in &links {
        let mut keys = Vec::new();
        for setting in link.split('&') {
            let (key, value) = setting.split_once('=').unwrap();
            assert!(allowed(key, value), "{key}={value} in #{link}");
            assert!(!keys.contains(&key), "{key} twice in #{link}");
            keys.push(key);
        }
        // No network: a link that trains uses the drawn set.
        if keys.contains(&"epochs") {
            assert!(link.contains("source=drawn") && keys.contains(&"seed"), "#{link}");
        }
    }
}
