//! How large the gradient is that arrives at each block.

use burn::tensor::Tensor;

use crate::model::ResNet;
use crate::train::loss::soft_cross_entropy;

/// Root mean square of the loss's gradient with respect to the input of each block, first block
/// first.
///
/// The gradient of a *weight* would not do: where the last gamma is 0, no gradient passes into a
/// block's convolutions, though all of it passes by them.
///
/// # Shapes
/// `model` and tensors on an autodiff device; images `[n, 3, h, w]`, targets `[n, classes]`;
/// `[blocks]` comes out.
pub fn arriving(model: &ResNet, images: Tensor<4>, targets: Tensor<2>) -> Tensor<1> {
    let device = images.device();
    let mut x = model.stem(images);
    let mut probes = Vec::new();
    for block in model.stages.iter().flatten() {
        // A leaf of zeros: Burn keeps gradients of leaves only, and the sum's gradient is the
        // leaf's.
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
