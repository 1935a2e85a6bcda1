//! Receptive fields against PyTorch, which finds them by gradients (`receptive_fields.py`).
#![allow(clippy::unwrap_used)]

use std::path::Path;

use resnette_spec::architecture::Architecture;
use resnette_spec::read_run;
use serde_json::Value;

fn numbers(value: &Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as u32).collect()
}

fn architecture(case: &Value) -> Architecture {
    match case["settings"].as_str() {
        Some(settings) => {
            let (run, problems) = read_run(settings);
            assert!(problems.is_empty(), "{problems:?}");
            Architecture::new(&run.net, 10)
        }
        None => {
            let layers = <[u32; 4]>::try_from(numbers(&case["layers"])).unwrap();
            Architecture::torchvision(layers, case["bottleneck"].as_bool().unwrap(), 10)
        }
    }
}

/// Every cell of every layer that can be shown sees the pixels whose gradients PyTorch finds, also
/// at the picture's edges and for sizes that are no power of two.
#[test]
fn cells_see_the_pixels_that_have_gradients() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/receptive_fields.json");
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let cases = cases.as_object().unwrap();
    assert_eq!(cases.len(), 11);
    for (case_name, case) in cases {
        let network = architecture(case);
        let size = case["size"].as_u64().unwrap() as u32;
        let fields = case["fields"].as_object().unwrap();
        let mut names = network.layer_names();
        names.sort();
        let mut wanted: Vec<&String> = fields.keys().collect();
        wanted.sort();
        assert_eq!(names.iter().collect::<Vec<_>>(), wanted, "{case_name}");
        for (layer, cells) in fields {
            let field = network.receptive_field(layer).unwrap();
            for (cell, wanted) in (0..).zip(cells.as_array().unwrap()) {
                let [from, to] = <[u32; 2]>::try_from(numbers(wanted)).unwrap();
                assert_eq!(field.pixels(cell, size), from..to, "{case_name}, {layer}, {cell}");
            }
        }
    }
}
