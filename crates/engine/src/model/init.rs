//! First weights, drawn on the CPU so that every engine starts from the same numbers.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Draws weights as fastai and PyTorch do.
pub struct Initializer<'a> {
    rng: ChaCha8Rng,
    device: &'a Device,
}

impl<'a> Initializer<'a> {
    /// Starts from a random stream of its own.
    pub fn new(rng: ChaCha8Rng, device: &'a Device) -> Self {
        Self { rng, device }
    }

    /// Uniform in ±`bound`.
    pub fn uniform<const D: usize>(&mut self, shape: [usize; D], bound: f32) -> Param<Tensor<D>> {
        let values = (0..shape.iter().product())
            .map(|_| self.rng.random_range(-bound..bound))
            .collect::<Vec<f32>>();
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    /// A convolution's weight `[nf, ni, ks, ks]`.
    ///
    /// Before a ReLU: Kaiming uniform with a = 0, bound √(6 / fan_in) (fastai's `init_default` for
    /// `act_cls`). Otherwise PyTorch's default, bound 1 / √fan_in.
    pub fn conv(&mut self, shape: [usize; 4], before_relu: bool) -> Param<Tensor<4>> {
        let fan_in = (shape[1] * shape[2] * shape[3]) as f32;
        let bound = if before_relu { (6.0 / fan_in).sqrt() } else { 1.0 / fan_in.sqrt() };
        self.uniform(shape, bound)
    }

    /// One number everywhere.
    pub fn constant(&self, length: usize, value: f32) -> Param<Tensor<1>> {
        Param::from_data(TensorData::new(vec![value; length], [length]), self.device)
    }

    /// Where the weights live.
    pub fn device(&self) -> &Device {
        self.device
    }
}
