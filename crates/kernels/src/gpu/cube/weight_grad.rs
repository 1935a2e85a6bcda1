//! The gradient of a convolution's weights: sums over every pixel of every picture, which are long
//! and few.
//!
//! A unit holds the sums of `rows` output channels, `inner` input channels and one column of taps
//! in registers, and goes through its part of the pixels, `pixels` of them one below another at a
//! time: a fetched gradient meets every input channel and tap, a fetched input every output channel
//! and each pixel that sees it. Neighbouring units go through neighbouring pixels. What they find
//! lies side by side, and `gather_parts` adds it up; small pictures have one part.

use cubecl::prelude::*;

use crate::gpu::cube::gather::Four;

/// Sizes of one weight gradient.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct WeightGeometry {
    /// Output channels.
    pub rows: usize,
    /// Input channels.
    pub inner: usize,
    /// Pictures.
    pub pictures: usize,
    /// Height of the input.
    pub input_h: usize,
    /// Width of the input.
    pub input_w: usize,
    /// Height of the output.
    pub output_h: usize,
    /// Width of the output.
    pub output_w: usize,
    /// Parts that the pixels are cut into.
    pub parts: usize,
}

/// What is known when a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WeightShape {
    /// Side of the filter.
    pub ks: usize,
    /// Stride.
    pub stride: usize,
    /// Pixels of zeros around the input.
    pub pad: usize,
    /// Output channels a unit computes, a multiple of 4.
    pub rows: usize,
    /// Input channels a unit computes.
    pub inner: usize,
    /// Output pixels a unit fetches at once, one below another.
    pub pixels: usize,
}

/// `parts[row, c, tap, part] = Σ over the part's pixels of grad[n, row, y, x] · input[n, c, y',
/// x']`.
#[cube(launch_unchecked)]
pub(crate) fn weight_product(
    grad: &[f32],
    input: &[f32],
    parts: &mut [f32],
    geometry: &WeightGeometry,
    #[comptime] shape: WeightShape,
) {
    let groups = comptime!(shape.rows / 4);
    let own = comptime!(shape.pixels);
    let ks = comptime!(shape.ks);
    let channels = comptime!(shape.inner);
    let high = comptime!((shape.pixels - 1) * shape.stride + shape.ks);
    let pad = comptime!(shape.pad as i32);

    let input_h = geometry.input_h as i32;
    let input_w = geometry.input_w as i32;
    let input_plane = geometry.input_h * geometry.input_w;
    let output_plane = geometry.output_h * geometry.output_w;
    let blocks = (geometry.inner + comptime!(shape.inner - 1)) / channels;
    let part = ABSOLUTE_POS_X as usize % geometry.parts;
    let tile = ABSOLUTE_POS_X as usize / geometry.parts;
    let tap_x = tile % ks;
    let first_channel = tile / ks % blocks * channels;
    let first_row = tile / (ks * blocks) * comptime!(shape.rows);

    // Channels past the end read the last, and are not written.
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
    let mut sums = Sequence::<RuntimeCell<Four>>::new();
    #[unroll]
    for _ in 0..comptime!(shape.inner * shape.ks * shape.rows / 4) {
        sums.push(RuntimeCell::<Four>::new(Four::new(0.0f32)));
    }

    let strips = (geometry.output_h + comptime!(shape.pixels - 1)) / own;
    let items = geometry.pictures * strips * geometry.output_w;
    let mut item = part;
    while item < items {
        let x = item % geometry.output_w;
        let y = item / geometry.output_w % strips * own;
        let picture = item / (geometry.output_w * strips);
        // The column of the input that this tap sees. Outside, a neighbouring number is fetched and
        // counts as zero, as in `gather`.
        let start = picture * geometry.inner * input_plane;
        let seen_x = (x * comptime!(shape.stride) + tap_x) as i32 - pad;
        let column_there = seen_x >= 0 && seen_x < input_w;
        let first = start < ks;
        let last = start + geometry.inner * input_plane + ks
            > geometry.pictures * geometry.inner * input_plane;
        let near = select(seen_x < 0 && first, 0i32, seen_x);
        let column = start as i32 + select(seen_x >= input_w && last, input_w - 1, near);
        let top = (y * comptime!(shape.stride)) as i32 - pad;
        let mut line = Sequence::<i32>::new();
        let mut there = Sequence::<bool>::new();
        #[unroll]
        for j in 0..high {
            let at = top + comptime!(j as i32);
            let inside = at >= 0 && at < input_h;
            there.push(column_there && inside);
            line.push(column + select(inside, at, select(at < 0, 0i32, input_h - 1)) * input_w);
        }

        let mut grads = Sequence::<Four>::new();
        #[unroll]
        for p in 0..own {
            let inside = y + p < geometry.output_h;
            let from = picture * geometry.rows * output_plane
                + select(inside, y + p, 0usize) * geometry.output_w
                + x;
            #[unroll]
            for g in 0..groups {
                let mut four = Four::new(0.0f32);
                #[unroll]
                for r in 0..4usize {
                    four.insert(r, select(inside, grad[from + row[comptime!(g * 4 + r)]], 0.0f32));
                }
                grads.push(four);
            }
        }
        #[unroll]
        for c in 0..channels {
            let mut seen = Sequence::<Four>::new();
            #[unroll]
            for j in 0..high {
                let value = input[(line[j] + channel[c]) as usize];
                seen.push(Four::new(select(there[j], value, 0.0f32)));
            }
            #[unroll]
            for tap_y in 0..ks {
                #[unroll]
                for p in 0..own {
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
        item += geometry.parts;
    }

    #[unroll]
    for c in 0..channels {
        #[unroll]
        for r in 0..comptime!(shape.rows) {
            if first_row + r < geometry.rows && first_channel + c < geometry.inner {
                let filter = ((first_row + r) * geometry.inner + first_channel + c)
                    * comptime!(shape.ks * shape.ks)
                    + tap_x;
                #[unroll]
                for tap_y in 0..ks {
                    let sum = sums[comptime!((c * ks + tap_y) * groups + r / 4)].read();
                    parts[(filter + comptime!(tap_y * ks)) * geometry.parts + part] =
                        sum.extract(comptime!(r % 4));
                }
            }
        }
    }
}

/// `whole[i] = Σ parts[i, p]`.
#[cube(launch_unchecked)]
pub(crate) fn gather_parts(parts: &[f32], whole: &mut [f32], count: usize) {
    let i = ABSOLUTE_POS;
    if i < whole.len() {
        let mut sum = 0.0f32;
        for p in 0..count {
            sum += parts[i * count + p];
        }
        whole[i] = sum;
    }
}
