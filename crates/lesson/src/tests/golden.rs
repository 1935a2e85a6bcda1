//! Compares adaptive pooling with numbers from PyTorch: `crates/engine/tests/golden/adaptive_pool`,
//! written by `generate.py` in the same folder.

use std::collections::BTreeMap;

use crate::grid::Grid;
use crate::pooling::{Pooling, adaptive_pool, adaptive_windows};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../engine/tests/golden/adaptive_pool");

#[derive(serde::Deserialize)]
struct Fixture {
    cases: Vec<Case>,
    windows: BTreeMap<String, Vec<[usize; 2]>>,
}

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    input: [usize; 2],
    output: [usize; 2],
}

#[derive(serde::Deserialize)]
struct Tensor {
    data_offsets: [usize; 2],
}

fn fixture() -> Fixture {
    serde_json::from_str(&std::fs::read_to_string(format!("{GOLDEN}.json")).unwrap()).unwrap()
}

/// The values of every tensor by name. A safetensors file is the length of the header in eight
/// bytes, the header as JSON, and little-endian floats. It is parsed here by hand, since the crate
/// for it is a dependency of the engine only.
fn tensors() -> BTreeMap<String, Vec<f32>> {
    let bytes = std::fs::read(format!("{GOLDEN}.safetensors")).unwrap();
    let (length, rest) = bytes.split_at(8);
    let (header, data) = rest.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
    let header: BTreeMap<String, serde_json::Value> = serde_json::from_slice(header).unwrap();
    let named = header.into_iter().filter(|(name, _)| name != "__metadata__");
    named
        .map(|(name, tensor)| {
            let Tensor { data_offsets: [from, to] } = serde_json::from_value(tensor).unwrap();
            (
                name,
                data[from..to]
                    .chunks_exact(4)
                    .map(|float| f32::from_le_bytes(float.try_into().unwrap()))
                    .collect(),
            )
        })
        .collect()
}

#[test]
fn windows_are_pytorchs_for_all_sizes_to_sixteen() {
    let windows = fixture().windows;
    assert_eq!(windows.len(), 16 * 16);
    for input in 1..=16 {
        for output in 1..=16 {
            let ours: Vec<_> = adaptive_windows(input, output)
                .into_iter()
                .map(|window| [window.start, window.end])
                .collect();
            assert_eq!(ours, windows[&format!("{input}->{output}")], "{input} to {output}");
        }
    }
}

#[test]
fn means_and_maxima_are_pytorchs() {
    let tensors = tensors();
    let mut compared = 0;
    for Case { name, input: [height, width], output: [out_height, out_width] } in fixture().cases {
        let channels = tensors[&format!("{name}.input")].chunks_exact(height * width);
        for (channel, values) in channels.enumerate() {
            let grid = Grid::new(height, width, values.to_vec()).unwrap();
            for (pooling, suffix) in [(Pooling::Average, "avg"), (Pooling::Maximum, "max")] {
                let ours = adaptive_pool(&grid, out_height, out_width, pooling).unwrap();
                let cells = out_height * out_width;
                let theirs = &tensors[&format!("{name}.{suffix}")][channel * cells..][..cells];
                for (our, their) in ours.values().iter().zip(theirs) {
                    assert!(
                        (our - their).abs() < 1e-6,
                        "{name}.{suffix}, channel {channel}: {our} and {their}"
                    );
                    compared += 1;
                }
            }
        }
    }
    // All cells of all cases, in 6 channels, for mean and maximum.
    assert_eq!(compared, 6 * 2 * (9 + 6 + 16 + 1 + 20 + 1));
}
