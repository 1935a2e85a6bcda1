//! The first weights of a network. They are drawn on the CPU, so that every engine starts from the
//! same numbers.

use burn::module::Param;
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use resnette_spec::random::normal_pair;

/// Draws weights from the distributions that fastai and PyTorch use.
pub struct Initializer<'a> {
    rng: ChaCha8Rng,
    device: &'a Device,
}

impl<'a> Initializer<'a> {
    /// An initializer that draws from `rng` and puts the weights on `device`.
    pub fn new(rng: ChaCha8Rng, device: &'a Device) -> Self {
        Self { rng, device }
    }

    /// Numbers that are uniformly distributed in ±`bound`.
    pub fn uniform<const D: usize>(&mut self, shape: [usize; D], bound: f32) -> Param<Tensor<D>> {
        let values = (0..shape.iter().product())
            .map(|_| self.rng.random_range(-bound..bound))
            .collect::<Vec<f32>>();
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    /// The weight of a linear layer before a ReLU: normally distributed with variance 2 / inputs
    /// (PyTorch's `kaiming_normal_`).
    ///
    /// # Shapes
    /// `[outputs, inputs]`.
    pub fn kaiming_normal(&mut self, shape: [usize; 2]) -> Param<Tensor<2>> {
        let deviation = (2.0 / shape[1].max(1) as f64).sqrt();
        self.normal(shape, deviation)
    }

    /// Numbers that are normally distributed around 0.
    pub fn normal<const D: usize>(
        &mut self,
        shape: [usize; D],
        deviation: f64,
    ) -> Param<Tensor<D>> {
        let count: usize = shape.iter().product();
        let mut values = Vec::with_capacity(count + 1);
        while values.len() < count {
            values.extend(normal_pair(&mut self.rng).map(|number| (number * deviation) as f32));
        }
        values.truncate(count);
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    /// A random direction: normally distributed numbers, divided by the length of their vector.
    ///
    /// # Shapes
    /// `[length]`.
    pub fn direction(&mut self, length: usize) -> Tensor<1> {
        let mut values = Vec::with_capacity(length + 1);
        while values.len() < length {
            values.extend(normal_pair(&mut self.rng));
        }
        values.truncate(length);
        let norm = values.iter().map(|value| value * value).sum::<f64>().sqrt();
        let values: Vec<f32> = values.into_iter().map(|value| (value / norm) as f32).collect();
        Tensor::from_data(TensorData::new(values, [length]), self.device)
    }

    /// A convolution's weight.
    ///
    /// Before a ReLU it is Kaiming uniform with a = 0, bound √(6 / fan_in) (fastai's `init_default`
    /// for `act_cls`), otherwise PyTorch's default, bound 1 / √fan_in.
    ///
    /// # Shapes
    /// `[nf, ni, ks, ks]`.
    pub fn conv(&mut self, shape: [usize; 4], before_relu: bool) -> Param<Tensor<4>> {
        let fan_in = (shape[1] * shape[2] * shape[3]) as f32;
        let bound = if before_relu { (6.0 / fan_in).sqrt() } else { 1.0 / fan_in.sqrt() };
        self.uniform(shape, bound)
    }

    /// `length` times the same number.
    ///
    /// # Shapes
    /// `[length]`.
    pub fn constant(&self, length: usize, value: f32) -> Param<Tensor<1>> {
        Param::from_data(TensorData::new(vec![value; length], [length]), self.device)
    }

    /// The device that the weights are put on.
    pub fn device(&self) -> &Device {
        self.device
    }
}
