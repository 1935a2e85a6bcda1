//! Squeeze-and-excitation at the end of a block's residual path: fastai's `SEModule`.
//!
//! Source: Hu, Shen, Albanie, Sun and Wu, "Squeeze-and-Excitation Networks",
//! [arXiv:1709.01507](https://arxiv.org/abs/1709.01507).

use burn::module::{Module, Param};
use burn::tensor::Tensor;
use burn::tensor::activation::{mish, relu, sigmoid};
use resnette_spec::Activation;
use resnette_spec::architecture::SqueezeSpec;

use crate::model::init::Initializer;

/// fastai's deviation of a first bias (`init_linear`).
const BIAS_DEVIATION: f64 = 0.01;

/// `x · sigmoid(excite(act(squeeze(mean(x)))))`, where the mean is that of each channel over the
/// grid. It is made of Burn's operations: vectors are small, and only the product with the grid is
/// not.
#[derive(Module, Debug)]
pub struct SqueezeExcite {
    /// From all channels to fewer.
    pub squeeze: Pointwise,
    /// Back to all.
    pub excite: Pointwise,
    mish: bool,
}

/// PyTorch's `Conv2d(inputs, outputs, 1)` on a grid of one cell: a linear layer.
#[derive(Module, Debug)]
pub struct Pointwise {
    /// `[outputs, inputs, 1, 1]`, as PyTorch stores it.
    pub weight: Param<Tensor<4>>,
    /// `[outputs]`.
    pub bias: Param<Tensor<1>>,
}

impl SqueezeExcite {
    /// The module with fastai's first weights: Kaiming uniform before ReLU and Mish, Xavier uniform
    /// before the sigmoid, and normally distributed biases with a deviation of 0.01.
    pub fn new(spec: SqueezeSpec, act: Activation, init: &mut Initializer<'_>) -> Self {
        let [channels, hidden] = [spec.channels, spec.hidden].map(|number| number as usize);
        let kaiming = (6.0 / channels as f32).sqrt();
        let xavier = (6.0 / (channels + hidden) as f32).sqrt();
        Self {
            squeeze: Pointwise::new(channels, hidden, kaiming, init),
            excite: Pointwise::new(hidden, channels, xavier, init),
            mish: act == Activation::Mish,
        }
    }

    /// The grid with each channel multiplied by a number from 0 to 1.
    ///
    /// # Shapes
    /// `[n, channels, h, w]` to the same.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [n, channels, h, w] = input.dims();
        let means = input.clone().reshape([n, channels, h * w]).mean_dim(2);
        let squeezed = self.squeeze.forward(means.reshape([n, channels]));
        let squeezed = if self.mish { mish(squeezed) } else { relu(squeezed) };
        let scale = sigmoid(self.excite.forward(squeezed));
        input * scale.reshape([n, channels, 1, 1])
    }
}

impl Pointwise {
    fn new(inputs: usize, outputs: usize, bound: f32, init: &mut Initializer<'_>) -> Self {
        Self {
            weight: init.uniform([outputs, inputs, 1, 1], bound),
            bias: init.normal([outputs], BIAS_DEVIATION),
        }
    }

    /// The layer on the averages.
    ///
    /// # Shapes
    /// `[n, inputs]` to `[n, outputs]`.
    fn forward(&self, vectors: Tensor<2>) -> Tensor<2> {
        let weight = self.weight.val();
        let [outputs, inputs, _, _] = weight.dims();
        let weight = weight.reshape([outputs, inputs]).transpose();
        vectors.matmul(weight) + self.bias.val().unsqueeze::<2>()
    }
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use burn::tensor::{Device, Distribution};
    use resnette_spec::random::{Purpose, stream};

    use super::*;

    fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn first_weights_are_fastais() {
        let device = Device::flex();
        let mut init = Initializer::new(stream(7, Purpose::Init, 0), &device);
        let spec = SqueezeSpec::new(512, 4);
        let module = SqueezeExcite::new(spec, Activation::Relu, &mut init);
        let most = |values: &[f32]| values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let [squeeze, excite] =
            [&module.squeeze, &module.excite].map(|part| floats(part.weight.val()));
        assert_eq!((squeeze.len(), excite.len()), (128 * 512, 512 * 128));
        for (values, bound) in
            [(squeeze, (6.0f32 / 512.0).sqrt()), (excite, (6.0f32 / 640.0).sqrt())]
        {
            let most = most(&values);
            assert!(most <= bound && most > 0.99 * bound, "{most} of {bound}");
        }
        let biases = floats(module.excite.bias.val());
        let square = biases.iter().map(|bias| bias * bias).sum::<f32>() / biases.len() as f32;
        assert!((0.008..0.012).contains(&square.sqrt()), "{}", square.sqrt());
    }

    /// A channel is multiplied by one number, and that is between 0 and 1.
    #[test]
    fn each_channel_is_scaled_as_a_whole() {
        let device = Device::flex();
        let mut init = Initializer::new(stream(8, Purpose::Init, 0), &device);
        let module = SqueezeExcite::new(SqueezeSpec::new(8, 2), Activation::Mish, &mut init);
        let input = Tensor::<4>::random([3, 8, 4, 5], Distribution::Uniform(0.5, 2.0), &device);
        let scales = floats(module.forward(input.clone()) / input);
        let mut seen = std::collections::BTreeSet::new();
        for cells in scales.chunks_exact(4 * 5) {
            assert!(cells.iter().all(|scale| (0.0..1.0).contains(scale)));
            assert!(cells.iter().all(|scale| (scale - cells[0]).abs() < 1e-6));
            seen.insert((cells[0] * 1e6) as u32);
        }
        assert!(seen.len() > 8, "{seen:?}");
    }
}
