//! What a kernel is told and what it hands back, whichever family it is of.

use burn::tensor::Tensor;

/// What a layer does, apart from its weights.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Steps of the filter.
    pub stride: usize,
    /// Whether ReLU follows.
    pub act: bool,
    /// Added to the variance.
    pub epsilon: f64,
    /// Weight of a new batch in the running statistics.
    pub momentum: f64,
}

/// A layer's parameters and running statistics, and the identity path that is added before its
/// ReLU.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// `[n, ci, h, w]`.
    pub input: Tensor<4>,
    /// `[co, ci, ks, ks]`, odd `ks`.
    pub weight: Tensor<4>,
    /// `[co]`.
    pub gamma: Tensor<1>,
    /// `[co]`.
    pub beta: Tensor<1>,
    /// `[co]`, without autodiff.
    pub running_mean: Tensor<1>,
    /// `[co]`, without autodiff.
    pub running_var: Tensor<1>,
    /// `[n, co, h', w']`.
    pub residual: Option<Tensor<4>>,
}

/// What a layer puts out in training.
#[derive(Clone, Debug)]
pub struct Trained {
    /// `[n, co, h', w']`.
    pub output: Tensor<4>,
    /// `[co]`, without autodiff.
    pub running_mean: Tensor<1>,
    /// `[co]`, without autodiff.
    pub running_var: Tensor<1>,
}

/// Numbers of one step for one parameter: `train::adam` has the formula.
#[derive(Clone, Copy, Debug)]
pub struct AdamFactors {
    /// Momentum.
    pub mom: f64,
    /// The same for squares.
    pub sqr_mom: f64,
    /// Learning rate.
    pub lr: f64,
    /// Weight decay.
    pub wd: f64,
    /// Added after the root.
    pub epsilon: f64,
    /// Steps taken, this one too.
    pub steps: i32,
}
