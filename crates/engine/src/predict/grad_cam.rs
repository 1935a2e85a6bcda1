//! Grad-CAM: where in the picture the evidence for a class lies.
//!
//! The class's logit is differentiated with respect to the output of the last stage. Each channel
//! of that output is weighted with its mean gradient, and the weighted channels are summed.
//! Negative sums are evidence against the class and become 0.
//!
//! Source: Selvaraju et al., "Grad-CAM: Visual explanations from deep networks via gradient-based
//! localization", equations 1 and 2, [arXiv:1610.02391](https://arxiv.org/abs/1610.02391).

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use resnette_protocol::predict::HeatMap;

use crate::model::Network;

/// The gradient of each picture's logit for its class with respect to its features; `None` if the
/// engine kept no gradient.
///
/// The features are computed on a plain device and only then become a leaf of an autodiff graph: if
/// the whole network ran with autodiff, the batch norms would use the statistics of the batch. The
/// head is evaluated with its norms' running statistics, so that the gradient is that of evaluation
/// mode. There the pictures do not depend on each other, so that one backward pass from the sum of
/// their logits gives the gradients of all.
///
/// # Shapes
/// `features` is `[n, channels, h, w]`, and so is the result; `classes` has length `n`.
pub fn feature_gradients(
    network: &Network,
    features: Tensor<4>,
    classes: &[u32],
) -> Option<Tensor<4>> {
    let device: Device = features.device();
    let leaf = features.autodiff().require_grad();
    let logits = network.classify_evaluated(leaf.clone());
    let [n, count] = logits.dims();
    let mut chosen = vec![0.0f32; n * count];
    for (row, &class) in chosen.chunks_exact_mut(count).zip(classes) {
        if let Some(cell) = row.get_mut(class as usize) {
            *cell = 1.0;
        }
    }
    let chosen = Tensor::<2>::from_data(TensorData::new(chosen, [n, count]), &device.autodiff());
    let grads = (logits * chosen).sum().backward();
    leaf.grad(&grads)
}

/// `Σ mean gradient · channel`, the sum over all channels with its negative part (equation 2
/// without the ReLU).
///
/// # Shapes
/// `features` and `gradients` are `[n, channels, h, w]`, the result `[n, h, w]`.
pub fn evidence(features: Tensor<4>, gradients: Tensor<4>) -> Tensor<3> {
    let [n, channels, h, w] = features.dims();
    let weights = gradients.reshape([n, channels, h * w]).mean_dim(2);
    (features.reshape([n, channels, h * w]) * weights).sum_dim(1).reshape([n, h, w])
}

/// A heat map of each picture for its class, scaled so that the strongest cell is 1. `names` are
/// the names of all classes.
///
/// # Shapes
/// `features` is `[n, channels, h, w]`; `classes` has length `n`.
///
/// # Errors
/// The device failed.
pub async fn heat_maps(
    network: &Network,
    features: Tensor<4>,
    classes: &[u32],
    names: &[String],
) -> Result<Vec<HeatMap>, ExecutionError> {
    let [n, _, h, w] = features.dims();
    let cells: Vec<f32> = match feature_gradients(network, features.clone(), classes) {
        Some(gradients) => {
            evidence(features, gradients).into_data_async().await?.iter::<f32>().collect()
        }
        None => vec![0.0; n * h * w],
    };
    let maps = cells.chunks_exact((h * w).max(1)).zip(classes).map(|(cells, &class)| {
        let most = cells.iter().copied().fold(0f32, f32::max);
        let scale = if most > 0.0 { 1.0 / most } else { 0.0 };
        HeatMap {
            class: names.get(class as usize).cloned().unwrap_or_default(),
            width: w as u32,
            height: h as u32,
            cells: cells.iter().map(|cell| (cell * scale).clamp(0.0, 1.0)).collect(),
        }
    });
    Ok(maps.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures::executor::block_on;
    use resnette_spec::read_run;
    use serde_json::Value;

    use super::*;
    use crate::model::file::ModelFile;
    use crate::model::safetensors;
    use crate::model::weights::{Array, Weights};

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

    fn fixture(name: &str) -> Weights {
        safetensors::read(&std::fs::read(format!("{FIXTURES}/{name}.safetensors")).unwrap())
            .unwrap()
            .1
    }

    fn tensor(array: &Array) -> Tensor<4> {
        Tensor::from_data(
            TensorData::new(array.values.clone(), array.shape.clone()),
            &Device::flex(),
        )
    }

    fn close<const D: usize>(found: Tensor<D>, wanted: &[f32], what: &str) {
        let found = found.into_data().try_to_vec::<f32>().unwrap();
        let most = wanted.iter().fold(0f32, |most, x| most.max(x.abs()));
        let gap = found.iter().zip(wanted).fold(0f32, |gap, (a, b)| gap.max((a - b).abs()));
        assert!(found.len() == wanted.len() && gap < 1e-3 * most, "{what}: {gap} of {most}");
    }

    /// PyTorch with hooks on the same weights (`tests/golden/README.md`).
    #[test]
    fn maps_are_pytorchs() {
        let cam = fixture("grad_cam");
        let run =
            read_run("size=80&layers=1,1,1,1&block=bottleneck&expansion=4&width=4&stem=4,4,8").0;
        let all = fixture("resnet_bottleneck");
        let weights = all.iter().filter_map(|(name, array)| {
            Some((name.strip_prefix("step20.")?.to_string(), array.clone()))
        });
        let names: Vec<String> = (0..10).map(|class| class.to_string()).collect();
        let file = ModelFile::new(run, names.clone(), Vec::new(), weights.collect()).unwrap();
        let network = file.build(&Device::flex()).unwrap();
        let features = network.features(tensor(&cam["input"]));
        close(features.clone(), &cam["activations"].values, "activations");
        close(network.classify(features.clone()), &cam["logits"].values, "logits");
        let cams: Value =
            serde_json::from_slice(&std::fs::read(format!("{FIXTURES}/grad_cam.json")).unwrap())
                .unwrap();
        for class in [2u32, 5] {
            let numbers = |key: &str| -> Vec<f32> {
                let rows = cams["classes"][class.to_string()][key].as_array().unwrap();
                rows.iter()
                    .flat_map(|row| row.as_array().unwrap())
                    .map(|cell| cell.as_f64().unwrap() as f32)
                    .collect()
            };
            let gradients = feature_gradients(&network, features.clone(), &[class]).unwrap();
            close(gradients.clone(), &cam[&format!("grad{class}")].values, "gradient");
            close(evidence(features.clone(), gradients), &numbers("raw"), "evidence");
            let maps = block_on(heat_maps(&network, features.clone(), &[class], &names)).unwrap();
            let wanted = numbers("cam");
            let most = wanted.iter().copied().fold(0f32, f32::max);
            assert_eq!(
                (maps[0].class.as_str(), maps[0].width, maps[0].height),
                (names[class as usize].as_str(), 3, 3)
            );
            assert!(
                maps[0]
                    .cells
                    .iter()
                    .zip(&wanted)
                    .all(|(cell, wanted)| (cell - wanted / most).abs() < 1e-3)
            );
        }
    }

    /// Two pictures in one backward pass get the maps that they get alone.
    #[test]
    fn pictures_do_not_mix() {
        let (network, info, device) = crate::predict::classify::tests::small();
        let values: Vec<f32> = (0..2 * 3 * 48 * 48).map(|i| (i as f32 * 0.11).sin()).collect();
        let input = Tensor::<4>::from_data(TensorData::new(values, [2, 3, 48, 48]), &device);
        let features = network.features(input);
        let both = block_on(heat_maps(&network, features.clone(), &[1, 7], &info.classes)).unwrap();
        for (index, class) in [(0, 1), (1, 7)] {
            let alone = block_on(heat_maps(
                &network,
                features.clone().narrow(0, index, 1),
                &[class],
                &info.classes,
            ))
            .unwrap();
            assert!(
                both[index].cells.iter().zip(&alone[0].cells).all(|(a, b)| (a - b).abs() < 1e-4)
            );
        }
        assert_ne!(both[0].cells, both[1].cells);
    }
}
