//! Cross-entropy over soft targets, which holds label smoothing and Mixup at once.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};

/// Mean over the batch of `−Σ target · log p`.
///
/// # Shapes
/// Logits and targets `[n, classes]`; the loss `[1]`.
pub fn soft_cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    if resnette_kernels::runs_on_gpu(&logits.device()) {
        return resnette_kernels::soft_cross_entropy(logits, targets);
    }
    let n = logits.dims()[0] as f64;
    (log_softmax(logits, 1) * targets).sum().mul_scalar(-1.0 / n)
}

/// Target rows for hard labels.
///
/// With smoothing `eps` the row is `eps / classes` everywhere and `1 − eps` more at the label:
/// fastai's `LabelSmoothingCrossEntropy` (`eps · mean(−log p) + (1 − eps) · nll`) written as one
/// product. With Mixup, the row is `lam` of the picture's own and `1 − lam` of its partner's
/// (`mix[i] = (partner, lam)`).
pub fn targets(
    labels: &[u32],
    classes: usize,
    eps: f64,
    mix: Option<&[(usize, f32)]>,
    device: &Device,
) -> Tensor<2> {
    let base = (eps / classes as f64) as f32;
    let peak = (1.0 - eps) as f32;
    let mut rows = vec![base; labels.len() * classes];
    for (i, &label) in labels.iter().enumerate() {
        let (partner, lam) = mix.map_or((i, 1.0), |mix| mix[i]);
        rows[i * classes + label as usize] += lam * peak;
        rows[i * classes + labels[partner] as usize] += (1.0 - lam) * peak;
    }
    Tensor::from_data(TensorData::new(rows, [labels.len(), classes]), device)
}
