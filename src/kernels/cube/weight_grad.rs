//! The gradient of a convolution's weights, as a matrix product over all pixels that is cut into parts.
//!
//! Rows are output channels, columns (input channel, tap), and the inner dimension is every pixel of every picture: the product is
//! small and its sums are long. So the pixels are shared out among cubes, and among units of a cube where the product is smaller
//! than 64 tiles of 8 × 4; `gather_parts` adds up what they found.

use cubecl::prelude::*;

use super::gather::Four;

/// Sizes of one weight gradient.
#[derive(CubeType, CubeLaunch)]
pub(in crate::kernels) struct WeightGeometry {
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
    /// Pixels of zeros around the input.
    pub pad: i32,
    /// Pixels a cube goes through.
    pub share: usize,
}

/// What is known when a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::kernels) struct WeightShape {
    /// Side of the filter.
    pub ks: usize,
    /// Stride.
    pub stride: usize,
    /// Units side by side over the columns.
    pub wide: usize,
    /// Units over the rows.
    pub tall: usize,
    /// Units that share the pixels of one tile: `wide · tall · deep = 64`.
    pub deep: usize,
}

/// Pixels that pass through workgroup memory at once.
const DEPTH: usize = 16;

/// `parts[cube along z · deep + unit's share, row, c, tap] = Σ over its pixels of grad[n, row, y, x] · input[n, c, y', x']`.
#[cube(launch_unchecked)]
pub(in crate::kernels) fn weight_product(
    grad: &[f32],
    input: &[f32],
    parts: &mut [f32],
    geometry: &WeightGeometry,
    #[comptime] shape: WeightShape,
) {
    let wide = comptime!(shape.wide);
    let tall = comptime!(shape.tall);
    let deep = comptime!(shape.deep);
    let ks = comptime!(shape.ks);
    let taps = comptime!(shape.ks * shape.ks);
    let stride = comptime!(shape.stride);
    // Groups of four columns that one unit fetches for its pixel: 64 units hold 16 pixels, four units a pixel.
    let fetches = comptime!(shape.wide.div_ceil(64 / DEPTH));

    let unit = UNIT_POS as usize;
    let across = unit % wide;
    let down = (unit / wide) % tall;
    let part = unit / comptime!(shape.wide * shape.tall);

    let columns = geometry.inner * taps;
    let output_plane = geometry.output_h * geometry.output_w;
    let input_plane = geometry.input_h * geometry.input_w;
    let pixels = geometry.pictures * output_plane;
    let cube_row = CUBE_POS_Y as usize * (tall * 8);
    let cube_column = CUBE_POS_X as usize * (wide * 4);

    // What this unit fetches: one pixel of the sixteen, and every fourth group of columns.
    let own_pixel = unit % DEPTH;
    let own_group = unit / DEPTH;
    let mut offset = Array::<usize>::new(comptime!(fetches * 4));
    let mut tap_y = Array::<i32>::new(comptime!(fetches * 4));
    let mut tap_x = Array::<i32>::new(comptime!(fetches * 4));
    #[unroll]
    for f in 0..fetches {
        #[unroll]
        for i in 0..4usize {
            let column = cube_column + (own_group + f * comptime!(64 / DEPTH)) * 4 + i;
            let c = column / taps;
            let tap = column % taps;
            offset[f * 4 + i] = c * input_plane;
            // A column past the end reads nothing: no row is that high.
            tap_y[f * 4 + i] = select(column < columns, (tap / ks) as i32, -1000000i32);
            tap_x[f * 4 + i] = (tap % ks) as i32;
        }
    }

    let mut grads = Shared::<[Four]>::new_slice(comptime!(DEPTH * tall * 2));
    let mut gathered = Shared::<[Four]>::new_slice(comptime!(DEPTH * wide));
    let mut sums = Array::<Four>::new(8usize);
    #[unroll]
    for i in 0..8usize {
        sums[i] = Four::new(0.0f32);
    }

    let first = CUBE_POS_Z as usize * geometry.share;
    let mut done = 0usize;
    while done < geometry.share {
        let pixel = first + done + own_pixel;
        let known = done + own_pixel < geometry.share && pixel < pixels;
        let picture = pixel / output_plane;
        let inside = pixel % output_plane;
        let y = (inside / geometry.output_w * stride) as i32 - geometry.pad;
        let x = (inside % geometry.output_w * stride) as i32 - geometry.pad;

        let mut group = own_group;
        while group < comptime!(tall * 2) {
            let mut four = Four::new(0.0f32);
            #[unroll]
            for i in 0..4usize {
                let r = cube_row + group * 4 + i;
                let there = known && r < geometry.rows;
                let place = (picture * geometry.rows + r) * output_plane + inside;
                four.insert(i, select(there, grad[select(there, place, 0usize)], 0.0f32));
            }
            grads[own_pixel * comptime!(tall * 2) + group] = four;
            group += comptime!(64 / DEPTH);
        }
        #[unroll]
        for f in 0..fetches {
            let group = own_group + f * comptime!(64 / DEPTH);
            if group < wide {
                let mut four = Four::new(0.0f32);
                #[unroll]
                for i in 0..4usize {
                    let yy = y + tap_y[f * 4 + i];
                    let xx = x + tap_x[f * 4 + i];
                    let there = known && yy >= 0 && yy < geometry.input_h as i32 && xx >= 0 && xx < geometry.input_w as i32;
                    let place = picture * geometry.inner * input_plane + offset[f * 4 + i] + yy as usize * geometry.input_w + xx as usize;
                    four.insert(i, select(there, input[select(there, place, 0usize)], 0.0f32));
                }
                gathered[own_pixel * wide + group] = four;
            }
        }
        sync_cube();

        #[unroll]
        for step in 0..comptime!(DEPTH / deep) {
            let k = step * deep + part;
            let upper = grads[k * comptime!(tall * 2) + down * 2];
            let lower = grads[k * comptime!(tall * 2) + down * 2 + 1];
            let four = gathered[k * wide + across];
            #[unroll]
            for i in 0..4usize {
                sums[i] += Four::new(upper.extract(i)) * four;
                sums[i + 4] += Four::new(lower.extract(i)) * four;
            }
        }
        sync_cube();
        done += DEPTH;
    }

    let slab = (CUBE_POS_Z as usize * deep + part) * geometry.rows * columns;
    let row = cube_row + down * 8;
    let column = cube_column + across * 4;
    #[unroll]
    for r in 0..8usize {
        #[unroll]
        for i in 0..4usize {
            if row + r < geometry.rows && column + i < columns {
                parts[slab + (row + r) * columns + column + i] = sums[r].extract(i);
            }
        }
    }
}

/// `whole[i] = Σ parts[p, i]`.
#[cube(launch_unchecked)]
pub(in crate::kernels) fn gather_parts(parts: &[f32], whole: &mut [f32], count: usize) {
    let i = ABSOLUTE_POS;
    let length = whole.len();
    if i < length {
        let mut sum = 0.0f32;
        for p in 0..count {
            sum += parts[p * length + i];
        }
        whole[i] = sum;
    }
}
