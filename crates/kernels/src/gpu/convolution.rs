//! Launches of the three products of a convolution.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use crate::gpu::cube::gather::{GeometryLaunch, Shape, gather_product};
use crate::gpu::cube::weight_grad::{
    WeightGeometryLaunch, WeightShape, gather_parts, weight_product,
};
use crate::gpu::launch::{buffer, cubes, dims, empty, spread};
use crate::gpu::tiles::{Gather, Weight};

/// Units of a weight gradient's cube.
const UNITS: usize = 64;

/// A convolution without bias: square filter, zeros around the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Convolution {
    /// Steps of the filter.
    pub stride: usize,
    /// Zeros around the input.
    pub pad: usize,
}

impl Convolution {
    fn output(self, input: usize, ks: usize) -> usize {
        (input + 2 * self.pad).saturating_sub(ks) / self.stride + 1
    }
}

/// `[n, ci, h, w]` and `[co, ci, ks, ks]` to `[n, co, h', w']`.
pub(super) fn convolve(input: &CubeTensor, weight: &CubeTensor, conv: Convolution) -> CubeTensor {
    let [pictures, _, h, w] = dims(input);
    let [rows, _, ks, _] = dims(weight);
    gather(weight, input, [pictures, rows, conv.output(h, ks), conv.output(w, ks)], conv, false)
}

/// The gradient of [`convolve`]'s input, `[n, ci, h, w]`, from that of its output.
pub(super) fn input_gradient(
    grad: &CubeTensor,
    weight: &CubeTensor,
    input: [usize; 4],
    conv: Convolution,
) -> CubeTensor {
    gather(weight, grad, input, conv, true)
}

/// Launches the product that both are; `transposed` is the gradient.
fn gather(
    weight: &CubeTensor,
    source: &CubeTensor,
    target: [usize; 4],
    conv: Convolution,
    transposed: bool,
) -> CubeTensor {
    let [pictures, rows, target_h, target_w] = target;
    let [_, inner, source_h, source_w] = dims(source);
    let [_, _, ks, _] = dims(weight);
    let shape = Shape { ks, stride: conv.stride, pad: conv.pad, transposed, rows: 0, pixels: 0 };
    let output = empty(source, target);
    let lanes = pictures * target_w.div_ceil(shape.columns());
    let cut = Gather::new(rows, target_h, lanes, shape.columns(), ks * ks);
    let tiles = lanes * target_h.div_ceil(cut.pixels);
    // Safety: the kernel bounds its reads and writes by the geometry, which is the buffers' own.
    unsafe {
        gather_product::launch_unchecked(
            &source.client,
            spread(tiles * rows.div_ceil(cut.rows), cut.units),
            CubeDim::new_1d(cut.units as u32),
            buffer(weight),
            buffer(source),
            buffer(&output),
            GeometryLaunch::new(rows, inner, pictures, source_h, source_w, target_h, target_w),
            Shape { rows: cut.rows, pixels: cut.pixels, ..shape },
        );
    }
    output
}

/// The gradient of [`convolve`]'s weight, `[co, ci, ks, ks]`.
pub(super) fn weight_gradient(
    grad: &CubeTensor,
    input: &CubeTensor,
    weight: [usize; 4],
    conv: Convolution,
) -> CubeTensor {
    let [rows, inner, ks, _] = weight;
    let [pictures, _, output_h, output_w] = dims(grad);
    let [_, _, input_h, input_w] = dims(input);
    let cut = Weight::new(rows, inner, ks, output_h, pictures * output_w);
    let parts = empty(grad, [rows, inner, ks, ks, cut.parts]);
    // Safety: as in `gather`; units past the last tile have no row to write.
    unsafe {
        weight_product::launch_unchecked(
            &grad.client,
            cubes((cut.tiles * cut.parts).div_ceil(UNITS), 1, 1),
            CubeDim::new_1d(UNITS as u32),
            buffer(grad),
            buffer(input),
            buffer(&parts),
            WeightGeometryLaunch::new(
                rows, inner, pictures, input_h, input_w, output_h, output_w, cut.parts,
            ),
            WeightShape {
                ks,
                stride: conv.stride,
                pad: conv.pad,
                rows: cut.rows,
                inner: cut.inner,
                pixels: cut.pixels,
            },
        );
    }
    if cut.parts == 1 {
        return CubeTensor::new_contiguous(
            parts.client,
            parts.device,
            weight.into(),
            parts.handle,
            parts.dtype,
        );
    }
    let whole = empty(grad, weight);
    // Safety: every weight has so many parts.
    unsafe {
        gather_parts::launch_unchecked(
            &grad.client,
            spread(rows * inner * ks * ks, UNITS),
            CubeDim::new_1d(UNITS as u32),
            buffer(&parts),
            buffer(&whole),
            cut.parts,
        );
    }
    whole
}
