//! Launches of batch norm's passes.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn::backend::TensorMetadata;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use crate::gpu::cube::norm as kernel;
use crate::gpu::cube::norm::{After, NormGeometryLaunch};
use crate::gpu::launch::{buffer, cubes, dims, empty, spread};

/// Numbers that a norm's kernels take at once: as many as divide a plane.
fn lanes(plane: usize) -> usize {
    [4, 2].into_iter().find(|lanes| plane.is_multiple_of(*lanes)).unwrap_or(1)
}

/// Units that share a channel of so many values, a power of 2: at most 256 values each, as far as
/// units go. A few values are one unit's work, which need not wait for others.
fn sharing(values: usize) -> usize {
    if values <= 64 { 1 } else { (values / 256).next_power_of_two().clamp(16, kernel::UNITS) }
}

/// Cubes and units for channels that each are shared by so many units.
fn over_channels(channels: usize, units: usize) -> (CubeCount, CubeDim) {
    if units == 1 {
        (cubes(channels.div_ceil(64), 1, 1), CubeDim::new_1d(64))
    } else {
        (cubes(channels, 1, 1), CubeDim::new_1d(units as u32))
    }
}

fn norm_geometry([pictures, channels, h, w]: [usize; 4]) -> (NormGeometryLaunch, usize, usize) {
    let lanes = lanes(h * w);
    let plane = h * w / lanes;
    (NormGeometryLaunch::new(channels, pictures, plane), lanes, pictures * channels * plane)
}

/// Statistics of a batch, and the running ones after it.
pub(super) struct Statistics {
    /// Mean, then 1 / deviation: `[2, c]`.
    pub stats: CubeTensor,
    /// `[c]`.
    pub running_mean: CubeTensor,
    /// `[c]`.
    pub running_var: CubeTensor,
}

/// What [`kernel::statistics`] finds in `[n, c, h, w]`.
pub(super) fn statistics(
    z: &CubeTensor,
    running_mean: &CubeTensor,
    running_var: &CubeTensor,
    epsilon: f64,
    momentum: f64,
) -> Statistics {
    let shape = dims::<4>(z);
    let [pictures, channels, h, w] = shape;
    let units = sharing(pictures * h * w);
    let (count, dim) = over_channels(channels, units);
    let found = Statistics {
        stats: empty(z, [2, channels]),
        running_mean: empty(z, [channels]),
        running_var: empty(z, [channels]),
    };
    // Safety: the buffers are as long as the kernel is told.
    unsafe {
        kernel::statistics::launch_unchecked(
            &z.client,
            count,
            dim,
            buffer(z),
            buffer(running_mean),
            buffer(running_var),
            buffer(&found.stats),
            buffer(&found.running_mean),
            buffer(&found.running_var),
            NormGeometryLaunch::new(channels, pictures, h * w),
            epsilon as f32,
            momentum as f32,
            units,
        );
    }
    found
}

/// Where a normalisation takes its statistics from.
pub(super) enum From<'a> {
    /// The batch: [`Statistics::stats`].
    Batch(&'a CubeTensor),
    /// The running mean and variance, and what is added to the variance.
    Running(&'a CubeTensor, &'a CubeTensor, f64),
}

/// `relu(gamma · x̂ + beta + residual)`, as [`kernel::apply`] has it.
pub(super) fn apply(
    z: &CubeTensor,
    from: From<'_>,
    gamma: &CubeTensor,
    beta: &CubeTensor,
    residual: Option<&CubeTensor>,
    act: bool,
) -> CubeTensor {
    let output = empty(z, z.shape());
    let (geometry, lanes, vectors) = norm_geometry(dims(z));
    let (mean, spread_of, running, epsilon) = match from {
        From::Batch(stats) => (stats, stats, false, 0.0),
        From::Running(mean, var, epsilon) => (mean, var, true, epsilon),
    };
    // Safety: the buffers are as long as the kernel is told.
    unsafe {
        kernel::apply::launch_unchecked(
            &z.client,
            spread(vectors, 64),
            CubeDim::new_1d(64),
            lanes,
            buffer(z),
            buffer(mean),
            buffer(spread_of),
            buffer(gamma),
            buffer(beta),
            buffer(residual.unwrap_or(z)),
            buffer(&output),
            geometry,
            epsilon as f32,
            running,
            After { act, residual: residual.is_some() },
        );
    }
    output
}

/// Gradients of a normalisation.
pub(super) struct NormGradients {
    /// Of what was normalised.
    pub z: CubeTensor,
    /// `[c]`.
    pub gamma: CubeTensor,
    /// `[c]`.
    pub beta: CubeTensor,
    /// Of the identity path.
    pub residual: Option<CubeTensor>,
}

/// The way back through [`apply`] after a batch's [`Statistics`].
pub(super) fn norm_gradients(
    grad: &CubeTensor,
    output: &CubeTensor,
    z: &CubeTensor,
    stats: &CubeTensor,
    gamma: &CubeTensor,
    after: After,
) -> NormGradients {
    let shape = dims::<4>(z);
    let [pictures, channels, h, w] = shape;
    let units = sharing(pictures * h * w);
    let (count, dim) = over_channels(channels, units);
    let found = NormGradients {
        z: empty(z, shape),
        gamma: empty(z, [channels]),
        beta: empty(z, [channels]),
        // Without a ReLU the identity path gets the gradient as it came.
        residual: after.residual.then(|| if after.act { empty(z, shape) } else { grad.clone() }),
    };
    let factors = empty(z, [4, channels]);
    // Safety: the buffers are as long as the kernel is told.
    unsafe {
        kernel::gradient_sums::launch_unchecked(
            &z.client,
            count,
            dim,
            buffer(grad),
            buffer(output),
            buffer(z),
            buffer(stats),
            buffer(gamma),
            buffer(&found.gamma),
            buffer(&found.beta),
            buffer(&factors),
            NormGeometryLaunch::new(channels, pictures, h * w),
            after.act,
            units,
        );
    }
    let (geometry, lanes, vectors) = norm_geometry(shape);
    let write = found.residual.as_ref().filter(|_| after.act);
    // A buffer may not be bound twice where one of the two is written to.
    let nothing = empty(z, [lanes]);
    // Safety: the buffers are as long as the kernel is told.
    unsafe {
        kernel::input_gradient::launch_unchecked(
            &z.client,
            spread(vectors, 64),
            CubeDim::new_1d(64),
            lanes,
            buffer(grad),
            buffer(output),
            buffer(z),
            buffer(&factors),
            buffer(&found.z),
            buffer(write.unwrap_or(&nothing)),
            geometry,
            After { act: after.act, residual: write.is_some() },
        );
    }
    found
}
