//! Launches of batch norm's kernels, forward and backward.
//!
//! Tensors are contiguous `[n, c, h, w]`. The elementwise kernels read vectors of up to four
//! values, which must not cross from one channel into the next; the reductions give each channel
//! one cube, or one unit if the channel has few values.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn::backend::TensorMetadata;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use crate::gpu::cube::batch_norm::Epilogue;
use crate::gpu::cube::channel_reduction::{MAX_UNITS, NormGeometryLaunch};
use crate::gpu::cube::{batch_norm as kernel, norm_gradient};
use crate::gpu::launch::{buffer, cubes, cubes_for, dims, empty};

/// Values that the elementwise kernels read at once: the most that divide a channel of an image.
fn vector_size(plane: usize) -> usize {
    [4, 2].into_iter().find(|vector_size| plane.is_multiple_of(*vector_size)).unwrap_or(1)
}

/// Units that share a channel of so many values, a power of 2. Each takes at most 256 values until
/// there are no more units. A channel of few values is the work of one unit, which then does not
/// have to wait for others.
fn units_per_channel(values: usize) -> usize {
    if values <= 64 { 1 } else { (values / 256).next_power_of_two().clamp(16, MAX_UNITS) }
}

/// Cubes, and units of a cube, for channels that are shared by `units` units each.
fn channel_launch(channels: usize, units: usize) -> (CubeCount, CubeDim) {
    if units == 1 {
        (cubes(channels.div_ceil(64), 1, 1), CubeDim::new_1d(64))
    } else {
        (cubes(channels, 1, 1), CubeDim::new_1d(units as u32))
    }
}

/// The geometry of the elementwise kernels for a shape `[n, c, h, w]`, the size of their vectors,
/// and the number of vectors.
fn vector_geometry([batch, channels, h, w]: [usize; 4]) -> (NormGeometryLaunch, usize, usize) {
    let vector_size = vector_size(h * w);
    let plane = h * w / vector_size;
    (NormGeometryLaunch::new(channels, batch, plane), vector_size, batch * channels * plane)
}

/// Statistics of a batch, and the running statistics after it.
pub(super) struct Statistics {
    /// Mean, then `1 / √(variance + ε)`.
    ///
    /// # Shapes
    /// `[2, c]`
    pub stats: CubeTensor,
    /// Running mean after this batch.
    ///
    /// # Shapes
    /// `[c]`
    pub running_mean: CubeTensor,
    /// Running unbiased variance after this batch.
    ///
    /// # Shapes
    /// `[c]`
    pub running_var: CubeTensor,
}

/// Finds the statistics of a batch and moves the running statistics towards them.
///
/// # Shapes
/// `z`: `[n, c, h, w]`; running statistics: `[c]`
pub(super) fn statistics(
    z: &CubeTensor,
    running_mean: &CubeTensor,
    running_var: &CubeTensor,
    epsilon: f64,
    momentum: f64,
) -> Statistics {
    let shape = dims::<4>(z);
    let [batch, channels, h, w] = shape;
    let units = units_per_channel(batch * h * w);
    let (count, dim) = channel_launch(channels, units);
    let found = Statistics {
        stats: empty(z, [2, channels]),
        running_mean: empty(z, [channels]),
        running_var: empty(z, [channels]),
    };
    // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the dimensions of
    // the buffers.
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
            NormGeometryLaunch::new(channels, batch, h * w),
            epsilon as f32,
            momentum as f32,
            units,
        );
    }
    found
}

/// Which statistics normalise the values.
pub(super) enum StatisticsSource<'a> {
    /// The statistics of the batch: [`Statistics::stats`].
    Batch(&'a CubeTensor),
    /// The running mean, the running variance, and ε.
    Running(&'a CubeTensor, &'a CubeTensor, f64),
}

/// `relu(γ · x̂ + β + residual)`, where the ReLU and the residual are optional.
///
/// # Shapes
/// `z`, residual and result: `[n, c, h, w]`; γ and β: `[c]`
pub(super) fn normalize(
    z: &CubeTensor,
    source: StatisticsSource<'_>,
    gamma: &CubeTensor,
    beta: &CubeTensor,
    residual: Option<&CubeTensor>,
    relu: bool,
) -> CubeTensor {
    let output = empty(z, z.shape());
    let (geometry, vector_size, vectors) = vector_geometry(dims(z));
    let (mean, spread, running, epsilon) = match source {
        StatisticsSource::Batch(stats) => (stats, stats, false, 0.0),
        StatisticsSource::Running(mean, var, epsilon) => (mean, var, true, epsilon),
    };
    // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the dimensions of
    // the buffers.
    unsafe {
        kernel::normalize::launch_unchecked(
            &z.client,
            cubes_for(vectors, 64),
            CubeDim::new_1d(64),
            vector_size,
            buffer(z),
            buffer(mean),
            buffer(spread),
            buffer(gamma),
            buffer(beta),
            buffer(residual.unwrap_or(z)),
            buffer(&output),
            geometry,
            epsilon as f32,
            running,
            Epilogue { relu, residual: residual.is_some() },
        );
    }
    output
}

/// Gradients of the norm, with its residual sum and ReLU.
pub(super) struct NormGradients {
    /// Gradient of what was normalised.
    ///
    /// # Shapes
    /// `[n, c, h, w]`
    pub z: CubeTensor,
    /// Gradient of γ.
    ///
    /// # Shapes
    /// `[c]`
    pub gamma: CubeTensor,
    /// Gradient of β.
    ///
    /// # Shapes
    /// `[c]`
    pub beta: CubeTensor,
    /// Gradient of the residual, if there was one.
    ///
    /// # Shapes
    /// `[n, c, h, w]`
    pub residual: Option<CubeTensor>,
}

/// The backward pass through [`normalize`] with the statistics of the batch. Without a ReLU the
/// output is not read and any tensor may stand for it.
///
/// # Shapes
/// Gradient, output and `z`: `[n, c, h, w]`; `stats`: `[2, c]`; γ: `[c]`
pub(super) fn norm_gradients(
    grad: &CubeTensor,
    output: &CubeTensor,
    z: &CubeTensor,
    stats: &CubeTensor,
    gamma: &CubeTensor,
    epilogue: Epilogue,
) -> NormGradients {
    let shape = dims::<4>(z);
    let [batch, channels, h, w] = shape;
    let units = units_per_channel(batch * h * w);
    let (count, dim) = channel_launch(channels, units);
    let found = NormGradients {
        z: empty(z, shape),
        gamma: empty(z, [channels]),
        beta: empty(z, [channels]),
        // Without a ReLU the residual gets the gradient as it came in.
        residual: epilogue
            .residual
            .then(|| if epilogue.relu { empty(z, shape) } else { grad.clone() }),
    };
    let factors = empty(z, [4, channels]);
    // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the dimensions of
    // the buffers.
    unsafe {
        norm_gradient::gradient_sums::launch_unchecked(
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
            NormGeometryLaunch::new(channels, batch, h * w),
            epilogue.relu,
            units,
        );
    }
    let (geometry, vector_size, vectors) = vector_geometry(shape);
    let separate_residual = found.residual.as_ref().filter(|_| epilogue.relu);
    // A buffer must not be bound twice if one of the bindings is written to.
    let unused = empty(z, [vector_size]);
    // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the dimensions of
    // the buffers.
    unsafe {
        norm_gradient::input_gradient::launch_unchecked(
            &z.client,
            cubes_for(vectors, 64),
            CubeDim::new_1d(64),
            vector_size,
            buffer(grad),
            buffer(output),
            buffer(z),
            buffer(&factors),
            buffer(&found.z),
            buffer(separate_residual.unwrap_or(&unused)),
            geometry,
            Epilogue { relu: epilogue.relu, residual: separate_residual.is_some() },
        );
    }
    found
}
