//! The gradient of a convolution's weight: for each weight, a sum over all pixels of all images.
//! These sums are few and long, unlike those of the forward pass.
//!
//! A unit keeps a tile of sums in registers: those of `rows` output channels, `inner` input
//! channels, and one column of taps. It goes through its share of the output's pixels, `pixels` of
//! them one below another at a time. Each gradient that it reads serves every input channel and
//! tap; each input number serves every output channel and every pixel that sees it. Neighbouring
//! units go through neighbouring pixels, so that together they read neighbouring addresses.
//!
//! Several units share a tile. Their partial sums lie side by side in memory,
//! `[rows, inner, ks, ks, partials]`, and [`sum_partials`] adds them up in a second dispatch; if
//! there are few pixels, one unit does all of them and no second dispatch is needed.
//!
//! Tensors are contiguous: gradient and input `[n, c, h, w]`, weight `[co, ci, ks, ks]`.

use cubecl::prelude::*;

use crate::gpu::cube::implicit_gemm::Vec4;

/// The sizes of a weight gradient that may change from launch to launch.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct WeightGradGeometry {
    /// Output channels.
    pub rows: usize,
    /// Input channels.
    pub inner: usize,
    /// Batch size.
    pub batch: usize,
    /// Height of the input in pixels.
    pub input_h: usize,
    /// Width of the input in pixels.
    pub input_w: usize,
    /// Height of the output in pixels.
    pub output_h: usize,
    /// Width of the output in pixels.
    pub output_w: usize,
    /// Number of units that share a tile, and so of partial sums for each weight.
    pub partials: usize,
}

/// The compile-time constants of a weight gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WeightGradShape {
    /// Side of the filter.
    pub ks: usize,
    /// Stride of the convolution.
    pub stride: usize,
    /// Number of zero pixels around each edge of the convolution's input.
    pub pad: usize,
    /// Output channels of a tile, a multiple of 4.
    pub rows: usize,
    /// Input channels of a tile.
    pub inner: usize,
    /// Output pixels that a unit reads at once, one below another.
    pub pixels: usize,
}

/// `partials[row, c, tap, part] = Σ over the part's pixels of grad[n, row, y, x] · input[n, c, y',
/// x']`, where `(y', x')` is the pixel that `(y, x)` sees through the tap.
///
/// # Shapes
/// Gradient: `[batch, rows, output_h, output_w]`; input: `[batch, inner, input_h, input_w]`;
/// partial sums: `[rows, inner, ks, ks, partials]`
#[cube(launch_unchecked)]
pub(crate) fn weight_grad_partials(
    grad: &[f32],
    input: &[f32],
    partials: &mut [f32],
    geometry: &WeightGradGeometry,
    #[comptime] shape: WeightGradShape,
) {
    let groups = comptime!(shape.rows / 4);
    let unit_pixels = comptime!(shape.pixels);
    let ks = comptime!(shape.ks);
    let channels = comptime!(shape.inner);
    let window_h = comptime!((shape.pixels - 1) * shape.stride + shape.ks);
    let pad = comptime!(shape.pad as i32);

    let input_h = geometry.input_h as i32;
    let input_w = geometry.input_w as i32;
    let input_plane = geometry.input_h * geometry.input_w;
    let output_plane = geometry.output_h * geometry.output_w;
    let blocks = (geometry.inner + comptime!(shape.inner - 1)) / channels;
    let part = ABSOLUTE_POS % geometry.partials;
    let tile = ABSOLUTE_POS / geometry.partials;
    let tap_x = tile % ks;
    let first_channel = tile / ks % blocks * channels;
    let first_row = tile / (ks * blocks) * comptime!(shape.rows);

    // Channels behind the last one read the numbers of the last, and are not written.
    let mut row = Sequence::<usize>::new();
    #[unroll]
    for r in 0..comptime!(shape.rows) {
        let r = first_row + r;
        row.push(select(r < geometry.rows, r, geometry.rows - 1) * output_plane);
    }
    let mut channel = Sequence::<i32>::new();
    #[unroll]
    for c in 0..channels {
        let c = first_channel + c;
        channel.push((select(c < geometry.inner, c, geometry.inner - 1) * input_plane) as i32);
    }
    let mut sums = Sequence::<RuntimeCell<Vec4>>::new();
    #[unroll]
    for _ in 0..comptime!(shape.inner * shape.ks * shape.rows / 4) {
        sums.push(RuntimeCell::<Vec4>::new(Vec4::new(0.0f32)));
    }

    let row_strips = (geometry.output_h + comptime!(shape.pixels - 1)) / unit_pixels;
    let items = geometry.batch * row_strips * geometry.output_w;
    let mut item = part;
    while item < items {
        let x = item % geometry.output_w;
        let y = item / geometry.output_w % row_strips * unit_pixels;
        let n = item / (geometry.output_w * row_strips);
        // The column of the input that this column of taps sees. Outside of the input a
        // neighbouring number is read and counts as zero, as in `implicit_gemm_product`.
        let start = n * geometry.inner * input_plane;
        let input_x = (x * comptime!(shape.stride) + tap_x) as i32 - pad;
        let column_valid = input_x >= 0 && input_x < input_w;
        let first = start < ks;
        let last = start + geometry.inner * input_plane + ks
            > geometry.batch * geometry.inner * input_plane;
        let clamped = select(input_x < 0 && first, 0i32, input_x);
        let column = start as i32 + select(input_x >= input_w && last, input_w - 1, clamped);
        let top = (y * comptime!(shape.stride)) as i32 - pad;
        let mut input_row = Sequence::<i32>::new();
        let mut valid = Sequence::<bool>::new();
        #[unroll]
        for j in 0..window_h {
            let at = top + comptime!(j as i32);
            let inside = at >= 0 && at < input_h;
            valid.push(column_valid && inside);
            input_row
                .push(column + select(inside, at, select(at < 0, 0i32, input_h - 1)) * input_w);
        }

        let mut grads = Sequence::<Vec4>::new();
        #[unroll]
        for p in 0..unit_pixels {
            let inside = y + p < geometry.output_h;
            let from = n * geometry.rows * output_plane
                + select(inside, y + p, 0usize) * geometry.output_w
                + x;
            #[unroll]
            for g in 0..groups {
                let mut grad4 = Vec4::new(0.0f32);
                #[unroll]
                for r in 0..4usize {
                    grad4.insert(r, select(inside, grad[from + row[comptime!(g * 4 + r)]], 0.0f32));
                }
                grads.push(grad4);
            }
        }
        #[unroll]
        for c in 0..channels {
            let mut seen = Sequence::<Vec4>::new();
            #[unroll]
            for j in 0..window_h {
                let value = input[(input_row[j] + channel[c]) as usize];
                seen.push(Vec4::new(select(valid[j], value, 0.0f32)));
            }
            #[unroll]
            for tap_y in 0..ks {
                #[unroll]
                for p in 0..unit_pixels {
                    #[unroll]
                    for g in 0..groups {
                        let sum = &sums[comptime!((c * ks + tap_y) * groups + g)];
                        sum.store(
                            sum.read()
                                + grads[comptime!(p * groups + g)]
                                    * seen[comptime!(p * shape.stride + tap_y)],
                        );
                    }
                }
            }
        }
        item += geometry.partials;
    }

    #[unroll]
    for c in 0..channels {
        #[unroll]
        for r in 0..comptime!(shape.rows) {
            if first_row + r < geometry.rows && first_channel + c < geometry.inner {
                let weight_index = ((first_row + r) * geometry.inner + first_channel + c)
                    * comptime!(shape.ks * shape.ks)
                    + tap_x;
                #[unroll]
                for tap_y in 0..ks {
                    let sum = sums[comptime!((c * ks + tap_y) * groups + r / 4)].read();
                    partials[(weight_index + comptime!(tap_y * ks)) * geometry.partials + part] =
                        sum.extract(comptime!(r % 4));
                }
            }
        }
    }
}

/// `sums[i] = Σ over p of partials[i, p]`.
///
/// # Shapes
/// Partial sums: `[elements, count]`; sums: `[elements]`
#[cube(launch_unchecked)]
pub(crate) fn sum_partials(partials: &[f32], sums: &mut [f32], count: usize) {
    let i = ABSOLUTE_POS;
    if i < sums.len() {
        let mut sum = 0.0f32;
        for p in 0..count {
            sum += partials[i * count + p];
        }
        sums[i] = sum;
    }
}
