//! What a convolution layer takes and returns, on either back end.
//!
//! The layer is fastai's `ConvLayer`: a convolution without bias, padded by `(ks − 1) / 2`, then
//! batch norm, then the sum with a residual block's identity path, if there is one, then ReLU, if
//! wanted.

use burn::tensor::Tensor;

/// The settings of a layer that are not learned.
#[derive(Clone, Copy, Debug)]
pub struct LayerConfig {
    /// Step of the filter between two output pixels.
    pub stride: usize,
    /// Whether a ReLU follows.
    pub relu: bool,
    /// ε, which is added to the variance before its square root is taken.
    pub epsilon: f64,
    /// Weight of the batch's statistics in the new running statistics; the old ones keep the rest
    /// (PyTorch's convention, 0.1 by default).
    pub momentum: f64,
    /// Whether the statistics of the batch itself take the place of the running ones, so that
    /// several processes can move these together: the mean, and the variance, which is the biased
    /// one on the CPU and the unbiased one on a GPU.
    pub observes: bool,
}

/// The tensors that go into a layer: its input, its parameters and its running statistics.
#[derive(Clone, Debug)]
pub struct LayerInputs {
    /// Feature maps.
    ///
    /// # Shapes
    /// `[n, ci, h, w]`
    pub input: Tensor<4>,
    /// The convolution's weight; the side `ks` of the filter is odd.
    ///
    /// # Shapes
    /// `[co, ci, ks, ks]`
    pub weight: Tensor<4>,
    /// γ, the norm's scale.
    ///
    /// # Shapes
    /// `[co]`
    pub gamma: Tensor<1>,
    /// β, the norm's shift.
    ///
    /// # Shapes
    /// `[co]`
    pub beta: Tensor<1>,
    /// Running mean, not tracked by autodiff.
    ///
    /// # Shapes
    /// `[co]`
    pub running_mean: Tensor<1>,
    /// Running unbiased variance, not tracked by autodiff.
    ///
    /// # Shapes
    /// `[co]`
    pub running_var: Tensor<1>,
    /// A residual block's identity path, added after the norm and before the ReLU.
    ///
    /// # Shapes
    /// `[n, co, h', w']`
    pub residual: Option<Tensor<4>>,
}

/// The result of a layer in training mode.
#[derive(Clone, Debug)]
pub struct TrainingOutput {
    /// Feature maps, tracked by autodiff.
    ///
    /// # Shapes
    /// `[n, co, h', w']`
    pub output: Tensor<4>,
    /// Running mean after this batch, not tracked by autodiff.
    ///
    /// # Shapes
    /// `[co]`
    pub running_mean: Tensor<1>,
    /// Running unbiased variance after this batch, not tracked by autodiff.
    ///
    /// # Shapes
    /// `[co]`
    pub running_var: Tensor<1>,
}
