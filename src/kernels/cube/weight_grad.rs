//! The gradient of a convolution's weights, as a matrix product over all pixels that is cut into parts.
//!
//! Rows are output channels, columns (input channel, tap), and the inner dimension is every pixel of every picture: the product is
//! small and its sums are long. So the pixels are shared out among cubes; `gather_parts` adds up what they found. A unit holds `rows` channels of its columns in registers.

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
    /// Output channels a unit computes, a multiple of 4.
    pub rows: usize,
    /// Columns a unit computes, `units` apart.
    pub columns: usize,
    /// Units of a cube, side by side over the columns.
    pub units: usize,
}

/// Pixels that pass through workgroup memory at once.
const DEPTH: usize = 16;

/// `parts[cube along z, row, c, tap] = Σ over its pixels of grad[n, row, y, x] · input[n, c, y', x']`.
#[cube(launch_unchecked)]
pub(in crate::kernels) fn weight_product(
    grad: &[f32],
    input: &[f32],
    parts: &mut [f32],
    geometry: &WeightGeometry,
    #[comptime] shape: WeightShape,
) {
    let groups = comptime!(shape.rows / 4);
    let own = comptime!(shape.columns);
    let ks = comptime!(shape.ks);
    let taps = comptime!(shape.ks * shape.ks);
    let stride = comptime!(shape.stride);
    let units = comptime!(shape.units);
    let unit = UNIT_POS as usize;

    let columns = geometry.inner * taps;
    let output_plane = geometry.output_h * geometry.output_w;
    let input_plane = geometry.input_h * geometry.input_w;
    let pixels = geometry.pictures * output_plane;
    let first_row = CUBE_POS_Y as usize * comptime!(shape.rows);
    let first_column = CUBE_POS_X as usize * comptime!(shape.units * shape.columns) + unit;

    let mut offset = Sequence::<usize>::new();
    let mut tap_y = Sequence::<i32>::new();
    let mut tap_x = Sequence::<i32>::new();
    #[unroll]
    for j in 0..own {
        let column = first_column + j * units;
        let tap = column % taps;
        offset.push(column / taps * input_plane);
        // A column past the end reads nothing: no row is that high.
        tap_y.push(select(column < columns, (tap / ks) as i32 - geometry.pad, -1000000i32));
        tap_x.push((tap % ks) as i32 - geometry.pad);
    }

    let mut grads = Shared::<[Four]>::new_slice(comptime!(DEPTH * shape.rows / 4));
    let mut starts = Shared::<[usize]>::new_slice(DEPTH);
    let mut ys = Shared::<[i32]>::new_slice(DEPTH);
    let mut xs = Shared::<[i32]>::new_slice(DEPTH);
    let mut sums = Sequence::<RuntimeCell<Four>>::new();
    #[unroll]
    for _ in 0..comptime!(shape.columns * shape.rows / 4) {
        sums.push(RuntimeCell::<Four>::new(Four::new(0.0f32)));
    }

    let first = CUBE_POS_Z as usize * geometry.share;
    let mut done = 0usize;
    while done < geometry.share {
        let mut turn = unit;
        while turn < comptime!(DEPTH * shape.rows / 4) {
            let k = turn % DEPTH;
            let group = turn / DEPTH;
            let pixel = first + done + k;
            let known = done + k < geometry.share && pixel < pixels;
            let picture = pixel / output_plane;
            let inside = pixel % output_plane;
            let mut four = Four::new(0.0f32);
            #[unroll]
            for i in 0..4usize {
                let r = first_row + group * 4 + i;
                let there = known && r < geometry.rows;
                let place = (picture * geometry.rows + r) * output_plane + inside;
                four.insert(i, select(there, grad[select(there, place, 0usize)], 0.0f32));
            }
            grads[k * groups + group] = four;
            if group == 0 {
                starts[k] = picture * geometry.inner * input_plane;
                // Gradients past the end are zero; their pixels only have to be somewhere.
                ys[k] = select(known, (inside / geometry.output_w * stride) as i32, -1000000i32);
                xs[k] = (inside % geometry.output_w * stride) as i32;
            }
            turn += units;
        }
        sync_cube();

        #[unroll]
        for k in 0..DEPTH {
            let y = ys[k];
            let x = xs[k];
            let start = starts[k];
            #[unroll]
            for j in 0..own {
                let yy = y + tap_y[j];
                let xx = x + tap_x[j];
                let there = yy >= 0 && yy < geometry.input_h as i32 && xx >= 0 && xx < geometry.input_w as i32;
                let place = start + offset[j] + yy as usize * geometry.input_w + xx as usize;
                let value = Four::new(select(there, input[select(there, place, 0usize)], 0.0f32));
                #[unroll]
                for g in 0..groups {
                    let sum = &sums[comptime!(j * groups + g)];
                    sum.store(sum.read() + grads[k * groups + g] * value);
                }
            }
        }
        sync_cube();
        done += DEPTH;
    }

    let slab = CUBE_POS_Z as usize * geometry.rows * columns;
    #[unroll]
    for j in 0..own {
        let column = first_column + j * units;
        if column < columns {
            #[unroll]
            for r in 0..comptime!(shape.rows) {
                if first_row + r < geometry.rows {
                    parts[slab + (first_row + r) * columns + column] = sums[comptime!(j * groups + r / 4)].read().extract(comptime!(r % 4));
                }
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
