//! Launches of the three matrix products of a convolution: the forward pass, the gradient of the
//! input, and the gradient of the weight.
//!
//! All are implicit GEMMs (Chetlur et al. 2014, arXiv:1410.0759): the matrix of what the filter
//! sees is never written to memory. The first two share a kernel
//! ([`crate::gpu::cube::implicit_gemm`]); the third has its own
//! ([`crate::gpu::cube::weight_grad`]). Tensors are contiguous, `[n, c, h, w]` and
//! `[co, ci, ks, ks]`.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use crate::chip::{Chip, chip_in_use};
use crate::gpu::cube::gemm_shape::GemmShape;
use crate::gpu::cube::implicit_gemm::{GemmGeometryLaunch, implicit_gemm_product};
use crate::gpu::cube::weight_grad::{
    WeightGradGeometryLaunch, WeightGradShape, sum_partials, weight_grad_partials,
};
use crate::gpu::launch::{buffer, cubes_by_row, cubes_for, dims, empty};
use crate::tiles::{GemmTile, WeightGradTile};

/// Units of a cube in the kernels of the weight gradient.
const CUBE_UNITS: usize = 64;

/// A convolution without bias and with a square filter, zero-padded on all sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Convolution {
    /// Step of the filter between two output pixels.
    pub stride: usize,
    /// Number of zero pixels around each edge of the input.
    pub pad: usize,
}

impl Convolution {
    /// Height (or width) of the output, for an input of height (or width) `input`.
    fn output(self, input: usize, ks: usize) -> usize {
        (input + 2 * self.pad).saturating_sub(ks) / self.stride + 1
    }
}

/// The forward pass.
///
/// # Shapes
/// Input: `[n, ci, h, w]`; weight: `[co, ci, ks, ks]`; result: `[n, co, h', w']`
pub(super) fn convolve(input: &CubeTensor, weight: &CubeTensor, conv: Convolution) -> CubeTensor {
    let [batch, _, h, w] = dims(input);
    let [rows, _, ks, _] = dims(weight);
    implicit_gemm(weight, input, [batch, rows, conv.output(h, ks), conv.output(w, ks)], conv, false)
}

/// The gradient of the input of [`convolve`].
///
/// # Shapes
/// Gradient: `[n, co, h', w']`; weight: `[co, ci, ks, ks]`; `input` and the result: `[n, ci, h, w]`
pub(super) fn input_gradient(
    grad: &CubeTensor,
    weight: &CubeTensor,
    input: [usize; 4],
    conv: Convolution,
) -> CubeTensor {
    implicit_gemm(weight, grad, input, conv, true)
}

/// Launches the kernel of the forward pass, or if `transposed` of the gradient of the input.
///
/// # Shapes
/// Source: `[n, c, h, w]`; target: the shape of the result
fn implicit_gemm(
    weight: &CubeTensor,
    source: &CubeTensor,
    target: [usize; 4],
    conv: Convolution,
    transposed: bool,
) -> CubeTensor {
    let [batch, rows, target_h, target_w] = target;
    let [_, inner, source_h, source_w] = dims(source);
    let [_, _, ks, _] = dims(weight);
    let chip = chip_in_use();
    let shape = GemmShape {
        ks,
        stride: conv.stride,
        pad: conv.pad,
        transposed,
        rows: 0,
        pixels: 0,
        uniform_rows: chip.uniform_rows,
    };
    let output = empty(source, target);
    let tile_columns = batch * target_w.div_ceil(shape.columns());
    let tile = GemmTile::new(chip, rows, target_h, tile_columns, shape.columns(), ks * ks);
    let tiles = tile_columns * target_h.div_ceil(tile.pixels);
    // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the dimensions of
    // the buffers.
    unsafe {
        implicit_gemm_product::launch_unchecked(
            &source.client,
            product_cubes(chip, tile, tiles, rows),
            CubeDim::new_1d(tile.units as u32),
            buffer(weight),
            buffer(source),
            buffer(&output),
            GemmGeometryLaunch::new(rows, inner, batch, source_h, source_w, target_h, target_w),
            GemmShape { rows: tile.rows, pixels: tile.pixels, ..shape },
        );
    }
    output
}

/// The cubes of a product with `rows` output channels and `tiles` tiles of pixels.
fn product_cubes(chip: Chip, tile: GemmTile, tiles: usize, rows: usize) -> CubeCount {
    let row_blocks = rows.div_ceil(tile.rows);
    if chip.uniform_rows {
        cubes_by_row(tiles, row_blocks, tile.units)
    } else {
        cubes_for(tiles * row_blocks, tile.units)
    }
}

/// The cubes of a weight gradient's partial sums.
fn partials_cubes(tile: WeightGradTile) -> CubeCount {
    cubes_for(tile.tiles * tile.partials, CUBE_UNITS)
}

/// The gradient of the weight of [`convolve`].
///
/// # Shapes
/// Gradient: `[n, co, h', w']`; input: `[n, ci, h, w]`; `weight` and the result: `[co, ci, ks, ks]`
pub(super) fn weight_gradient(
    grad: &CubeTensor,
    input: &CubeTensor,
    weight: [usize; 4],
    conv: Convolution,
) -> CubeTensor {
    let [rows, inner, ks, _] = weight;
    let [batch, _, output_h, output_w] = dims(grad);
    let [_, _, input_h, input_w] = dims(input);
    let tile = WeightGradTile::new(chip_in_use(), rows, inner, ks, output_h, batch * output_w);
    let partials = empty(grad, [rows, inner, ks, ks, tile.partials]);
    // SAFETY: the kernel bounds its reads and writes by the geometry, which holds the dimensions of
    // the buffers; a unit behind the last tile has no output channel to write.
    unsafe {
        weight_grad_partials::launch_unchecked(
            &grad.client,
            partials_cubes(tile),
            CubeDim::new_1d(CUBE_UNITS as u32),
            buffer(grad),
            buffer(input),
            buffer(&partials),
            WeightGradGeometryLaunch::new(
                rows,
                inner,
                batch,
                input_h,
                input_w,
                output_h,
                output_w,
                tile.partials,
            ),
            WeightGradShape {
                ks,
                stride: conv.stride,
                pad: conv.pad,
                rows: tile.rows,
                inner: tile.inner,
                pixels: tile.pixels,
            },
        );
    }
    if tile.partials == 1 {
        return CubeTensor::new_contiguous(
            partials.client,
            partials.device,
            weight.into(),
            partials.handle,
            partials.dtype,
        );
    }
    let whole = empty(grad, weight);
    // SAFETY: each weight has `tile.partials` partial sums, and the kernel stops at the end of the
    // result.
    unsafe {
        sum_partials::launch_unchecked(
            &grad.client,
            cubes_for(rows * inner * ks * ks, CUBE_UNITS),
            CubeDim::new_1d(CUBE_UNITS as u32),
            buffer(&partials),
            buffer(&whole),
            tile.partials,
        );
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::CHIPS;

    /// WebGPU's `maxComputeWorkgroupsPerDimension`.
    const MOST_CUBES: u32 = 65_535;

    /// The largest weights that a file of a network still holds, 30 million, with many output or
    /// many input channels, and the stem of large pictures: output and input channels, side of the
    /// filter, height of the output. The batches have 64 pictures.
    #[test]
    fn no_launch_has_more_cubes_along_an_axis_than_webgpu_allows() {
        for [rows, inner, ks, side] in [
            [2048, 1024, 3, 4],
            [2048, 1024, 3, 16],
            [1024, 2048, 3, 8],
            [32_768, 100, 3, 8],
            [100, 32_768, 3, 8],
            [8192, 3600, 1, 16],
            [512, 1024, 7, 14],
            [1024, 3, 3, 256],
        ] {
            for chip in CHIPS {
                for [rows, phases] in [[rows, 1], [inner, 2]] {
                    let columns = 64 * side.div_ceil(phases);
                    let tile = GemmTile::new(chip, rows, side, columns, phases, ks * ks);
                    let tiles = columns * side.div_ceil(tile.pixels);
                    let count = product_cubes(chip, tile, tiles, rows);
                    covers(&count, rows.div_ceil(tile.rows) * tiles, tile.units);
                }
                let tile = WeightGradTile::new(chip, rows, inner, ks, side, 64 * side);
                covers(&partials_cubes(tile), tile.tiles * tile.partials, CUBE_UNITS);
                covers(&cubes_for(rows * inner * ks * ks, CUBE_UNITS), rows * inner, CUBE_UNITS);
            }
        }
    }

    /// There are as many units as there is work, and the launch is one that WebGPU takes.
    fn covers(count: &CubeCount, work: usize, units: usize) {
        let &CubeCount::Static(x, y, z) = count else { panic!("the number of cubes is known") };
        assert!([x, y, z].into_iter().all(|axis| (1..=MOST_CUBES).contains(&axis)), "{x} {y} {z}");
        let cubes = x as usize * y as usize * z as usize;
        assert!(cubes * units >= work, "{x} {y} {z} cubes of {units} units for {work}");
    }
}
