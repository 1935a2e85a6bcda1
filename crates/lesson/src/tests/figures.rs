//! Every figure that a right answer or its reason states, recomputed.

use resnette_spec::architecture::Architecture;
use resnette_spec::presets::NETWORKS;
use resnette_spec::{Schedule, read_run, schedule};

use crate::conv_cost::{ConvSpec, Cost, basic_against_bottleneck};
use crate::grid_to_vector::{BOOK_CHANNELS, shapes, stride_two};
use crate::{Question, QuestionKind, all, by_id};

/// Figures up to this one (sides of kernels, places of axes, terms of small sums) are left out.
const SMALL: f64 = 12.0;

/// The figures of a text, such as `1,179,648`, `864` and `0.3`.
fn figures(text: &str) -> Vec<f64> {
    text.split(|letter: char| !(letter.is_ascii_digit() || letter == ',' || letter == '.'))
        .filter_map(|word| word.trim_matches([',', '.']).replace(',', "").parse().ok())
        .collect()
}

/// One of the page's presets of networks.
fn network(name: &str) -> Architecture {
    let preset = NETWORKS.iter().find(|preset| preset.name == name).unwrap();
    Architecture::new(&read_run(preset.settings).0.net, 10)
}

/// Parameters and multiply-adds of a network's stem at `size` pixels.
fn stem(network: &Architecture, size: u32) -> Cost {
    let (mut side, mut total) = (size, Cost::default());
    for conv in &network.stem {
        total = total + conv.cost(side);
        side = conv.side_out(side);
    }
    total
}

/// Percentage of the multiply-adds that the stem does at 128 pixels.
fn stem_work(network: &Architecture) -> f64 {
    100.0 * stem(network, 128).multiply_adds as f64 / network.multiply_adds(128) as f64
}

/// Percentage of the parameters that the stem holds.
fn stem_parameters(network: &Architecture) -> f64 {
    100.0 * stem(network, 128).parameters as f64 / network.parameters() as f64
}

/// The figures of a question that follow from the code, each as it is computed. Facts that nothing
/// on this page computes, such as ImageNet's thousand classes and sizes that are chosen, come last.
fn computed(id: &str) -> Vec<f64> {
    let places = |size: u32, halvings: u32| f64::from(size >> halvings).powi(2);
    match id {
        "1" => {
            let digits = std::iter::successors(Some(28), |&side| Some(stride_two(side)));
            let last = shapes(128, &BOOK_CHANNELS).last().unwrap().side;
            digits.take(5).map(|side| side as f64).chain([(last * last) as f64, 128.0]).collect()
        }
        "2" => vec![256.0, 64.0, 224.0],
        "17" => vec![1_000.0],
        "19" => {
            // The stem's convolutions leave 64 × 64 cells of 128 pixels, the last stage 4 × 4.
            vec![
                places(128, 1),
                places(128, 5),
                stem_work(&network("ResNet-18")),
                stem_work(&network("ResNet-50")),
                256.0,
                512.0,
                64.0,
                128.0,
                18.0,
                50.0,
            ]
        }
        "21" => vec![basic_against_bottleneck(256, 1).1.weights as f64, 256.0, 64.0],
        "22" => vec![64.0, 96.0, 128.0],
        "13-3" => vec![18.0],
        "13-5" => vec![28.0, 30.0],
        "13-6" => vec![stride_two(28) as f64],
        "13-8" => vec![ConvSpec::new(3, 16, 3, 1).weights() as f64, 16.0],
        "13-13" | "13-14" => vec![64.0],
        "13-15" => {
            let third = ConvSpec::new(8, 16, 3, 2);
            let weights = third.weights() as f64;
            vec![weights, weights + 16.0, 16.0, third.multiply_adds(7) as f64]
        }
        "13-20" => vec![128.0],
        "13-21" => vec![ConvSpec::new(3, 1, 3, 1).weights() as f64],
        "13-24" => vec![ConvSpec::new(1, 1, 5, 1).weights() as f64],
        "13-29" => vec![(1_000 / 16) as f64, (1_000 / 64) as f64, 1_000.0, 16.0, 64.0],
        "13-30" => {
            let rate = |share| schedule::at(Schedule::OneCycle, 1.0, share).lr;
            vec![rate(0.25) / rate(0.0)]
        }
        "14" => vec![16.0, 128.0],
        _ => Vec::new(),
    }
}

/// What a reader is told after a right answer.
fn told(question: &Question) -> String {
    match question.kind {
        // A model answer's figures are those of the prompt and of the book.
        QuestionKind::Free { .. } => question.reason.to_string(),
        _ => format!("{} {}", question.right_answer_as_text(), question.reason),
    }
}

#[test]
fn every_figure_of_an_answer_is_what_the_code_computes() {
    for question in all() {
        let known = computed(question.id);
        let text = told(question);
        for figure in figures(&text).into_iter().filter(|figure| *figure > SMALL) {
            assert!(
                known.iter().any(|known| known.round() == figure),
                "{}: {figure} is none of {known:?}: {text}",
                question.id
            );
        }
    }
}

/// The stem does not do most of a network's work; what sets it apart is the work of each weight.
#[test]
fn question_19_agrees_with_its_demo() {
    let question = by_id("19").unwrap();
    for name in ["ResNet-18", "ResNet-34", "ResNet-50", "ResNet-101"] {
        let network = network(name);
        let stem = stem(&network, 128);
        assert!(2 * stem.multiply_adds < network.multiply_adds(128), "{name}");
        let each = |work: u64, parameters: u64| work as f64 / parameters as f64;
        assert!(
            each(stem.multiply_adds, stem.parameters)
                > 30.0 * each(network.multiply_adds(128), network.parameters()),
            "{name}"
        );
    }
    let answer = question.right_answer_as_text();
    assert!(!answer.contains("most,") && answer.contains("weight"), "{answer}");
    let (small, large) = (network("ResNet-18"), network("ResNet-50"));
    for share in [
        format!("{:.0} % of ResNet-18", stem_work(&small)),
        format!("{:.1} % of its parameters", stem_parameters(&small)),
        format!("{:.0} %", stem_work(&large)),
    ] {
        assert!(question.reason.contains(&share), "{share} is not in {}", question.reason);
    }
}

#[test]
fn figures_are_read_from_texts() {
    assert_eq!(
        figures("1,179,648 of 0.3 % at 128, or 7*7*(1168-16)."),
        [1_179_648.0, 0.3, 128.0, 7.0, 7.0, 1168.0, 16.0]
    );
}
