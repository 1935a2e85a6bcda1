//! Convolution as a matrix product whose right side is gathered on the way: the forward pass and the gradient of the input.
//!
//! Rows are the channels that come out, columns the pixels of all pictures, and the inner dimension is (tap, channel that goes in).
//! No column matrix is ever written. A cube of 64 units computes `rows × columns`, a unit 8 rows of 4 neighbouring pixels in
//! registers; weights and gathered pixels pass through workgroup memory, 16 inner steps at a time at most.

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
    /// Units side by side over the pixels, a power of two up to 64; the others lie over the rows.
    pub wide: usize,
    /// Inner steps that pass through workgroup memory at once.
    pub depth: usize,
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
    let wide = comptime!(shape.wide);
    let tall = comptime!(64 / shape.wide);
    let depth = comptime!(shape.depth);
    let ks = comptime!(shape.ks);
    let taps = comptime!(shape.ks * shape.ks);
    let stride = comptime!(shape.stride);
    // Pixels of one phase lie this far apart in the target; pixels of the source per step of the target.
    let apart = comptime!(if shape.transposed { shape.stride } else { 1 });
    let pace = comptime!(if shape.transposed { 1 } else { shape.stride });

    let unit = UNIT_POS as usize;
    let across = unit % wide;
    let down = unit / wide;

    let phase = CUBE_POS_Z as usize;
    let phase_y = phase / apart;
    let phase_x = phase % apart;
    let grid_h = (geometry.target_h + (apart - 1) - phase_y) / apart;
    let grid_w = (geometry.target_w + (apart - 1) - phase_x) / apart;
    let pixels = geometry.pictures * grid_h * grid_w;
    let plane = geometry.source_h * geometry.source_w;
    let target_plane = geometry.target_h * geometry.target_w;

    let first_row = CUBE_POS_Y as usize * (tall * 8) + down * 8;
    let first_pixel = (CUBE_POS_X as usize * wide + across) * 4;

    // The first tap of this phase, and the source pixel that it sees from target pixel 0.
    let pad = geometry.pad as usize;
    let tap_y0 = if comptime!(shape.transposed) { (phase_y + pad) % stride } else { 0usize.runtime() };
    let tap_x0 = if comptime!(shape.transposed) { (phase_x + pad) % stride } else { 0usize.runtime() };
    let see_y0 = if comptime!(shape.transposed) { ((phase_y + pad - tap_y0) / stride) as i32 } else { -geometry.pad };
    let see_x0 = if comptime!(shape.transposed) { ((phase_x + pad - tap_x0) / stride) as i32 } else { -geometry.pad };
    let taps_y = if comptime!(shape.transposed) { (ks + stride - 1 - tap_y0) / stride } else { ks.runtime() };
    let taps_x = if comptime!(shape.transposed) { (ks + stride - 1 - tap_x0) / stride } else { ks.runtime() };

    // This unit's four pixels: where they read (picture's start, row and column for tap 0) and where they write.
    let mut start = Array::<usize>::new(4usize);
    let mut row = Array::<i32>::new(4usize);
    let mut column = Array::<i32>::new(4usize);
    let mut written = Array::<usize>::new(4usize);
    #[unroll]
    for i in 0..4usize {
        let pixel = first_pixel + i;
        let picture = pixel / (grid_h * grid_w);
        let inside = pixel % (grid_h * grid_w);
        let y = inside / grid_w;
        let x = inside % grid_w;
        start[i] = picture * geometry.inner * plane;
        // A pixel past the end reads nothing: no row is that high.
        row[i] = select(pixel < pixels, (y * pace) as i32 + see_y0, -1000000i32);
        column[i] = (x * pace) as i32 + see_x0;
        written[i] = picture * geometry.rows * target_plane + (y * apart + phase_y) * geometry.target_w + x * apart + phase_x;
    }

    let mut weights = Shared::<[Four]>::new_slice(comptime!(depth * tall * 2));
    let mut gathered = Shared::<[Four]>::new_slice(comptime!(depth * wide));

    let mut sums = Array::<Four>::new(8usize);
    #[unroll]
    for i in 0..8usize {
        sums[i] = Four::new(0.0f32);
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
            let mut at = Array::<usize>::new(4usize);
            let mut inside = Array::<bool>::new(4usize);
            #[unroll]
            for i in 0..4usize {
                let y = row[i] + step_y;
                let x = column[i] + step_x;
                inside[i] = y >= 0 && y < geometry.source_h as i32 && x >= 0 && x < geometry.source_w as i32;
                at[i] = select(inside[i], start[i] + y as usize * geometry.source_w + x as usize, 0usize);
            }

            let mut channel = 0usize;
            while channel < geometry.inner {
                // Four rows of one inner step a turn.
                let mut turn = unit;
                while turn < comptime!(depth * tall * 2) {
                    let k = turn / comptime!(tall * 2);
                    let group = turn % comptime!(tall * 2);
                    let c = channel + k;
                    let r = CUBE_POS_Y as usize * (tall * 8) + group * 4;
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
                    turn += 64usize;
                }
                let mut k = down;
                while k < depth {
                    let c = channel + k;
                    let mut four = Four::new(0.0f32);
                    #[unroll]
                    for i in 0..4usize {
                        let known = inside[i] && c < geometry.inner;
                        four.insert(i, select(known, source[select(known, at[i] + c * plane, 0usize)], 0.0f32));
                    }
                    gathered[k * wide + across] = four;
                    k += tall;
                }
                sync_cube();

                #[unroll]
                for k in 0..depth {
                    let upper = weights[k * comptime!(tall * 2) + down * 2];
                    let lower = weights[k * comptime!(tall * 2) + down * 2 + 1];
                    let four = gathered[k * wide + across];
                    #[unroll]
                    for i in 0..4usize {
                        sums[i] += Four::new(upper.extract(i)) * four;
                        sums[i + 4] += Four::new(lower.extract(i)) * four;
                    }
                }
                sync_cube();
                channel += depth;
            }
        }
    }

    #[unroll]
    for r in 0..8usize {
        #[unroll]
        for i in 0..4usize {
            if first_row + r < geometry.rows && first_pixel + i < pixels {
                target[written[i] + (first_row + r) * target_plane] = sums[r].extract(i);
            }
        }
    }
}
