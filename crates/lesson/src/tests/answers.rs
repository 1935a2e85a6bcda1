//! For every question, an answer that must be accepted and one that must be refused. They are
//! written down by hand, independently of the questions, so that a mistake in a question shows.

use crate::{Answer, Question, QuestionKind, Verdict, all, by_id, check};

/// How a question is answered: by words that occur in one option only, by a typed text, or by the
/// beginnings of the steps in the reader's order.
enum Say {
    Option(&'static str),
    Type(&'static str),
    Steps(&'static [&'static str]),
}

use Say::{Option as Pick, Steps, Type};

/// For each question its id, an accepted answer and a refused answer.
const TABLE: &[(&str, Say, Say)] = &[
    ("1", Pick("tied to one size"), Pick("too much detail")),
    ("2", Type("(64, 256)"), Type("64x256x1x1")),
    ("3", Pick("you choose the output grid"), Pick("are learned")),
    ("4", Type("4"), Type("7")),
    ("5", Pick("drops the two axes of length 1"), Pick("one picture size only")),
    ("6", Pick("x + convs(x)"), Pick("left out at random")),
    (
        "7",
        Type(
            "With gamma at zero a block is the identity at first, so more depth does no harm, and \
             gradients flow back directly.",
        ),
        Type("dunno"),
    ),
    (
        "8",
        Type(
            "56 layers are worse than 20 even on the training set, though the deep one could copy \
             the shallow one: optimisation fails.",
        ),
        Type("It shows two lines."),
    ),
    ("9", Type("-3"), Type("0")),
    ("10", Pick("y = x + conv2(conv1(x))"), Pick("y = conv2(conv1(x))")),
    ("11", Type("0.2"), Type("1")),
    (
        "12",
        Steps(&["Average-pool", "1 × 1 convolution", "Add", "ReLU"]),
        // The 1 × 1 convolution before the pooling would compute four times as many cells.
        Steps(&["1 × 1 convolution", "Average-pool", "Add", "ReLU"]),
    ),
    ("13", Type("4.5"), Type("8.5")),
    ("14", Type("16x128x128"), Type("16x1x1")),
    ("15", Pick("Its input, unchanged"), Pick("None")),
    (
        "16",
        Type(
            "A slice of the loss over two directions; jagged without skips and smooth with them, \
             so descent gets to the bottom.",
        ),
        Type("Two nice mountains"),
    ),
    ("17", Pick("similar or ambiguous"), Pick("few, clearly different")),
    ("18", Pick("first few layers"), Pick("which make the scores")),
    ("19", Pick("works at thousands of places"), Pick("Most weights are in the stem")),
    (
        "20",
        Steps(&["1 × 1 convolution: a quarter", "3 × 3", "1 × 1 convolution: all", "Add"]),
        Steps(&["1 × 1 convolution: all", "3 × 3", "1 × 1 convolution: a quarter", "Add"]),
    ),
    ("21", Type("69,632 weights"), Type("1,179,648")),
    (
        "22",
        Type(
            "Convolutions take any size and pooling leaves 1x1, so the same weights train on \
             small pictures first, then larger ones.",
        ),
        Type("By resizing!"),
    ),
    ("13-3", Type("18"), Type("-18")),
    ("13-4", Type("0"), Type("9")),
    ("13-5", Type("28x28"), Type("30x30")),
    ("13-6", Type("14 by 14"), Type("13x13")),
    ("13-8", Type("[16, 3, 3, 3]"), Type("[3, 16, 3, 3]")),
    ("13-9", Pick("One grid of a layer"), Pick("One picture of the batch")),
    ("13-10", Pick("same few weights"), Pick("Not at all")),
    ("13-13", Type("64x2"), Type("128")),
    (
        "13-14",
        Steps(&["Pictures", "Channels", "Rows", "Columns"]),
        Steps(&["Pictures", "Rows", "Columns", "Channels"]),
    ),
    ("13-15", Pick("less 16 biases"), Pick("1168 activations")),
    ("13-17", Type("7x7"), Type("5x5")),
    ("13-20", Type("3 × 128 × 128"), Type("128x128x3")),
    ("13-21", Pick("added up to one number per place"), Pick("grey first")),
    ("13-23", Pick("A quarter of the cells is left"), Pick("faster")),
    ("13-24", Pick("on 25 pixels they have to"), Pick("fewer weights")),
    ("13-28", Pick("zero times a weight is zero"), Pick("dark")),
    ("13-29", Pick("fewer steps per epoch"), Pick("noisier gradients")),
    ("13-30", Pick("diverge at once"), Pick("never useful")),
    (
        "13-31",
        Steps(&["Start low", "Warm up", "Anneal", "End"]),
        Steps(&["Warm up", "Start low", "Anneal", "End"]),
    ),
    ("13-33", Pick("settle at the bottom"), Pick("electricity")),
    ("13-37", Pick("starts from nearly nothing"), Pick("too few bars")),
    ("13-38", Pick("Gamma, which multiplies"), Pick("running mean")),
    ("13-39", Pick("In training with those of the batch"), Pick("Always with those of the batch")),
];

fn only(found: Vec<usize>, wanted: &str) -> usize {
    assert_eq!(found.len(), 1, "“{wanted}” should be in one place, and is in {found:?}");
    found[0]
}

fn answer(question: &Question, say: &Say) -> Answer {
    let places = |texts: &[&str], found: &dyn Fn(&str) -> bool| {
        (0..texts.len()).filter(|&at| found(texts[at])).collect::<Vec<_>>()
    };
    match (&question.kind, say) {
        (QuestionKind::Choose { options }, Pick(words)) => {
            let texts: Vec<_> = options.iter().map(|choice| choice.text).collect();
            Answer::Choice(only(places(&texts, &|text| text.contains(words)), words))
        }
        (QuestionKind::Order { steps, .. }, Steps(order)) => Answer::Order(
            order
                .iter()
                .map(|start| only(places(steps, &|step| step.starts_with(start)), start))
                .collect(),
        ),
        (
            QuestionKind::Number { .. } | QuestionKind::Shape { .. } | QuestionKind::Free { .. },
            Type(text),
        ) => Answer::Text((*text).to_string()),
        _ => panic!("question {} is of another kind", question.id),
    }
}

#[test]
fn the_table_has_every_question_once() {
    let mut asked: Vec<&str> = all().map(|question| question.id).collect();
    let mut answered: Vec<&str> = TABLE.iter().map(|row| row.0).collect();
    asked.sort_unstable();
    answered.sort_unstable();
    assert_eq!(asked, answered);
}

#[test]
fn right_answers_are_accepted() {
    for (id, accepted, _) in TABLE {
        let question = by_id(id).unwrap();
        match check(question, &answer(question, accepted)) {
            Verdict::Right { reason } => assert_eq!(reason, question.reason, "{id}"),
            Verdict::MarkYourself { model_answer, reason, points, covered } => {
                assert_eq!(reason, question.reason, "{id}");
                assert!(matches!(question.kind, QuestionKind::Free { .. }), "{id}");
                assert!(!model_answer.is_empty() && covered.len() == points.len(), "{id}");
                assert!(covered.iter().filter(|point| **point).count() >= 2, "{id}: {covered:?}");
            }
            other => panic!("{id}: {other:?}"),
        }
    }
}

#[test]
fn wrong_answers_are_refused_with_a_hint() {
    for (id, _, refused) in TABLE {
        let question = by_id(id).unwrap();
        match (&question.kind, check(question, &answer(question, refused))) {
            (QuestionKind::Free { .. }, Verdict::Unreadable { message }) => {
                assert!(
                    message.contains("own words")
                        && message.contains(question.where_to_try.title()),
                    "{id}: {message}"
                );
            }
            (QuestionKind::Free { .. }, other) => panic!("{id}: {other:?}"),
            (_, Verdict::Wrong { hint }) => {
                assert!(hint.contains(question.where_to_try.title()), "{id}: {hint}")
            }
            (_, other) => panic!("{id}: {other:?}"),
        }
    }
}

#[test]
fn every_wrong_option_and_slip_is_refused_with_its_own_words() {
    for question in all() {
        match &question.kind {
            QuestionKind::Choose { options } => {
                for (index, choice) in options.iter().enumerate() {
                    let verdict = check(question, &Answer::Choice(index));
                    match choice.hint {
                        None => {
                            assert!(matches!(verdict, Verdict::Right { .. }), "{}", question.id)
                        }
                        Some(hint) => assert_eq!(
                            verdict,
                            Verdict::Wrong { hint: format!("{hint} {}", question.hint) }
                        ),
                    }
                }
            }
            QuestionKind::Number { mistakes, .. } => {
                for (slip, hint) in *mistakes {
                    let verdict = check(question, &Answer::Text(slip.to_string()));
                    assert_eq!(
                        verdict,
                        Verdict::Wrong { hint: format!("{hint} {}", question.hint) },
                        "{}",
                        question.id
                    );
                }
            }
            QuestionKind::Shape { mistakes, .. } => {
                for (slip, hint) in *mistakes {
                    let verdict = check(question, &Answer::Text(format!("{slip:?}")));
                    assert_eq!(
                        verdict,
                        Verdict::Wrong { hint: format!("{hint} {}", question.hint) },
                        "{}",
                        question.id
                    );
                }
            }
            QuestionKind::Order { .. } | QuestionKind::Free { .. } => {}
        }
    }
}

#[test]
fn the_order_shown_is_not_the_right_one() {
    for question in all() {
        if let QuestionKind::Order { initial_order, .. } = &question.kind {
            let verdict = check(question, &Answer::Order(initial_order.to_vec()));
            assert!(matches!(verdict, Verdict::Wrong { .. }), "{}: {verdict:?}", question.id);
        }
    }
}

#[test]
fn a_model_answer_makes_all_its_points_and_idle_talk_none() {
    let idle = "Yesterday my neighbour cooked a very tasty soup and we all sat in her garden \
                until it got dark.";
    for question in all() {
        let QuestionKind::Free { model_answer, .. } = &question.kind else { continue };
        let Verdict::MarkYourself { covered, .. } =
            check(question, &Answer::Text((*model_answer).to_string()))
        else {
            panic!("{}", question.id)
        };
        assert!(covered.iter().all(|point| *point), "{}: {covered:?}", question.id);
        let Verdict::MarkYourself { covered, .. } =
            check(question, &Answer::Text(idle.to_string()))
        else {
            panic!("{}", question.id)
        };
        assert!(covered.iter().all(|point| !point), "{}: {covered:?}", question.id);
    }
}

#[test]
fn an_answer_of_another_kind_is_unreadable() {
    for question in all() {
        let others = [
            Answer::Choice(99),
            Answer::Order(vec![0, 0]),
            Answer::Text(String::new()),
            Answer::Order(vec![usize::MAX; 3]),
        ];
        for other in others {
            let verdict = check(question, &other);
            assert!(
                matches!(verdict, Verdict::Unreadable { .. }),
                "{}: {other:?} gave {verdict:?}",
                question.id
            );
        }
    }
}

#[test]
fn tolerances_are_where_they_should_be() {
    let typed = |id: &str, text: &str| {
        matches!(check(by_id(id).unwrap(), &Answer::Text(text.into())), Verdict::Right { .. })
    };
    assert!(typed("21", "7e4") && typed("21", "69.6k") && typed("21", "69 632 parameters"));
    assert!(!typed("21", "65,000") && !typed("21", "36,864"));
    assert!(
        typed("11", "1/5") && typed("11", "20 %") && typed("11", "0,2") && !typed("11", "0.25")
    );
    assert!(!typed("4", "4.01"));
}
