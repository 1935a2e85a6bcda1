//! Temperature and energy against PyTorch.

use resnette_engine::predict::calibration::{least_energy, temperature};
use resnette_engine::train::metrics::ScoredPicture;

use crate::fixture::{integers, json, reals};

#[test]
fn temperature_and_energy_are_pytorchs() {
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
        let energy = f64::from(least_energy(&scored).unwrap());
        for (found, key) in
            [(temperature(&scored).unwrap(), "temperature"), (energy, "least_energy")]
        {
            let wanted = case[key].as_f64().unwrap();
            assert!((found - wanted).abs() < 1e-6 * wanted.abs(), "{name} {key} {found}");
        }
    }
}
