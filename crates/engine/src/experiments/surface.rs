//! The loss on a plane through a network's weights.
//!
//! Source: Li et al., "Visualizing the loss landscape of neural nets",
//! [arXiv:1712.09913](https://arxiv.org/abs/1712.09913): two random directions, in which each
//! filter has the norm of the network's own filter. Batch norms and biases are not moved. Here the
//! norms use the statistics of the batch, because the running averages belong only to the weights
//! in the middle of the plane.

use burn::tensor::{Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use resnette_protocol::lesson::SURFACE;
use resnette_spec::architecture::Architecture;
use resnette_spec::random::{Purpose, stream};

use crate::experiments::LessonError;
use crate::model::ResNet;
use crate::model::weights::{Array, Weights, load_weights, read_weights};
use crate::train::loss::soft_cross_entropy;

/// How far the plane reaches to each side of the weights, in norms of the filters.
pub const REACH: f32 = 1.0;

/// A plane through the weights of a network, which are in its middle.
pub struct LossPlane {
    architecture: Architecture,
    middle: Weights,
    directions: [Weights; 2],
}

impl LossPlane {
    /// Draws two random directions through the weights of `model`, whose architecture this is.
    ///
    /// # Errors
    /// [`LessonError::Engine`] if the device failed.
    pub async fn new(
        architecture: Architecture,
        model: &ResNet,
        seed: u32,
    ) -> Result<Self, LessonError> {
        let middle = read_weights(model).await?;
        let direction = |number| direction(&middle, u64::from(seed) << 1 | number);
        let directions = [direction(0), direction(1)];
        Ok(Self { architecture, middle, directions })
    }

    /// The weights at a point of the plane, whose coordinates are multiples of the directions.
    pub fn weights_at(&self, point: [f32; 2]) -> Weights {
        let mut weights = self.middle.clone();
        for (share, direction) in point.into_iter().zip(&self.directions) {
            for (name, array) in direction {
                if let Some(here) = weights.get_mut(name) {
                    here.values
                        .iter_mut()
                        .zip(&array.values)
                        .for_each(|(weight, step)| *weight += share * step);
                }
            }
        }
        weights
    }

    /// The loss of a batch at a point of the plane.
    ///
    /// # Shapes
    /// `images` is `[n, 3, h, w]` and `targets` `[n, classes]`, both on the autodiff `device`.
    ///
    /// # Errors
    /// [`LessonError::Engine`] if the device failed.
    pub async fn loss(
        &self,
        point: [f32; 2],
        images: Tensor<4>,
        targets: Tensor<2>,
        device: &Device,
    ) -> Result<f32, LessonError> {
        // A new network, because a forward pass with autodiff updates the running statistics, and
        // those of the trained network must stay as they are.
        let fresh = ResNet::new(&self.architecture, stream(0, Purpose::Init, 0), device);
        let model = load_weights(fresh, &self.weights_at(point))?;
        let loss =
            soft_cross_entropy(model.forward(images), targets).inner().into_data_async().await?;
        Ok(loss.iter::<f32>().next().unwrap_or(f32::NAN))
    }
}

/// The coordinate of a row or column of the surface: from −[`REACH`] for 0 to [`REACH`] for the
/// last one.
pub fn coordinate(index: u32) -> f32 {
    REACH * (2.0 * index as f32 / (SURFACE - 1) as f32 - 1.0)
}

/// A random direction in which each filter has the norm of the same filter of `weights`.
fn direction(weights: &Weights, seed: u64) -> Weights {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let wide = weights.iter().filter(|(_, array)| array.shape.len() > 1);
    wide.map(|(name, array)| {
        let length = array.values.len() / array.shape[0].max(1);
        let filters = array.values.chunks(length.max(1)).flat_map(|filter| {
            let drawn: Vec<f32> = (0..filter.len()).map(|_| normal(&mut rng)).collect();
            let scale = norm(filter) / norm(&drawn).max(1e-12);
            drawn.into_iter().map(move |value| value * scale)
        });
        (name.clone(), Array { shape: array.shape.clone(), values: filters.collect() })
    })
    .collect()
}

/// A random number of the standard normal distribution (Box–Muller transform).
fn normal(rng: &mut ChaCha8Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    (radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()) as f32
}

/// Euclidean norm.
fn norm(values: &[f32]) -> f32 {
    values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_has_the_filters_norms() {
        let weights: Weights = [
            (
                "conv".to_string(),
                Array {
                    shape: vec![2, 2, 3, 3],
                    values: (0..36).map(|value| value as f32).collect(),
                },
            ),
            ("gamma".to_string(), Array { shape: vec![2], values: vec![1.0, 1.0] }),
        ]
        .into();
        let drawn = direction(&weights, 7);
        assert_eq!(drawn.keys().collect::<Vec<_>>(), ["conv"]);
        for (filter, drawn) in
            weights["conv"].values.chunks(18).zip(drawn["conv"].values.chunks(18))
        {
            assert!((norm(filter) - norm(drawn)).abs() < 1e-3 * norm(filter));
        }
        assert_ne!(drawn, direction(&weights, 8));
        assert_eq!(drawn, direction(&weights, 7));
    }

    #[test]
    fn normal_numbers_are_normal() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let numbers: Vec<f64> = (0..20_000).map(|_| f64::from(normal(&mut rng))).collect();
        let mean = numbers.iter().sum::<f64>() / 2e4;
        let var = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (var - 1.0).abs() < 0.04, "{mean} {var}");
    }

    #[test]
    fn the_middle_point_is_the_middle() {
        assert_eq!(
            (coordinate(0), coordinate(SURFACE / 2), coordinate(SURFACE - 1)),
            (-REACH, 0.0, REACH)
        );
    }
}
