//! Temperature scaling against PyTorch.

use resnette_engine::predict::calibration::temperature;
use resnette_engine::train::metrics::ScoredPicture;

use crate::fixture::{integers, json, reals};

#[test]
fn temperatures_are_pytorchs() {
    let info = json("calibration");
    let cases = info.as_object().unwrap();
    assert_eq!(cases.len(), 3);
    for (name, case) in cases {
        let rows = case["logits"].as_array().unwrap();
        let scored: Vec<ScoredPicture> = integers(&case["labels"])
            .into_iter()
            .zip(rows)
            .map(|(label, row)| ScoredPicture {
                logits: reals(row).into_iter().map(|logit| logit as f32).collect(),
                label,
            })
            .collect();
        let (found, wanted) =
            (temperature(&scored).unwrap(), case["temperature"].as_f64().unwrap());
        assert!((found - wanted).abs() < 1e-6 * wanted, "{name}: {found} {wanted}");
    }
}
