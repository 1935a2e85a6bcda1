//! Tests whether this engine computes what PyTorch computes, with a few training steps of a tiny
//! network.
//!
//! Graphics drivers differ, and a faulty one often computes wrong numbers without any error. The
//! network has every kind of layer: stem, max-pool, bottleneck blocks with an average pool and a
//! 1×1 convolution in the skip connection, head. The losses of later steps depend on every
//! gradient, and the logits in evaluation mode on every running statistic. Weights and pictures are
//! sines, so that only PyTorch's results have to be stored; `tests/golden/self_test.py` computes
//! them.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use resnette_spec::architecture::{Architecture, TensorShapes};
use resnette_spec::random::{Purpose, stream};
use resnette_spec::{Activation, Block, Family, HeadKind, NetConfig, Schedule, StemPool, schedule};

use crate::model::ResNet;
use crate::model::weights::{Array, Weights, load_weights};
use crate::train::adam::Adam;
use crate::train::learner::LearnerError;
use crate::train::loss::{soft_cross_entropy, targets};

/// Largest relative difference from PyTorch that an engine may have, the same as in the tests of
/// WebGPU.
pub const TOLERANCE: f64 = 1e-3;

const CLASSES: u32 = 4;
const PICTURES: usize = 6;
const SIDE: usize = 20;
const LR: f64 = 3e-3;
const WD: f64 = 0.01;

/// PyTorch's results.
#[derive(Debug, serde::Deserialize)]
struct Answer {
    /// The loss before each step.
    losses: Vec<f64>,
    /// The logits in evaluation mode after the last step.
    logits: Vec<f64>,
}

/// Trains the test's network on a plain device (without autodiff). Returns the largest difference
/// from PyTorch's losses, relative to the largest loss, or from its logits, relative to the largest
/// logit, whichever is larger.
///
/// # Errors
/// [`LearnerError::Engine`] if the device fails.
pub async fn self_test(device: &Device) -> Result<f64, LearnerError> {
    let answer: Answer =
        serde_json::from_str(include_str!("../../tests/golden/self_test.json")).map_err(broken)?;
    let training = device.clone().autodiff();
    let architecture = Architecture::new(
        &NetConfig {
            family: Family::ResNet,
            layers: vec![1, 2],
            block: Block::Bottleneck,
            expansion: 1,
            width: 8,
            stem: vec![4, 8],
            head: HeadKind::Linear,
            act: Activation::Relu,
            cut: Vec::new(),
            se: 0,
            sa: 0,
            groups: 1,
            pool: StemPool::Max,
        },
        CLASSES,
    );
    let first = ResNet::new(&architecture, stream(0, Purpose::Init, 0), &training);
    let mut model = load_weights(first, &weights(&architecture.tensors())).map_err(broken)?;
    let pixels = sines(PICTURES * 3 * SIDE * SIDE, 0.37, 0.0);
    let images = |device| {
        Tensor::<4>::from_data(TensorData::new(pixels.clone(), [PICTURES, 3, SIDE, SIDE]), device)
    };
    let labels: Vec<u32> = (0..PICTURES as u32).map(|index| index % CLASSES).collect();
    let mut adam = Adam::new(WD);
    let mut losses = Vec::new();
    for step in 0..answer.losses.len() {
        let wanted = targets(&labels, CLASSES as usize, 0.1, None, &training);
        let loss = soft_cross_entropy(model.forward(images(&training)), wanted);
        let mut grads = loss.backward();
        let hyper = schedule::at(Schedule::OneCycle, LR, step as f64 / answer.losses.len() as f64);
        model = adam.step(model, &mut grads, hyper, |_| 1.0);
        losses.extend(loss.inner().into_data_async().await?.iter::<f64>());
    }
    let logits = model.valid().forward(images(device)).into_data_async().await?;
    Ok(gap(&losses, &answer.losses)
        .max(gap(&logits.iter::<f64>().collect::<Vec<_>>(), &answer.logits)))
}

/// An error that only a fault in this program can cause, as an engine's failure.
fn broken(error: impl ToString) -> LearnerError {
    LearnerError::Engine(error.to_string())
}

/// The largest difference, relative to the largest wanted value; infinite if a value is not finite
/// or missing.
fn gap(found: &[f64], wanted: &[f64]) -> f64 {
    if found.len() != wanted.len() || found.iter().any(|value| !value.is_finite()) {
        return f64::INFINITY;
    }
    let largest = wanted.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    found
        .iter()
        .zip(wanted)
        .fold(0.0, |most: f64, (found, wanted)| most.max((found - wanted).abs()))
        / largest
}

/// The numbers `sin(step · index + start)` for `count` indices.
fn sines(count: usize, step: f64, start: f64) -> Vec<f32> {
    (0..count).map(|index| (step * index as f64 + start).sin() as f32).collect()
}

/// The first weights: sines that start at the number of the tensor in the order of the names.
fn weights(shapes: &TensorShapes) -> Weights {
    let tensor = |(number, (name, shape)): (usize, (&String, &Vec<usize>))| {
        let count = shape.iter().product();
        let (middle, scale) = match name.rsplit('.').next() {
            Some("running_mean") => (0.0, 0.0),
            Some("running_var") => (1.0, 0.0),
            Some("bias") => (0.0, 0.1),
            _ if name.contains(".norm.") => (1.0, 0.2),
            _ => (0.0, (6.0 / (count / shape[0]) as f64).sqrt()),
        };
        let values = sines(count, 0.7, number as f64)
            .into_iter()
            .map(|sine| (middle + scale * f64::from(sine)) as f32)
            .collect();
        (name.clone(), Array { shape: shape.clone(), values })
    };
    shapes.iter().enumerate().map(tensor).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn flex_computes_what_pytorch_computes() {
        let gap = block_on(self_test(&Device::flex())).unwrap();
        assert!(gap < 1e-5, "{gap}");
    }

    #[test]
    fn a_gap_is_seen() {
        assert_eq!(gap(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
        assert_eq!(gap(&[1.0, 2.5], &[1.0, 2.0]), 0.25);
        assert_eq!(gap(&[1.0, f64::NAN], &[1.0, 2.0]), f64::INFINITY);
        assert_eq!(gap(&[1.0], &[1.0, 2.0]), f64::INFINITY);
    }
}
