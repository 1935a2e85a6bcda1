//! `docs/lesson.md` is generated from the questions, and the links in `docs/classroom.md` are read
//! as the page reads them.

use std::fmt::Write as _;

use resnette_spec::link::pairs;
use resnette_spec::{Source, read_run};

use crate::sheet::questions_of;
use crate::steps::by_slug;
use crate::{Question, QuestionKind, STEPS, WhereToTry};

const LESSON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lesson.md");
const CLASSROOM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/classroom.md");

/// Escapes a text for a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('*', "\\*")
        .replace('_', "\\_")
        .replace('<', "&lt;")
}

fn kind(question: &Question) -> &'static str {
    match question.kind {
        QuestionKind::Choose { .. } => "choose",
        QuestionKind::Number { .. } => "number",
        QuestionKind::Shape { .. } => "shape",
        QuestionKind::Order { .. } => "order",
        QuestionKind::Free { .. } => "own words",
    }
}

fn place(question: &Question) -> String {
    match question.where_to_try {
        WhereToTry::Demo(demo) => match STEPS.iter().position(|step| step.demos.contains(&demo)) {
            Some(step) => format!("{} (step {})", demo.title(), step + 1),
            None => demo.title().to_string(),
        },
        WhereToTry::Train => question.where_to_try.title().to_string(),
    }
}

fn rendered() -> String {
    let mut page = String::from(
        "# The lesson, for reviewers\n\nEvery question of the Learn view: what a good answer \
         contains, which answer the page accepts, and where on the page it can be tried. Written \
         from `crates/lesson` by `REWRITE_DOCS=1 cargo test -p resnette-lesson`; do not edit by \
         hand.\n\nNumbers 1 to 22 are those of the questionnaire of chapter 14 of “Deep Learning \
         for Coders with fastai and PyTorch” (Jeremy Howard and Sylvain Gugger), numbers after \
         `13-` those of chapter 13. The questions are asked in our words. Answers in own words \
         are marked by the reader, point by point; the page suggests by keywords which points a \
         text may make, and cannot read what it means.\n",
    );
    for (number, step) in STEPS.iter().enumerate() {
        let _ = write!(page, "\n## {}. {}\n\n", number + 1, step.title);
        let demos: Vec<&str> = step.demos.iter().map(|demo| demo.title()).collect();
        if !demos.is_empty() {
            let _ = write!(page, "Demos: {}.\n\n", demos.join(", "));
        }
        page.push_str(
            "| question | asks | kind | a good answer contains | accepted here | demo \
             |\n|--|--|--|--|--|--|\n",
        );
        for question in questions_of(step) {
            let cells = [
                question.id,
                question.prompt,
                kind(question),
                question.must_contain,
                &question.right_answer_as_text(),
                &place(question),
            ];
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
    assert!(
        committed == page,
        "docs/lesson.md is out of date; run REWRITE_DOCS=1 cargo test -p resnette-lesson"
    );
    for number in 1..=22 {
        assert_eq!(page.matches(&format!("\n| {number} |")).count(), 1);
    }
}

#[test]
fn the_links_of_the_lesson_plan_set_up_what_they_say() {
    let plan = std::fs::read_to_string(CLASSROOM).unwrap();
    let links: Vec<&str> =
        plan.split('`').filter(|code| code.starts_with('#') && code.contains('=')).collect();
    assert!(links.len() >= 10, "the plan has {} links", links.len());
    for text in links {
        let (run, problems) = read_run(text);
        assert_eq!(problems, [], "{text}");
        let pairs = pairs(text).unwrap();
        let value = |key: &str| pairs.iter().find(|pair| pair.0 == key).map(|pair| pair.1.as_str());
        let step = value("step");
        assert!(
            step.is_none_or(|step| by_slug(step).is_some() && value("view") == Some("learn")),
            "{text}"
        );
        // A lesson needs no network, and everybody sees the same numbers: its runs use drawn
        // pictures and name their seed.
        if text.contains("epochs=") {
            assert_eq!(run.data.source, Source::Drawn, "{text}");
            assert!(text.contains("seed="), "{text}");
        }
    }
}
