//! Rules for the content of the lesson as a whole.

use std::collections::BTreeSet;

use crate::demos::Demo;
use crate::steps::STEPS;
use crate::{QuestionKind, WhereToTry, all, by_id, numbered, steps};

#[test]
fn every_question_of_the_chapter_is_in_one_step() {
    let mut numbers: Vec<u8> =
        STEPS.iter().flat_map(|step| step.questions.iter().copied()).collect();
    assert!(numbers.is_sorted(), "the steps follow the book: {numbers:?}");
    numbers.dedup();
    assert_eq!(numbers, (1..=22).collect::<Vec<u8>>());
    for number in numbers {
        assert_eq!(numbered(number).unwrap().heading(), format!("Question {number}"));
    }
}

#[test]
fn every_warm_up_is_in_one_step_and_has_no_number() {
    let placed: Vec<&str> = STEPS.iter().flat_map(|step| step.warm_ups.iter().copied()).collect();
    let unique: BTreeSet<&str> = placed.iter().copied().collect();
    assert_eq!(unique.len(), placed.len());
    let written: BTreeSet<&str> =
        all().filter(|question| question.number().is_none()).map(|question| question.id).collect();
    assert_eq!(unique, written);
    for id in placed {
        let book: u8 = id.strip_prefix("13-").unwrap().parse().unwrap();
        assert!((1..=40).contains(&book), "chapter 13 has 40 questions");
        assert!(by_id(id).unwrap().heading().starts_with("Warm-up"));
    }
}

#[test]
fn every_demo_is_in_one_step_and_is_asked_about() {
    for demo in Demo::ALL {
        assert_eq!(STEPS.iter().filter(|step| step.demos.contains(&demo)).count(), 1, "{demo:?}");
        assert!(demo.step().is_some() && !demo.invitation().is_empty());
    }
    let asked: BTreeSet<&str> = all().map(|question| question.where_to_try.title()).collect();
    for demo in Demo::ALL {
        // The evidence map shows the mean of question 2 on a picture. No question can be answered
        // with it alone.
        assert!(demo == Demo::EvidenceMap || asked.contains(demo.title()), "{demo:?}");
    }
}

#[test]
fn names_in_links_are_unique_and_plain() {
    let slugs: Vec<&str> = STEPS
        .iter()
        .map(|step| step.slug)
        .chain(Demo::ALL.iter().map(|demo| demo.slug()))
        .collect();
    assert_eq!(slugs.iter().collect::<BTreeSet<_>>().len(), slugs.len());
    for slug in slugs {
        assert!(slug.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{slug}");
    }
    assert_eq!(steps::by_slug("bottleneck").map(|step| step.title), Some("Bottleneck layers"));
    assert_eq!(steps::by_slug("nowhere"), None);
}

#[test]
fn prose_is_short() {
    for step in &STEPS {
        let words: usize =
            step.prose.iter().map(|paragraph| paragraph.split_whitespace().count()).sum();
        assert!((120..=180).contains(&words), "{}: {words} words", step.slug);
    }
}

#[test]
fn every_question_is_complete() {
    for question in all() {
        let id = question.id;
        assert!(
            question.hint.contains(question.where_to_try.title()),
            "{id}: the hint should name {}",
            question.where_to_try.title()
        );
        for text in [question.prompt, question.hint, question.reason, question.must_contain] {
            assert!(
                text.len() > 4 && text == text.trim() && !text.contains("  "),
                "{id}: {text:?}"
            );
        }
        match &question.kind {
            QuestionKind::Choose { options } => {
                assert_eq!(options.len(), 4, "{id}");
                assert_eq!(
                    options.iter().filter(|choice| choice.hint.is_none()).count(),
                    1,
                    "{id}"
                );
            }
            QuestionKind::Number { value, tolerance, .. } => {
                assert!(value.is_finite() && (0.0..0.05).contains(tolerance), "{id}")
            }
            QuestionKind::Shape { shape, mistakes } => {
                assert!(!shape.is_empty() && !mistakes.is_empty(), "{id}")
            }
            QuestionKind::Order { steps, initial_order } => {
                assert!(steps.len() == initial_order.len() && steps.len() >= 3, "{id}")
            }
            QuestionKind::Free { points, .. } => assert!(
                points.len() >= 2 && points.iter().all(|point| !point.keywords.is_empty()),
                "{id}"
            ),
        }
        assert!(!question.right_answer_as_text().is_empty(), "{id}");
    }
}

#[test]
fn the_right_option_has_no_favourite_place() {
    let mut places = [0_usize; 4];
    for question in all() {
        if let QuestionKind::Choose { options } = &question.kind {
            places[options.iter().position(|choice| choice.hint.is_none()).unwrap()] += 1;
        }
    }
    let (least, most) = (places.iter().min().unwrap(), places.iter().max().unwrap());
    assert!(*least >= 3 && *most <= 2 * least, "{places:?}");
}

/// A reader who knows nothing about the subject must not get far by choosing the longest answer, or
/// the shortest.
#[test]
fn lengths_do_not_give_the_answer_away() {
    let (mut asked, mut longest, mut shortest) = (0, 0, 0);
    for question in all() {
        let QuestionKind::Choose { options } = &question.kind else { continue };
        let length = |wanted: bool| {
            options
                .iter()
                .filter(move |o| o.hint.is_none() == wanted)
                .map(|o| o.text.chars().count())
        };
        let right = length(true).sum::<usize>() as f64;
        let (least, most) =
            (length(false).min().unwrap() as f64, length(false).max().unwrap() as f64);
        assert!(
            right <= 1.1 * most && right >= 0.7 * least,
            "{}: {right} characters among {least} to {most}",
            question.id
        );
        asked += 1;
        longest += usize::from(right > most);
        shortest += usize::from(right < least);
    }
    // By chance, it would be a quarter of each.
    assert!(
        asked >= 20 && longest * 3 <= asked && shortest * 2 <= asked,
        "of {asked}: {longest} longest, {shortest} shortest"
    );
}

#[test]
fn the_kinds_are_mixed() {
    let kinds = all().filter(|question| question.number().is_some()).fold(
        [0_usize; 5],
        |mut kinds, question| {
            let kind = match question.kind {
                QuestionKind::Choose { .. } => 0,
                QuestionKind::Number { .. } => 1,
                QuestionKind::Shape { .. } => 2,
                QuestionKind::Order { .. } => 3,
                QuestionKind::Free { .. } => 4,
            };
            kinds[kind] += 1;
            kinds
        },
    );
    assert!(kinds.iter().all(|&count| count >= 2), "{kinds:?}");
}

#[test]
fn what_the_text_says_is_what_the_demos_compute() {
    use crate::conv_cost::{ConvSpec, Cost, basic_against_bottleneck, receptive_field};
    use crate::grid::Grid;
    use crate::{convolution, grid_to_vector as g2v, one_by_one};
    let question = |id: &str| by_id(id).unwrap();
    let number = |id: &str| match question(id).kind {
        QuestionKind::Number { value, .. } => value,
        _ => panic!("{id}"),
    };
    let shape = |id: &str| match question(id).kind {
        QuestionKind::Shape { shape, .. } => shape,
        _ => panic!("{id}"),
    };
    let patch = Grid::new(3, 3, (1..=9).map(|n| n as f32).collect()).unwrap();
    assert_eq!(
        f64::from(convolution::apply(&patch, &convolution::TOP_EDGE, 1, 1).unwrap().sum),
        number("13-3")
    );
    assert_eq!(f64::from(one_by_one::dot(&[1.0, 2.0, 3.0], &[0.5, -1.0, 2.0])), number("13"));
    assert_eq!(f64::from(Grid::new(2, 2, vec![1.0, 3.0, 5.0, 7.0]).unwrap().mean()), number("4"));
    assert_eq!(basic_against_bottleneck(256, 1).1.weights as f64, number("21"));
    assert_eq!([receptive_field(&[(3, 2), (3, 2)]) as usize; 2], shape("13-17"));
    assert_eq!([g2v::stride_two(28); 2], shape("13-6"));
    let last = *g2v::shapes(128, &g2v::BOOK_CHANNELS).last().unwrap();
    assert_eq!(shape("2"), [64, g2v::Head::Average.inputs(last)]);
    // The prose about the stem says: 28,512 weights, 117 million multiply-adds, 19 million and a
    // sixth, 41 times.
    let stem: Cost = [(3, 32, 2, 128), (32, 32, 1, 64), (32, 64, 1, 64)]
        .map(|(ni, nf, s, side)| ConvSpec::new(ni, nf, 3, s).cost(side))
        .into_iter()
        .sum();
    let late = ConvSpec::new(256, 512, 3, 2).cost(8);
    assert_eq!(stem.weights, 28_512);
    assert_eq!((stem.multiply_adds as f64 / 1e6).round(), 117.0);
    assert_eq!((late.multiply_adds as f64 / 1e6).round(), 19.0);
    assert_eq!((stem.multiply_adds as f64 / late.multiply_adds as f64).round(), 6.0);
    assert_eq!((late.weights as f64 / stem.weights as f64).round(), 41.0);
}

#[test]
fn where_to_try_names_what_is_on_the_page() {
    assert_eq!(WhereToTry::Demo(Demo::OneByOne).title(), "1×1 convolution");
    assert_eq!(WhereToTry::Train.title(), "Train view");
}
