//! Every text of the lesson, held to the field's words.

use resnette_spec::SETTINGS;

use crate::steps::STEPS;
use crate::{Demo, QuestionKind, all, glossary};

/// Every text of the lesson, each with the place where it stands. Texts of settings, which the
/// glossary shows too, belong to the settings.
fn texts() -> Vec<(String, &'static str)> {
    let mut texts: Vec<(String, &'static str)> = Vec::new();
    for step in &STEPS {
        texts.push((step.slug.into(), step.title));
        texts.extend(step.prose.iter().map(|paragraph| (step.slug.to_string(), *paragraph)));
    }
    for demo in Demo::ALL {
        texts.extend([demo.title(), demo.invitation()].map(|text| (demo.slug().into(), text)));
    }
    for question in all() {
        let mut add = |text: &'static str| texts.push((question.heading(), text));
        for text in [question.prompt, question.hint, question.reason, question.must_contain] {
            add(text);
        }
        match &question.kind {
            QuestionKind::Choose { options } => {
                for option in *options {
                    add(option.text);
                    option.hint.into_iter().for_each(&mut add);
                }
            }
            QuestionKind::Number { mistakes, .. } => {
                mistakes.iter().for_each(|(_, hint)| add(hint))
            }
            QuestionKind::Shape { mistakes, .. } => mistakes.iter().for_each(|(_, hint)| add(hint)),
            QuestionKind::Order { steps, .. } => steps.iter().for_each(|step| add(step)),
            QuestionKind::Free { model_answer, points } => {
                add(model_answer);
                points.iter().for_each(|point| add(point.text));
            }
        }
    }
    let of_a_setting =
        |word: &str| SETTINGS.iter().any(|setting| setting.term.is_none() && setting.label == word);
    for term in glossary::terms().into_iter().filter(|term| !of_a_setting(term.word)) {
        texts.push((term.word.into(), term.meaning));
    }
    texts
}

/// Texts in which one of the phrases occurs, whatever its capitals.
fn with(phrases: &[&str]) -> Vec<String> {
    let found = texts().into_iter().filter_map(|(place, text)| {
        let small = text.to_lowercase();
        let phrase = phrases.iter().find(|phrase| small.contains(**phrase))?;
        Some(format!("{place}: “{phrase}” in {text}"))
    });
    found.collect()
}

/// In the settings `plain` is a block without a skip connection, and `basic` one of two 3 × 3
/// convolutions with one. The lesson calls them the same.
#[test]
fn a_plain_block_has_no_skip_connection() {
    let plain = with(&["plain block", "plain one", "plain network", "plain layers"]);
    for text in plain {
        assert!(text.contains("no skip") || text.contains("without"), "{text}");
    }
    let basic = texts().into_iter().filter(|(_, text)| text.to_lowercase().contains("basic block"));
    assert!(basic.count() >= 4);
}

/// The first stage keeps the grid of the stem.
#[test]
fn no_text_says_that_every_stage_halves_the_grid() {
    let plan = resnette_spec::architecture::Architecture::new(
        &resnette_spec::read_run("net=resnet&layers=2,2,2,2&block=basic&stem=32,32,64").0.net,
        10,
    );
    let sides: Vec<u32> = plan
        .stages
        .iter()
        .scan(128 / 4, |side, blocks| {
            *side = blocks.iter().fold(*side, |side, block| block.side_out(side));
            Some(*side)
        })
        .collect();
    assert_eq!(sides, [32, 16, 8, 4]);
    assert_eq!(with(&["each stage halves", "every stage halves"]), [""; 0]);
}

/// Phrases that a native speaker would stumble over, each found in an earlier version.
#[test]
fn texts_are_natural_english() {
    let stiff = [
        "which shape have",
        "what have resnets to do",
        "the other way round",
        "some seconds",
        "to be laid",
        "hand their input on",
        "hand it on",
        "goes round",
        "are no pixels",
        "are no matter",
        "a number that is none",
        "none of either",
        "every second time",
        "no proof of",
        "wanted output",
        "wanted size",
        "counts positive",
        "makes of the",
        "going on with",
        "he and his colleagues",
    ];
    assert_eq!(with(&stiff), [""; 0]);
    // “Numbers a picture” and the like: per picture.
    let things = ["steps", "numbers", "batches", "weights", "blocks", "pictures", "kernels"];
    let owners = ["a batch", "an epoch", "a picture", "a channel", "a filter", "a stage", "a step"];
    let mut rates = Vec::new();
    for thing in things {
        rates.extend(owners.map(|owner| format!("{thing} {owner}")));
    }
    let rates: Vec<&str> = rates.iter().map(String::as_str).collect();
    assert_eq!(with(&rates), [""; 0]);
}
