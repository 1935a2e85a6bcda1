//! Dropout before the head (Srivastava et al., 2014): fastai's `ps`, PyTorch's `nn.Dropout` before
//! the last linear layer.
//!
//! In each training step some numbers of the averaged grid are set to 0 at random and the others
//! are scaled up, so that their expected values stay: `y = x · mask / (1 − p)`, where the mask is 0
//! with probability `p` and 1 otherwise. Validation and prediction use the vector as it is.
//!
//! fastai's head has two, as its `create_head` does: `ps / 2` before its first linear layer and
//! `ps` before the second, where `ps` is the run's dropout, or 0.5 if that is 0.

use burn::tensor::{Tensor, TensorData};
use rand::Rng;
use resnette_spec::random::{Purpose, stream};
use resnette_spec::{HeadKind, RunConfig};

/// fastai's `ps`, unless the run says another.
const FASTAI_RATE: f64 = 0.5;

/// Dropout for one training step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    rate: f64,
    seed: u32,
    step: u32,
    /// Which of a head's dropouts it is, counted from 0.
    place: u32,
}

impl Dropout {
    /// The dropout of a run in training step `step`, counted from 0, before linear layer `place` of
    /// a head, counted from 0; `None` if there is none.
    pub fn new(config: &RunConfig, head: HeadKind, step: u32, place: u32) -> Option<Self> {
        let chosen = config.recipe.dropout;
        let rate = match (head, place) {
            (HeadKind::Auto | HeadKind::Linear, _) => chosen,
            (HeadKind::Fastai, place) => {
                let rate = if chosen > 0.0 { chosen } else { FASTAI_RATE };
                if place == 0 { rate / 2.0 } else { rate }
            }
        };
        (rate > 0.0).then_some(Self { rate, seed: config.seed, step, place })
    }

    /// Drops numbers of `input`, on the device and in the graph of `input`.
    ///
    /// # Shapes
    /// `[n, features]`, `f32`, to the same.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let shape = input.dims();
        let factors = TensorData::new(self.factors(shape[0] * shape[1]), shape);
        let factors = Tensor::from_data(factors, &input.device());
        input * factors
    }

    /// What each of `count` numbers is multiplied with: 0 or `1 / (1 − p)`. They are drawn on the
    /// CPU from a stream of their own, so that all engines drop the same numbers and a resumed run
    /// drops those that the uninterrupted one would.
    fn factors(&self, count: usize) -> Vec<f32> {
        let position = u64::from(self.place) << 32 | u64::from(self.step);
        let mut rng = stream(self.seed, Purpose::Dropout, position);
        let scale = (1.0 / (1.0 - self.rate)) as f32;
        (0..count).map(|_| if rng.random_bool(self.rate) { 0.0 } else { scale }).collect()
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::Device;

    use super::*;

    fn dropout(rate: f64, step: u32) -> Dropout {
        let mut config = RunConfig { seed: 7, ..RunConfig::default() };
        config.recipe.dropout = rate;
        Dropout::new(&config, HeadKind::Linear, step, 0).unwrap()
    }

    #[test]
    fn there_is_none_at_rate_0() {
        assert_eq!(Dropout::new(&RunConfig::default(), HeadKind::Linear, 3, 0), None);
    }

    /// `create_head(…, ps=0.5)` has `Dropout(0.25)` and `Dropout(0.5)`, each with a mask of its
    /// own.
    #[test]
    fn fastais_head_has_two() {
        let rates = |chosen: f64| {
            let mut config = RunConfig::default();
            config.recipe.dropout = chosen;
            [0, 1].map(|place| Dropout::new(&config, HeadKind::Fastai, 3, place).unwrap())
        };
        let [first, second] = rates(0.0);
        assert_eq!((first.rate, second.rate), (0.25, 0.5));
        assert_ne!(Dropout { place: 1, ..first }.factors(64), first.factors(64));
        let [first, second] = rates(0.2);
        assert_eq!((first.rate, second.rate), (0.1, 0.2));
    }

    #[test]
    fn the_share_is_the_rate_and_the_mean_stays() {
        const COUNT: usize = 100_000;
        for rate in [0.1, 0.5, 0.9] {
            let factors = dropout(rate, 0).factors(COUNT);
            let dropped = factors.iter().filter(|&&factor| factor == 0.0).count();
            assert!((dropped as f64 / COUNT as f64 - rate).abs() < 0.01, "{rate}: {dropped}");
            let scale = (1.0 / (1.0 - rate)) as f32;
            assert!(factors.iter().all(|&factor| factor == 0.0 || factor == scale), "{rate}");
        }
    }

    #[test]
    fn every_step_and_every_seed_has_a_mask_of_its_own() {
        let first = dropout(0.5, 0);
        assert_eq!(first.factors(64), first.factors(64));
        assert_ne!(first.factors(64), dropout(0.5, 1).factors(64));
        assert_ne!(first.factors(64), Dropout { seed: 8, ..first }.factors(64));
    }

    /// `torch.nn.functional.dropout` returns `x * mask / (1 - p)`, and the gradient of its input is
    /// the same factor.
    #[test]
    fn values_and_gradients_are_pytorchs_for_the_same_mask() {
        let device = Device::flex().autodiff();
        let dropout = dropout(0.25, 5);
        let values: Vec<f32> = (0..24).map(|index| index as f32 * 0.5 - 3.0).collect();
        let input = Tensor::<2>::from_data(TensorData::new(values.clone(), [4, 6]), &device);
        let input = input.require_grad();
        let output = dropout.forward(input.clone());
        let gradient = input.grad(&output.clone().sum().backward()).unwrap();
        let floats = |tensor: Tensor<2>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
        let (output, gradient) = (floats(output.inner()), floats(gradient));
        let mask: Vec<bool> = gradient.iter().map(|&factor| factor != 0.0).collect();
        assert!(mask.contains(&true) && mask.contains(&false));
        for index in 0..values.len() {
            let kept = f32::from(u8::from(mask[index]));
            assert!((output[index] - values[index] * kept / 0.75).abs() < 1e-6, "{index}");
            assert!((gradient[index] - kept / 0.75).abs() < 1e-6, "{index}");
        }
    }
}
