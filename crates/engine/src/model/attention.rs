//! Self-attention at the end of a block's residual path: fastai's `SimpleSelfAttention`.
//!
//! Its weight is divided by its spectral norm, the largest factor by which it lengthens a vector
//! (Miyato, Kataoka, Koyama and Yoshida, "Spectral normalization for generative adversarial
//! networks", [arXiv:1802.05957](https://arxiv.org/abs/1802.05957)), with the arithmetic of
//! PyTorch's `torch.nn.utils.spectral_norm`: two vectors follow the weight by a step of the power
//! iteration in each forward pass of a training, and count as constants in its backward pass.

use burn::module::{Module, Param, RunningState};
use burn::tensor::{Device, Tensor};
use resnette_spec::architecture::AttentionSpec;

use crate::model::batch_norm::{plain_value, replace};
use crate::model::init::Initializer;

/// The least length that a vector is divided by, as in PyTorch.
const LEAST_LENGTH: f64 = 1e-12;

/// `x + gamma · x xᵀ W x / ‖W‖`, where `x` is the grid of one picture as a matrix `[channels, h ·
/// w]`.
///
/// What fastai multiplies as `(x xᵀ) (W x)` is `((x xᵀ) W) x` here, so that one product less goes
/// over the grid. Gamma is 0 at first, so that a network begins as it would without; having rank 1,
/// it gets no weight decay, which in fastai it does.
#[derive(Module, Debug)]
pub struct SelfAttention {
    /// The 1×1 convolution.
    pub conv: SpectralConv,
    /// How much is added, `[1]`.
    pub gamma: Param<Tensor<1>>,
}

/// PyTorch's `spectral_norm(Conv1d(channels, channels, 1, bias=False))`.
#[derive(Module, Debug)]
pub struct SpectralConv {
    /// The weight before it is divided by its norm, `[channels, channels, 1]`.
    pub weight_orig: Param<Tensor<3>>,
    /// The direction in which the weight puts out its longest vectors, about; `[channels]`, not
    /// trained.
    pub weight_u: RunningState<Tensor<1>>,
    /// The direction of the vectors that it lengthens most, about; `[channels]`, not trained.
    pub weight_v: RunningState<Tensor<1>>,
}

impl SelfAttention {
    /// The module with fastai's first weights: Kaiming normal, random directions and a gamma of 0.
    pub fn new(spec: AttentionSpec, init: &mut Initializer<'_>) -> Self {
        let channels = spec.channels as usize;
        let deviation = (2.0 / channels.max(1) as f64).sqrt();
        Self {
            conv: SpectralConv {
                weight_orig: init.normal([channels, channels, 1], deviation),
                weight_u: RunningState::new(init.direction(channels)),
                weight_v: RunningState::new(init.direction(channels)),
            },
            gamma: init.constant(1, 0.0),
        }
    }

    /// The grid with what its channels have in common added. On an autodiff device the directions
    /// follow the weight first.
    ///
    /// # Shapes
    /// `[n, channels, h, w]` to the same.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        if input.device().is_autodiff() {
            self.conv.follow_weight();
        }
        self.forward_evaluated(input)
    }

    /// The same with the directions as they are on every device, for gradients of a network that is
    /// not trained.
    ///
    /// # Shapes
    /// As [`Self::forward`].
    pub fn forward_evaluated(&self, input: Tensor<4>) -> Tensor<4> {
        let [n, channels, h, w] = input.dims();
        let cells = input.reshape([n, channels, h * w]);
        let alike = cells.clone().matmul(cells.clone().transpose());
        let weight = self.conv.weight() * self.gamma.val().unsqueeze::<2>();
        // One product for all pictures.
        let mix = alike.reshape([n * channels, channels]).matmul(weight);
        let added = mix.reshape([n, channels, channels]).matmul(cells.clone());
        (cells + added).reshape([n, channels, h, w])
    }
}

impl SpectralConv {
    /// The weight divided by its norm.
    ///
    /// # Shapes
    /// `[channels, channels]`.
    fn weight(&self) -> Tensor<2> {
        let weight = self.matrix();
        let [outputs, inputs] = weight.dims();
        let [u, v] = self.directions(&weight.device().without_autodiff());
        let longest = (weight.clone() * v.reshape([1, inputs])).sum_dim(1);
        let norm = (longest * u.reshape([outputs, 1])).sum_dim(0);
        weight / norm
    }

    /// A step of the power iteration: `v` becomes the direction of `Wᵀ u`, then `u` that of `W v`.
    /// A network in training takes one for each batch, before its forward pass.
    pub(super) fn follow_weight(&self) {
        let weight = self.matrix().without_autodiff();
        let [outputs, inputs] = weight.dims();
        let [u, _] = self.directions(&weight.device());
        let v = direction((weight.clone() * u.reshape([outputs, 1])).sum_dim(0));
        let u = direction((weight * v.clone()).sum_dim(1));
        replace(&self.weight_u, u.reshape([outputs]));
        replace(&self.weight_v, v.reshape([inputs]));
    }

    /// The weight as a matrix, `[channels, channels]`.
    fn matrix(&self) -> Tensor<2> {
        let weight = self.weight_orig.val();
        let [outputs, inputs, _] = weight.dims();
        weight.reshape([outputs, inputs])
    }

    /// `u` and `v` on a device, not tracked by autodiff, `[channels]` each.
    fn directions(&self, device: &Device) -> [Tensor<1>; 2] {
        [&self.weight_u, &self.weight_v].map(|vector| plain_value(vector, device))
    }
}

/// A row or a column divided by its length.
///
/// # Shapes
/// `[1, length]` or `[length, 1]` to the same.
fn direction(vector: Tensor<2>) -> Tensor<2> {
    let square = vector.clone() * vector.clone();
    vector / square.sum_dim(0).sum_dim(1).sqrt().clamp_min(LEAST_LENGTH)
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::{Distribution, TensorData};
    use resnette_spec::random::{Purpose, stream};

    use super::*;

    const CHANNELS: usize = 6;

    fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
        tensor.into_data().iter::<f64>().collect()
    }

    fn module(device: &Device) -> SelfAttention {
        let mut init = Initializer::new(stream(9, Purpose::Init, 0), device);
        SelfAttention::new(AttentionSpec { channels: CHANNELS as u32 }, &mut init)
    }

    fn directions(module: &SelfAttention) -> [Vec<f64>; 2] {
        module.conv.directions(&Device::flex()).map(floats)
    }

    fn length(vector: &[f64]) -> f64 {
        vector.iter().map(|number| number * number).sum::<f64>().sqrt()
    }

    /// A matrix in rows times a vector.
    fn times(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
        let product = |row: &[f64]| row.iter().zip(vector).map(|(a, b)| a * b).sum::<f64>();
        matrix.chunks_exact(vector.len()).map(product).collect()
    }

    fn transposed(matrix: &[f64], columns: usize) -> Vec<f64> {
        (0..columns).flat_map(|at| matrix.iter().skip(at).step_by(columns).copied()).collect()
    }

    fn near(found: &[f64], wanted: &[f64]) -> bool {
        let largest = wanted.iter().fold(1.0, |most: f64, number| most.max(number.abs()));
        let gap = found.iter().zip(wanted).fold(0.0, |gap: f64, (a, b)| gap.max((a - b).abs()));
        found.len() == wanted.len() && gap < 1e-4 * largest
    }

    /// With its first gamma the module puts out what it is given, to the last bit.
    #[test]
    fn it_begins_without_effect() {
        for device in [Device::flex(), Device::flex().autodiff()] {
            let input = Tensor::<4>::random([3, CHANNELS, 4, 5], Distribution::Default, &device);
            let output = module(&device).forward(input.clone());
            assert_eq!(output.dims(), [3, CHANNELS, 4, 5]);
            assert_eq!(floats(output.inner()), floats(input.inner()));
        }
    }

    /// The sums of the definition, one by one, for two pictures.
    #[test]
    fn it_adds_what_the_definition_says() {
        let device = Device::flex();
        let gamma = 0.25;
        let module = SelfAttention {
            gamma: Param::from_data(TensorData::new(vec![gamma as f32], [1]), &device),
            ..module(&device)
        };
        let [u, v] = directions(&module);
        let weight = floats(module.conv.weight_orig.val());
        let norm: f64 = times(&weight, &v).iter().zip(&u).map(|(a, b)| a * b).sum();
        let cells = 3 * 2;
        let input = Tensor::<4>::random([2, CHANNELS, 3, 2], Distribution::Default, &device);
        let output = floats(module.forward(input.clone()));
        for (x, found) in
            floats(input).chunks_exact(CHANNELS * cells).zip(output.chunks_exact(CHANNELS * cells))
        {
            let mut wanted = x.to_vec();
            for cell in 0..cells {
                let column: Vec<f64> = (0..CHANNELS).map(|row| x[row * cells + cell]).collect();
                let turned = times(&weight, &column);
                let seen = times(&transposed(x, cells), &turned);
                for (row, added) in times(x, &seen).into_iter().enumerate() {
                    wanted[row * cells + cell] += gamma / norm * added;
                }
            }
            assert!(near(found, &wanted), "{found:?} instead of {wanted:?}");
        }
    }

    /// In training the directions take PyTorch's step before they are used, in evaluation none.
    #[test]
    fn the_directions_follow_the_weight_in_training_alone() {
        let device = Device::flex().autodiff();
        let module = module(&device);
        let first = directions(&module);
        assert!(first.iter().all(|vector| (length(vector) - 1.0).abs() < 1e-5), "{first:?}");
        let grid = |device: &Device| Tensor::<4>::ones([2, CHANNELS, 2, 2], device);
        let _ = module.valid().forward(grid(&Device::flex()));
        let _ = module.forward_evaluated(grid(&device));
        assert_eq!(directions(&module), first);
        let weight = floats(module.conv.weight_orig.val().inner());
        let unit = |vector: Vec<f64>| {
            let length = length(&vector);
            vector.into_iter().map(|number| number / length).collect::<Vec<f64>>()
        };
        let v = unit(times(&transposed(&weight, CHANNELS), &first[0]));
        let u = unit(times(&weight, &v));
        let _ = module.forward(grid(&device));
        let [found_u, found_v] = directions(&module);
        assert!(near(&found_u, &u) && near(&found_v, &v), "{found_u:?} {found_v:?}");
        // After many steps the norm is that of the weight, which then lengthens nothing.
        (0..500).for_each(|_| module.conv.follow_weight());
        let weight = floats(module.conv.weight().inner());
        let longest = (0..500).fold(vec![1.0; CHANNELS], |vector, _| {
            unit(times(&transposed(&weight, CHANNELS), &times(&weight, &vector)))
        });
        assert!((length(&times(&weight, &longest)) - 1.0).abs() < 1e-2);
    }

    /// Gamma gets a gradient at once, the weight once gamma is not 0, and the directions never.
    #[test]
    fn gradients_reach_what_is_trained() {
        let device = Device::flex().autodiff();
        let grid = Tensor::<4>::random([2, CHANNELS, 2, 2], Distribution::Default, &device);
        let begun = module(&device);
        let grads = begun.forward(grid.clone()).sum().backward();
        let gamma = begun.gamma.val().grad(&grads).map(floats).unwrap();
        assert!(gamma.len() == 1 && gamma[0] != 0.0, "{gamma:?}");
        let gamma = Param::from_data(TensorData::new(vec![0.5f32], [1]), &device);
        let trained = SelfAttention { gamma, ..begun };
        let grads = trained.forward(grid).sum().backward();
        let weight = trained.conv.weight_orig.val().grad(&grads).map(floats).unwrap();
        assert!(weight.iter().any(|number| *number != 0.0), "{weight:?}");
        for vector in [&trained.conv.weight_u, &trained.conv.weight_v] {
            assert!(vector.value().grad(&grads).is_none());
        }
    }
}
