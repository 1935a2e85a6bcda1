//! The numbers of one Adam step, on either back end.

/// The factors of step `t` for one parameter `p` with gradient `g`:
///
/// ```text
/// avg ← mom · avg + (1 − mom) · g
/// sqr ← sqr_mom · sqr + (1 − sqr_mom) · g²
/// p   ← (1 − lr · wd) · p − lr / (1 − momᵗ) · avg / (√(sqr / (1 − sqr_momᵗ)) + ε)
/// ```
///
/// This is Adam (Kingma and Ba 2014, arXiv:1412.6980) with decoupled weight decay (Loshchilov and
/// Hutter 2017, arXiv:1711.05101), in the form and with the names of fastai's `Adam`.
#[derive(Clone, Copy, Debug)]
pub struct AdamFactors {
    /// Decay of the running average of gradients (β₁ in the paper).
    pub mom: f64,
    /// Decay of the running average of squared gradients (β₂ in the paper).
    pub sqr_mom: f64,
    /// Learning rate.
    pub lr: f64,
    /// Weight decay.
    pub wd: f64,
    /// ε, which is added to the square root.
    pub epsilon: f64,
    /// The number `t` of this step, counted from 1.
    pub steps: i32,
}
