//! How large the gradient is that reaches each block.

use burn::tensor::Tensor;

use crate::model::ResNet;
use crate::train::loss::soft_cross_entropy;

/// Root mean square of the loss's gradient with respect to the input of each block, in the
/// network's order.
///
/// Gradients of *weights* would not show what the skip connections do: where the last gamma of a
/// block is 0, no gradient reaches its convolutions, although all of it passes through the skip
/// connection.
///
/// # Shapes
/// `images` is `[n, 3, h, w]` and `targets` `[n, classes]`, both on the autodiff device of `model`.
/// The result is `[blocks]`, not tracked by autodiff.
pub fn input_gradients(model: &ResNet, images: Tensor<4>, targets: Tensor<2>) -> Tensor<1> {
    let device = images.device();
    let mut x = model.stem(images);
    let mut probes = Vec::new();
    for block in model.stages.iter().flatten() {
        // Burn keeps the gradients of leaves only. Zeros are a leaf that can be added to the input
        // without changing it, and the gradient of the sum is the gradient of both.
        let probe = Tensor::<4>::zeros(x.dims(), &device).require_grad();
        x = block.forward(x + probe.clone());
        probes.push(probe);
    }
    let grads = soft_cross_entropy(model.classify(x), targets).backward();
    let sizes: Vec<Tensor<1>> = probes
        .iter()
        .filter_map(|probe| probe.grad(&grads))
        .map(|grad| grad.square().mean().sqrt())
        .collect();
    if sizes.is_empty() { Tensor::zeros([0], &device.inner()) } else { Tensor::cat(sizes, 0) }
}
