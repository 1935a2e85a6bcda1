//! Layers, pools, loss and Adam as single operations, where Burn's own operations cost too many
//! dispatches (on a GPU) or too many copies (on the CPU).
//!
//! Two back ends do the same: `gpu` in CubeCL, and `cpu` in the processor's vectors. On any other
//! device, and for a single picture on the CPU, a caller composes the same layers from Burn's
//! operations, which is also what the tests hold the kernels against.
//!
//! A tensor's device decides: ask [`supports`], [`runs_on_gpu`] or [`runs_on_cpu`] first. A back
//! end that is not compiled in supports no device, so that callers need no conditional compilation.

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
mod sampled_picture;
mod settings;

use burn::tensor::{Device, Tensor};
pub use cpu::adam_step;
pub use gpu::{ParamUpdate, UpdatedParam, adam_steps, render, soft_cross_entropy};
pub use sampled_picture::SampledPicture;
pub use settings::{AdamFactors, Inputs, Settings, Trained};

/// The back ends that have kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KernelBackend {
    Cpu,
    Gpu,
}

/// The kernels of a device, with or without autodiff; `None` if it has none.
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

/// Whether the CPU's kernels take tensors of this device.
pub fn runs_on_cpu(device: &Device) -> bool {
    kernel_backend(device) == Some(KernelBackend::Cpu)
}

/// Whether the GPU's kernels take tensors of this device.
pub fn runs_on_gpu(device: &Device) -> bool {
    kernel_backend(device) == Some(KernelBackend::Gpu)
}

/// Whether the kernels of layers and pools take this batch of feature maps.
///
/// # Shapes
/// `[n, c, h, w]`
pub fn supports(input: &Tensor<4>) -> bool {
    match kernel_backend(&input.device()) {
        Some(KernelBackend::Gpu) => true,
        Some(KernelBackend::Cpu) => cpu::fits(input.dims()[0]),
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

/// A layer in evaluation mode: normalised with its running statistics, not tracked by autodiff.
///
/// # Panics
/// On a device without kernels, as all functions of this crate: ask [`supports`] first.
pub fn evaluate(inputs: Inputs, settings: Settings) -> Tensor<4> {
    dispatch!(inputs.input.device(), evaluate(inputs, settings))
}

/// A layer in training mode: normalised with the batch's statistics, tracked by autodiff.
pub fn train(inputs: Inputs, settings: Settings) -> Trained {
    dispatch!(inputs.input.device(), train(inputs, settings))
}

/// `MaxPool2d(3, stride = 2, padding = 1)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`.
pub fn max_pool(input: Tensor<4>) -> Tensor<4> {
    dispatch!(input.device(), max_pool(input))
}

/// `AvgPool2d(2, ceil_mode=True)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`.
pub fn average_pool(input: Tensor<4>) -> Tensor<4> {
    dispatch!(input.device(), average_pool(input))
}

/// The input of two paths that are summed later, so that their gradients are added without a copy.
/// Both must be used for what is differentiated.
///
/// # Shapes
/// `[n, c, h, w]`, twice.
pub fn fork(input: Tensor<4>) -> [Tensor<4>; 2] {
    if runs_on_cpu(&input.device()) && supports(&input) {
        return cpu::fork(input);
    }
    [input.clone(), input]
}
