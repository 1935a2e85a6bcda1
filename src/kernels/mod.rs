//! Kernels of our own, where Burn's single operations cost too many dispatches (on a GPU) or too much moving of numbers (on the CPU).
//!
//! Two families do the same: `gpu` in CubeCL, and `host` in the CPU's vectors. Elsewhere, and for a picture alone on the CPU, the same
//! layers are made of Burn's operations, which is also what the tests hold the kernels against (`tests/kernels.rs`), beside PyTorch
//! (`tests/golden`, with `RESNETTE_GOLDEN_DEVICE=wgpu` on a GPU).
//!
//! A tensor's device decides: [`takes`], [`runs_on_gpu`] and [`runs_on_host`].

#[cfg(feature = "gpu")]
mod gpu;
#[cfg(feature = "cpu")]
mod host;
mod settings;

use burn::backend::DispatchDevice;
use burn::tensor::{Device, Tensor};

#[cfg(feature = "gpu")]
pub use gpu::{Job, Stepped, adam_steps, render, soft_cross_entropy};
#[cfg(feature = "cpu")]
pub use host::adam_step;
pub use settings::{AdamFactors, Inputs, Settings, Trained};

/// Where there are kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    #[cfg(feature = "gpu")]
    Gpu,
    #[cfg(feature = "cpu")]
    Host,
}

/// The kernels of a device, with or without autodiff.
fn family(device: &Device) -> Option<Family> {
    match device.clone().without_autodiff().as_dispatch() {
        #[cfg(feature = "gpu")]
        DispatchDevice::Cube(_) => Some(Family::Gpu),
        #[cfg(feature = "cpu")]
        DispatchDevice::Flex(_) => Some(Family::Host),
        _ => None,
    }
}

/// Whether a device's tensors can pass through the CPU's kernels.
pub fn runs_on_host(device: &Device) -> bool {
    match family(device) {
        #[cfg(feature = "cpu")]
        Some(Family::Host) => true,
        _ => false,
    }
}

/// Whether a device is a GPU with kernels.
pub fn runs_on_gpu(device: &Device) -> bool {
    match family(device) {
        #[cfg(feature = "gpu")]
        Some(Family::Gpu) => true,
        _ => false,
    }
}

/// Whether a batch of grids can pass through the kernels of layers and pools.
pub fn takes(input: &Tensor<4>) -> bool {
    match family(&input.device()) {
        #[cfg(feature = "gpu")]
        Some(Family::Gpu) => true,
        #[cfg(feature = "cpu")]
        Some(Family::Host) => host::fits(input.dims()[0]),
        None => false,
    }
}

/// Calls the function of this name of the device's family.
macro_rules! of_family {
    ($device:expr, $gpu:path, $host:path, ($($argument:expr),*)) => {
        match family(&$device) {
            #[cfg(feature = "gpu")]
            Some(Family::Gpu) => $gpu($($argument),*),
            #[cfg(feature = "cpu")]
            Some(Family::Host) => $host($($argument),*),
            None => unreachable!("no kernels for this device: `takes` is asked first"),
        }
    };
}

/// A layer with running statistics, without a tape.
///
/// # Panics
/// On a device without kernels, as all of these: [`takes`] is asked first.
pub fn evaluate(inputs: Inputs, settings: Settings) -> Tensor<4> {
    of_family!(inputs.input.device(), gpu::evaluate, host::evaluate, (inputs, settings))
}

/// A layer with the batch's statistics, on the tape.
pub fn train(inputs: Inputs, settings: Settings) -> Trained {
    of_family!(inputs.input.device(), gpu::train, host::train, (inputs, settings))
}

/// `MaxPool2d(3, stride = 2, padding = 1)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`.
pub fn max_pool(input: Tensor<4>) -> Tensor<4> {
    of_family!(input.device(), gpu::max_pool, host::max_pool, (input))
}

/// `AvgPool2d(2, ceil_mode=True)`.
///
/// # Shapes
/// `[n, c, h, w]` to `[n, c, ⌈h / 2⌉, ⌈w / 2⌉]`.
pub fn average_pool(input: Tensor<4>) -> Tensor<4> {
    of_family!(input.device(), gpu::average_pool, host::average_pool, (input))
}

/// The input for two paths that are summed later; both must be used for what is differentiated.
pub fn fork(input: Tensor<4>) -> [Tensor<4>; 2] {
    #[cfg(feature = "cpu")]
    if family(&input.device()) == Some(Family::Host) && takes(&input) {
        return host::fork(input);
    }
    [input.clone(), input]
}
