//! Cross-entropy with soft targets, which cover label smoothing and Mixup.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};

/// The mean over the batch of `−Σ target · log p`, where `p` is the softmax of the logits:
/// PyTorch's `nn.CrossEntropyLoss` with probabilities as targets.
///
/// # Shapes
/// `logits` and `targets` are `[n, classes]`; the loss is `[1]`.
pub fn soft_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    if resnette_kernels::runs_on_gpu(&logits.device()) {
        return resnette_kernels::soft_cross_entropy(logits, targets);
    }
    let n = logits.dims()[0] as f64;
    (log_softmax(logits, 1) * targets).sum().mul_scalar(-1.0 / n)
}

/// Soft targets for class labels.
///
/// With label smoothing `eps`, the row of a picture is `eps / classes` for every class and `1 −
/// eps` more for its own: then [`soft_cross_entropy`] equals fastai's `LabelSmoothingCrossEntropy`,
/// which is `eps · mean(−log p) + (1 − eps) · nll`. With Mixup, where `mix[i]` is `(partner, lam)`,
/// the row is `lam` times the picture's own row plus `1 − lam` times its partner's.
///
/// # Shapes
/// `[labels.len(), classes]`, not tracked by autodiff.
///
/// # Panics
/// If a label is not below `classes`, or a partner not below `labels.len()`.
pub fn targets(
    labels: &[u32],
    classes: usize,
    eps: f64,
    mix: Option<&[(usize, f32)]>,
    device: &Device,
) -> Tensor<2> {
    let rows = target_rows(labels, classes, eps, mix);
    Tensor::from_data(TensorData::new(rows, [labels.len(), classes]), device)
}

/// The rows of [`targets`] as numbers.
pub(super) fn target_rows(
    labels: &[u32],
    classes: usize,
    eps: f64,
    mix: Option<&[(usize, f32)]>,
) -> Vec<f32> {
    let base = (eps / classes as f64) as f32;
    let peak = (1.0 - eps) as f32;
    let mut rows = vec![base; labels.len() * classes];
    for (i, &label) in labels.iter().enumerate() {
        let (partner, lam) = mix.map_or((i, 1.0), |mix| mix[i]);
        rows[i * classes + label as usize] += lam * peak;
        rows[i * classes + labels[partner] as usize] += (1.0 - lam) * peak;
    }
    rows
}
