//! Layers, pools, the loss and Adam as single operations for Burn, where Burn's own operations
//! would cost too many dispatches (on a GPU) or too many copies (on the CPU).
//!
//! There are two back ends with the same functions: `gpu` in CubeCL, which runs on every GPU that
//! Burn supports, and `cpu` in SIMD vectors. On any other device, and for a batch of one image on
//! the CPU, callers compose the same layers from Burn's operations. The tests hold the kernels
//! against those compositions.
//!
//! The device of a tensor decides which back end runs: ask [`supports`], [`runs_on_gpu`] or
//! [`runs_on_cpu`] first. A back end that is not compiled in supports no device, so that callers
//! need no conditional compilation.
//!
//! In the shapes of this crate `n` is the batch size, `c` a number of channels (`ci` of the input,
//! `co` of the output), `h` and `w` height and width, and `ks` the side of a square filter. All
//! tensors hold `f32`.

mod adam_factors;
mod adapter;
mod chip;
#[cfg(test)]
mod cost_model;
#[cfg(feature = "cpu")]
mod cpu;
#[cfg(not(feature = "cpu"))]
#[path = "absent/cpu.rs"]
mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(not(feature = "gpu"))]
#[path = "absent/gpu.rs"]
mod gpu;
mod layer;
mod sampled_picture;
#[cfg(any(feature = "gpu", test))]
mod tiles;

pub use adam_factors::AdamFactors;
pub use adapter::AdapterDescription;
use burn::tensor::{Device, Tensor};
pub use chip::{CHIPS, Chip, SOFTWARE, use_chip};
pub use cpu::adam_step;
pub use gpu::{ParamUpdate, UpdatedParam, adam_steps, matrix_product, render, soft_cross_entropy};
pub use layer::{LayerConfig, LayerInputs, TrainingOutput};
pub use sampled_picture::SampledPicture;

/// The back ends that have kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KernelBackend {
    /// SIMD kernels on Flex tensors.
    Cpu,
    /// CubeCL kernels.
    Gpu,
}

/// The back end that has kernels for a device, with or without autodiff; `None` if there is none.
fn kernel_backend(device: &Device) -> Option<KernelBackend> {
    let device = device.clone().without_autodiff();
    let device = device.as_dispatch();
    if gpu::owns(device) {
        Some(KernelBackend::Gpu)
    } else if cpu::owns(device) {
        Some(KernelBackend::Cpu)
    } else {
        None
    }
}

/// Whether the CPU back end has kernels for tensors of this device.
pub fn runs_on_cpu(device: &Device) -> bool {
    kernel_backend(device) == Some(KernelBackend::Cpu)
}

/// Whether the GPU back end has kernels for tensors of this device.
pub fn runs_on_gpu(device: &Device) -> bool {
    kernel_backend(device) == Some(KernelBackend::Gpu)
}

/// How the kernels for GPUs cut their work on this device ([`use_chip`]); `None` on any other.
pub fn chip_of(device: &Device) -> Option<Chip> {
    runs_on_gpu(device).then(chip::chip_in_use)
}

/// Whether there are kernels for layers and pools on this batch of feature maps.
///
/// # Shapes
/// `[n, c, h, w]`
pub fn supports(input: &Tensor<4>) -> bool {
    match kernel_backend(&input.device()) {
        Some(KernelBackend::Gpu) => true,
        Some(KernelBackend::Cpu) => cpu::supports_batch_size(input.dims()[0]),
        None => false,
    }
}

/// Calls the function of the device's back end.
macro_rules! dispatch {
    ($device:expr, $function:ident($($argument:expr),*)) => {
        match kernel_backend(&$device) {
            Some(KernelBackend::Gpu) => gpu::$function($($argument),*),
            Some(KernelBackend::Cpu) => cpu::$function($($argument),*),
            None => unreachable!("no kernels for this device: ask `supports` first"),
        }
    };
}

/// Convolution, batch norm, residual sum and ReLU in evaluation mode: normalised with the running
/// statistics, and not tracked by autodiff.
///
/// # Shapes
/// As in [`LayerInputs`]; the result is `[n, co, h', w']`, where `h' = ⌈h / stride⌉` and
/// `w' = ⌈w / stride⌉`
///
/// # Panics
/// If there are no kernels for the device: ask [`supports`] first.
pub fn forward_eval(inputs: LayerInputs, config: LayerConfig) -> Tensor<4> {
    dispatch!(inputs.input.device(), forward_eval(inputs, config))
}

/// Convolution, batch norm, residual sum and ReLU in training mode: normalised with the statistics
/// of the batch (Ioffe and Szegedy 2015, "Batch Normalization", arXiv:1502.03167), and tracked by
/// autodiff as one operation.
///
/// # Shapes
/// As in [`LayerInputs`] and [`TrainingOutput`]
///
/// # Panics
/// If there are no kernels for the device: ask [`supports`] first.
pub fn forward_train(inputs: LayerInputs, config: LayerConfig) -> TrainingOutput {
    dispatch!(inputs.input.device(), forward_train(inputs, config))
}

/// PyTorch's `MaxPool2d(3, stride=2, padding=1)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`
///
/// # Panics
/// If there are no kernels for the device: ask [`supports`] first.
pub fn max_pool(input: Tensor<4>) -> Tensor<4> {
    dispatch!(input.device(), max_pool(input))
}

/// PyTorch's `AvgPool2d(2, ceil_mode=True)`: a window over an odd edge is divided by what it holds.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`
///
/// # Panics
/// If there are no kernels for the device: ask [`supports`] first.
pub fn average_pool(input: Tensor<4>) -> Tensor<4> {
    dispatch!(input.device(), average_pool(input))
}

/// PyTorch's `F.mish`: `x · tanh(ln(1 + eˣ))` of each number.
///
/// # Shapes
/// `[n, c, h, w]` to the same
///
/// # Panics
/// If there are no kernels for the device: ask [`supports`] first.
pub fn mish(input: Tensor<4>) -> Tensor<4> {
    dispatch!(input.device(), mish(input))
}

/// Returns the input twice, for the two paths of a residual block, so that the CPU back end can add
/// the paths' gradients without a copy. Elsewhere the results are plain clones.
///
/// Both results must take part in what is differentiated: otherwise the input gets no gradient.
///
/// # Shapes
/// `[n, c, h, w]`, twice
pub fn fork(input: Tensor<4>) -> [Tensor<4>; 2] {
    if runs_on_cpu(&input.device()) && supports(&input) {
        return cpu::fork(input);
    }
    [input.clone(), input]
}
