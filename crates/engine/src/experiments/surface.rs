//! The loss on a plane through a network's weights.
//!
//! Source: Li et al., "Visualizing the loss landscape of neural nets" (2018): two random
//! directions, each filter of them scaled to the length of the network's own filter; norms and
//! biases stay where they are. Here the norms use the statistics of the batch, since running
//! averages belong to the weights in the middle only.

use burn::tensor::{Device, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use resnette_protocol::lesson::SURFACE;
use resnette_spec::architecture::Plan;
use resnette_spec::random::{Purpose, stream};

use crate::experiments::LessonError;
use crate::model::ResNet;
use crate::model::weights::{Array, Weights, load_weights, read_weights};
use crate::train::loss::soft_cross_entropy;

/// How far the plane goes to each side, in lengths of the filters.
pub const REACH: f32 = 1.0;

/// A plane through a network's weights.
pub struct Plane {
    plan: Plan,
    middle: Weights,
    directions: [Weights; 2],
}

impl Plane {
    /// Draws two directions at the weights of `model`, which `plan` lays out.
    ///
    /// # Errors
    /// The device failed.
    pub async fn new(plan: Plan, model: &ResNet, seed: u32) -> Result<Self, LessonError> {
        let middle = read_weights(model).await?;
        let direction = |number| direction(&middle, u64::from(seed) << 1 | number);
        let directions = [direction(0), direction(1)];
        Ok(Self { plan, middle, directions })
    }

    /// The weights at a place of the plane.
    pub fn at(&self, along: [f32; 2]) -> Weights {
        let mut weights = self.middle.clone();
        for (share, direction) in along.into_iter().zip(&self.directions) {
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

    /// The loss at a place.
    ///
    /// # Shapes
    /// Images `[n, 3, h, w]`, targets `[n, classes]`, both on the autodiff `device`.
    ///
    /// # Errors
    /// The device failed.
    pub async fn loss(
        &self,
        along: [f32; 2],
        images: Tensor<4>,
        targets: Tensor<2>,
        device: &Device,
    ) -> Result<f32, LessonError> {
        let fresh = ResNet::new(&self.plan, stream(0, Purpose::Init, 0), device);
        // A network of its own: norms follow the batches they see, and the trained network's must
        // not.
        let model = load_weights(fresh, &self.at(along))?;
        let loss =
            soft_cross_entropy(model.forward(images), targets).inner().into_data_async().await?;
        Ok(loss.iter::<f32>().next().unwrap_or(f32::NAN))
    }
}

/// Where a point of a side stands, −[`REACH`] to [`REACH`].
pub fn place(point: u32) -> f32 {
    REACH * (2.0 * point as f32 / (SURFACE - 1) as f32 - 1.0)
}

/// A random direction, filter by filter as long as the weights.
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

/// One normally distributed number (Box and Muller).
fn normal(rng: &mut ChaCha8Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    (radius * (std::f64::consts::TAU * rng.random::<f64>()).cos()) as f32
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_has_the_filters_lengths() {
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
        assert_eq!((place(0), place(SURFACE / 2), place(SURFACE - 1)), (-REACH, 0.0, REACH));
    }
}
