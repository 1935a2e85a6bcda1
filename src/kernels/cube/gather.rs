//! Convolution as a matrix product whose right side is gathered on the way: the forward pass and the gradient of the input.
//!
//! Rows are the channels that come out, columns the pixels of all pictures, and the inner dimension is (tap, channel that goes in).
//! No column matrix is ever written. A unit holds `rows` channels of its `pixels` in registers: each number that it fetches from the
//! source meets all of them. All units of a cube want the same weights at the same time, so these pass through workgroup memory,
//! `depth` inner steps at a time, at places that are known when the kernel is compiled.

use cubecl::prelude::*;

/// Four numbers side by side.
pub(in crate::kernels) type Four = Vector<f32, Const<4>>;

/// Where a gathering product reads and writes. Sides are pixels.
#[derive(CubeType, CubeLaunch)]
pub(in crate::kernels) struct Geometry {
    /// Channels that come out.
    pub rows: usize,
    /// Channels that go in.
    pub inner: usize,
    /// Pictures.
    pub pictures: usize,
    /// Height of what is read.
    pub source_h: usize,
    /// Width of what is read.
    pub source_w: usize,
    /// Height of what is written.
    pub target_h: usize,
    /// Width of what is written.
    pub target_w: usize,
    /// Pixels of zeros around the convolution's input.
    pub pad: i32,
}

/// What is known when a kernel is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::kernels) struct Shape {
    /// Side of the filter.
    pub ks: usize,
    /// Stride of the convolution.
    pub stride: usize,
    /// Whether this is the gradient of the input: the source is the gradient of the output, and filters are read backwards.
    pub transposed: bool,
    /// Channels a unit computes, a multiple of 4.
    pub rows: usize,
    /// Neighbouring pixels a unit computes.
    pub pixels: usize,
    /// Inner steps whose weights pass through workgroup memory at once.
    pub depth: usize,
    /// Whether `depth` divides the channels that go in.
    pub exact: bool,
    /// Units of a cube.
    pub units: usize,
}

/// `target[n, row, y, x] = Σ weight[row, c, tap] · source[n, c, y', x']`.
///
/// With a stride, the gradient of the input falls apart into `stride²` grids whose pixels see the same taps; each is a cube
/// position of its own along z, so that no unit multiplies by zero.
#[cube(launch_unchecked)]
pub(in crate::kernels) fn gather_product(
    weight: &[f32],
    source: &[f32],
    target: &mut [f32],
    geometry: &Geometry,
    #[comptime] shape: Shape,
) {
    let groups = comptime!(shape.rows / 4);
    let own = comptime!(shape.pixels);
    let depth = comptime!(shape.depth);
    let ks = comptime!(shape.ks);
    let taps = comptime!(shape.ks * shape.ks);
    let stride = comptime!(shape.stride);
    // Pixels of one phase lie this far apart in the target; pixels of the source per step of the target.
    let apart = comptime!(if shape.transposed { shape.stride } else { 1 });
    let pace = comptime!(if shape.transposed { 1 } else { shape.stride });

    let phase = CUBE_POS_Z as usize;
    let phase_y = phase / apart;
    let phase_x = phase % apart;
    let grid_h = (geometry.target_h + (apart - 1) - phase_y) / apart;
    let grid_w = (geometry.target_w + (apart - 1) - phase_x) / apart;
    let pixels = geometry.pictures * grid_h * grid_w;
    let plane = geometry.source_h * geometry.source_w;
    let target_plane = geometry.target_h * geometry.target_w;
    let first_row = CUBE_POS_Y as usize * comptime!(shape.rows);
    let first_pixel = ABSOLUTE_POS_X as usize * own;

    // The first tap of this phase, and the source pixel that it sees from target pixel 0.
    let pad = geometry.pad as usize;
    let tap_y0 = if comptime!(shape.transposed) { (phase_y + pad) % stride } else { 0usize.runtime() };
    let tap_x0 = if comptime!(shape.transposed) { (phase_x + pad) % stride } else { 0usize.runtime() };
    let see_y0 = if comptime!(shape.transposed) { ((phase_y + pad - tap_y0) / stride) as i32 } else { -geometry.pad };
    let see_x0 = if comptime!(shape.transposed) { ((phase_x + pad - tap_x0) / stride) as i32 } else { -geometry.pad };
    let taps_y = if comptime!(shape.transposed) { (ks + stride - 1 - tap_y0) / stride } else { ks.runtime() };
    let taps_x = if comptime!(shape.transposed) { (ks + stride - 1 - tap_x0) / stride } else { ks.runtime() };

    // This unit's pixels: where they read (picture's start, row and column for tap 0) and where they write.
    // Sequences, not arrays: what has a place of its own is kept in a register by every driver.
    let mut start = Sequence::<usize>::new();
    let mut row = Sequence::<i32>::new();
    let mut column = Sequence::<i32>::new();
    let mut written = Sequence::<usize>::new();
    #[unroll]
    for p in 0..own {
        let pixel = first_pixel + p;
        let picture = pixel / (grid_h * grid_w);
        let inside = pixel % (grid_h * grid_w);
        let y = inside / grid_w;
        let x = inside % grid_w;
        start.push(picture * geometry.inner * plane);
        // A pixel past the end reads nothing: no row is that high.
        row.push(select(pixel < pixels, (y * pace) as i32 + see_y0, -1000000i32));
        column.push((x * pace) as i32 + see_x0);
        let line = picture * geometry.rows * target_plane + (y * apart + phase_y) * geometry.target_w;
        written.push(line + x * apart + phase_x);
    }

    let mut weights = Shared::<[Four]>::new_slice(comptime!(shape.depth * shape.rows / 4));
    let mut sums = Sequence::<RuntimeCell<Four>>::new();
    #[unroll]
    for _ in 0..comptime!(shape.pixels * shape.rows / 4) {
        sums.push(RuntimeCell::<Four>::new(Four::new(0.0f32)));
    }

    for ty in 0..taps_y {
        for tx in 0..taps_x {
            let mut step_y = ty as i32;
            let mut step_x = tx as i32;
            let mut tap = ty * ks + tx;
            if comptime!(shape.transposed) {
                step_y = -step_y;
                step_x = -step_x;
                tap = (tap_y0 + ty * stride) * ks + tap_x0 + tx * stride;
            }
            let mut at = Sequence::<usize>::new();
            let mut there = Sequence::<bool>::new();
            #[unroll]
            for p in 0..own {
                let y = row[p] + step_y;
                let x = column[p] + step_x;
                let inside = y >= 0 && y < geometry.source_h as i32 && x >= 0 && x < geometry.source_w as i32;
                at.push(select(inside, start[p] + y as usize * geometry.source_w + x as usize, 0usize));
                there.push(inside);
            }

            let mut channel = 0usize;
            while channel < geometry.inner {
                let mut turn = UNIT_POS as usize;
                while turn < comptime!(shape.depth * shape.rows / 4) {
                    let c = channel + turn / groups;
                    let r = first_row + turn % groups * 4;
                    let mut four = Four::new(0.0f32);
                    #[unroll]
                    for i in 0..4usize {
                        let known = c < geometry.inner && r + i < geometry.rows;
                        let mut place = ((r + i) * geometry.inner + c) * taps + tap;
                        if comptime!(shape.transposed) {
                            place = (c * geometry.rows + r + i) * taps + tap;
                        }
                        four.insert(i, select(known, weight[select(known, place, 0usize)], 0.0f32));
                    }
                    weights[turn] = four;
                    turn += comptime!(shape.units);
                }
                sync_cube();

                #[unroll]
                for k in 0..depth {
                    let c = channel + k;
                    #[unroll]
                    for p in 0..own {
                        let mut known = there[p];
                        if comptime!(!shape.exact) {
                            known = known && c < geometry.inner;
                        }
                        let value = select(known, source[select(known, at[p] + c * plane, 0usize)], 0.0f32);
                        let value = Four::new(value);
                        #[unroll]
                        for g in 0..groups {
                            let sum = &sums[comptime!(p * groups + g)];
                            sum.store(sum.read() + weights[k * groups + g] * value);
                        }
                    }
                }
                sync_cube();
                channel += depth;
            }
        }
    }

    #[unroll]
    for p in 0..own {
        if first_pixel + p < pixels {
            #[unroll]
            for r in 0..comptime!(shape.rows) {
                if first_row + r < geometry.rows {
                    target[written[p] + (first_row + r) * target_plane] =
                        sums[comptime!(p * groups + r / 4)].read().extract(comptime!(r % 4));
                }
            }
        }
    }
}
