//! Grad-CAM: where in the picture the evidence for a class lies.
//!
//! The class's logit is differentiated with respect to the last stage's output; each channel of
//! that output is weighted with its mean gradient, the weighted channels are summed, and what is
//! negative speaks against the class and is left out (Selvaraju et al., 2017, equations 1 and 2).

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use resnette_protocol::predict::HeatMap;

use crate::model::Network;

/// Gradient of each picture's logit for its class with respect to its features.
///
/// The features come from a plain device, where norms use their running statistics, and only then
/// become a leaf of an autodiff graph: our norm would use the batch's statistics if the whole
/// network ran there. Between the features and the logits there is no norm, so the gradient is the
/// evaluation mode's. Pictures do not touch each other after that, and one backward pass from the
/// sum of their logits serves them all.
///
/// # Shapes
/// `[n, features, h, w]` and `n` classes to `[n, features, h, w]`; nothing where the engine kept no
/// gradient.
pub fn gradients(network: &Network, features: Tensor<4>, classes: &[u32]) -> Option<Tensor<4>> {
    let device: Device = features.device();
    let leaf = features.autodiff().require_grad();
    let logits = network.classify(leaf.clone());
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

/// `Σ mean gradient · channel`, without the negative part cut off.
///
/// # Shapes
/// Two times `[n, features, h, w]` to `[n, h, w]`.
pub fn evidence(features: Tensor<4>, gradients: Tensor<4>) -> Tensor<3> {
    let [n, channels, h, w] = features.dims();
    let weights = gradients.reshape([n, channels, h * w]).mean_dim(2);
    (features.reshape([n, channels, h * w]) * weights).sum_dim(1).reshape([n, h, w])
}

/// One map a picture, for its class, scaled so that the strongest cell is 1.
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
    let cells: Vec<f32> = match gradients(network, features.clone(), classes) {
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
    use resnette_spec::read_link;
    use serde_json::Value;

    use super::*;
    use crate::model::container;
    use crate::model::file::ModelFile;
    use crate::model::weights::{Array, Weights};

    const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

    fn fixture(name: &str) -> Weights {
        container::read(&std::fs::read(format!("{FIXTURES}/{name}.safetensors")).unwrap())
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
            read_link("size=80&layers=1,1,1,1&block=bottleneck&expansion=4&width=4&stem=4,4,8")
                .0
                .run;
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
        let told: Value =
            serde_json::from_slice(&std::fs::read(format!("{FIXTURES}/grad_cam.json")).unwrap())
                .unwrap();
        for class in [2u32, 5] {
            let numbers = |key: &str| -> Vec<f32> {
                let rows = told["classes"][class.to_string()][key].as_array().unwrap();
                rows.iter()
                    .flat_map(|row| row.as_array().unwrap())
                    .map(|cell| cell.as_f64().unwrap() as f32)
                    .collect()
            };
            let gradients = gradients(&network, features.clone(), &[class]).unwrap();
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
