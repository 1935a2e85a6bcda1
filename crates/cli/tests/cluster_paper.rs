//! The calculation in docs/cluster.md, calculated again.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use resnette_spec::architecture::Architecture;

/// Seconds of computing, and bytes a second to a graphics card: the document's assumptions.
const COMPUTE: f64 = 0.157;
const BUS: f64 = 12e9;

/// Seconds of an exchange between `ranks` ranks with `batches` batches each.
fn exchange(bytes: f64, ranks: f64, batches: f64, bits: f64, latency: f64) -> f64 {
    let copies = if ranks <= 8.0 { batches + 1.0 } else { 2.0 };
    let network = copies * (ranks - 1.0) / ranks * bytes * 8.0 / bits;
    network + 2.0 * (ranks - 1.0) * latency + (batches + 1.0) * bytes / BUS
}

#[test]
fn the_document_says_what_its_formula_gives() {
    let resnet50 = Architecture::torchvision([3, 4, 6, 3], true, 1000);
    let numbers: usize =
        resnet50.tensors().values().map(|shape| shape.iter().product::<usize>()).sum();
    assert_eq!((resnet50.parameters(), numbers), (25_557_032, 25_557_032 + 53_120));
    let bytes = numbers as f64 * 4.0;
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cluster.md");
    let document = fs::read_to_string(document).unwrap();
    let speed_up = |ranks: f64, batches: f64, seconds: f64| {
        ranks * batches * COMPUTE / (batches * COMPUTE + seconds)
    };
    for (gigabits, latency) in [(1.0, 50e-6), (10.0, 30e-6), (100.0, 5e-6)] {
        let cells = [2.0, 4.0, 8.0, 16.0, 32.0, 64.0].map(|ranks| {
            let seconds = exchange(bytes, ranks, 1.0, gigabits * 1e9, latency);
            format!("{:.0} ms, {:.1}×", seconds * 1e3, speed_up(ranks, 1.0, seconds))
        });
        let row = format!("| {gigabits} Gbit/s | {} |", cells.join(" | "));
        assert!(document.contains(&row), "docs/cluster.md lacks this row:\n{row}");
    }
    for ranks in [8.0, 64.0] {
        let seconds = exchange(bytes, ranks, 4.0, 10e9, 30e-6);
        let words = format!("{:.1}×", speed_up(ranks, 4.0, seconds));
        assert!(document.contains(&words), "docs/cluster.md lacks {words}");
    }
}
