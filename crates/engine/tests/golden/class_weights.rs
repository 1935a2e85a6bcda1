//! Weighted classes, against PyTorch's `cross_entropy`.

use burn::tensor::{Tensor, TensorData};
use resnette_engine::train::class_weights::ClassWeights;
use resnette_engine::train::loss::soft_cross_entropy;

use super::fixture::{download, integers, json, reals};
use super::tolerance::Engine;

#[test]
fn weighted_losses_and_their_gradients_are_pytorchs() {
    let device = Engine::start().device.autodiff();
    let info = json("class_weights");
    let labels = integers(&info["labels"]);
    let weights = ClassWeights::balanced(&integers(&info["counts"]));
    let logits: Vec<f32> = reals(&info["logits"]).iter().map(|&logit| logit as f32).collect();
    for case in info["cases"].as_array().unwrap() {
        let data = TensorData::new(logits.clone(), [labels.len(), 4]);
        let leaf = Tensor::<2>::from_data(data, &device).require_grad();
        let wanted = weights.targets(&labels, case["smoothing"].as_f64().unwrap(), None, &device);
        let loss = soft_cross_entropy(leaf.clone(), wanted);
        let found = f64::from(download(loss.clone()).values[0]);
        assert!((found - case["loss"].as_f64().unwrap()).abs() < 1e-5, "{found}: {case}");
        let gradient = download(leaf.grad(&loss.backward()).unwrap());
        for (found, wanted) in gradient.values.iter().zip(reals(&case["gradient"])) {
            assert!((f64::from(*found) - wanted).abs() < 1e-6, "{found} {wanted}");
        }
    }
}
