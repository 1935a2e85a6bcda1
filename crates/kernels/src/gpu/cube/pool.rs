//! The two pools of the chapter's networks, both ways.

use cubecl::prelude::*;

/// Sizes of a pool; sides in pixels.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct PoolGeometry {
    /// Pictures times channels.
    pub planes: usize,
    /// Height of the input.
    pub input_h: usize,
    /// Width of the input.
    pub input_w: usize,
    /// Height of the output.
    pub output_h: usize,
    /// Width of the output.
    pub output_w: usize,
}

/// `MaxPool2d(3, stride = 2, padding = 1)` and which of the nine was the largest (the first of
/// equals, as in PyTorch).
#[cube(launch_unchecked)]
pub(crate) fn max_pool(
    input: &[f32],
    output: &mut [f32],
    winner: &mut [u32],
    geometry: &PoolGeometry,
) {
    let i = ABSOLUTE_POS;
    let area = geometry.output_h * geometry.output_w;
    if i < geometry.planes * area {
        let plane = i / area;
        let y = (i % area / geometry.output_w * 2) as i32 - 1;
        let x = (i % geometry.output_w * 2) as i32 - 1;
        let start = plane * geometry.input_h * geometry.input_w;
        // Below every float that a network could hold; a window is never empty.
        let mut best = f32::new(-3.0e38f32);
        let mut which = 0u32;
        #[unroll]
        for tap in 0..9usize {
            let yy = y + comptime!((tap / 3) as i32);
            let xx = x + comptime!((tap % 3) as i32);
            if yy >= 0 && yy < geometry.input_h as i32 && xx >= 0 && xx < geometry.input_w as i32 {
                let value = input[start + yy as usize * geometry.input_w + xx as usize];
                if value > best {
                    best = value;
                    which = comptime!(tap as u32).runtime();
                }
            }
        }
        output[i] = best;
        winner[i] = which;
    }
}

/// The way back: a pixel gets the gradient of every window that it won.
#[cube(launch_unchecked)]
pub(crate) fn max_pool_gradient(
    grad: &[f32],
    winner: &[u32],
    input_grad: &mut [f32],
    geometry: &PoolGeometry,
) {
    let i = ABSOLUTE_POS;
    let area = geometry.input_h * geometry.input_w;
    if i < geometry.planes * area {
        let plane = i / area;
        let y = i % area / geometry.input_w;
        let x = i % geometry.input_w;
        let start = plane * geometry.output_h * geometry.output_w;
        let mut sum = 0.0f32;
        // Window (wy, wx) covers rows 2 wy − 1 to 2 wy + 1: at most two of them hold this row, and
        // two this column.
        #[unroll]
        for dy in 0..2usize {
            #[unroll]
            for dx in 0..2usize {
                let wy = y / 2 + dy;
                let wx = x / 2 + dx;
                let row = y as i32 + 1 - (wy * 2) as i32;
                let column = x as i32 + 1 - (wx * 2) as i32;
                if row >= 0 && column >= 0 && wy < geometry.output_h && wx < geometry.output_w {
                    let place = start + wy * geometry.output_w + wx;
                    if winner[place] == (row * 3 + column) as u32 {
                        sum += grad[place];
                    }
                }
            }
        }
        input_grad[i] = sum;
    }
}

/// How many of a window's two rows (or columns) there are, on a side of `length`.
#[cube]
fn held(window: usize, length: usize) -> usize {
    select(window * 2 + 1 < length, 2usize, 1usize)
}

/// `AvgPool2d(2, ceil_mode=True)`: at an odd edge a window is divided by what it holds.
#[cube(launch_unchecked)]
pub(crate) fn average_pool(input: &[f32], output: &mut [f32], geometry: &PoolGeometry) {
    let i = ABSOLUTE_POS;
    let area = geometry.output_h * geometry.output_w;
    if i < geometry.planes * area {
        let y = i % area / geometry.output_w;
        let x = i % geometry.output_w;
        let start =
            i / area * geometry.input_h * geometry.input_w + y * 2 * geometry.input_w + x * 2;
        let down = held(y, geometry.input_h);
        let right = held(x, geometry.input_w);
        let mut sum = input[start];
        if right == 2 {
            sum += input[start + 1];
        }
        if down == 2 {
            sum += input[start + geometry.input_w];
        }
        if down == 2 && right == 2 {
            sum += input[start + geometry.input_w + 1];
        }
        output[i] = sum / f32::cast_from(down * right);
    }
}

/// The way back of [`average_pool`].
#[cube(launch_unchecked)]
pub(crate) fn average_pool_gradient(grad: &[f32], input_grad: &mut [f32], geometry: &PoolGeometry) {
    let i = ABSOLUTE_POS;
    let area = geometry.input_h * geometry.input_w;
    if i < geometry.planes * area {
        let y = i % area / geometry.input_w / 2;
        let x = i % geometry.input_w / 2;
        let place = i / area * geometry.output_h * geometry.output_w + y * geometry.output_w + x;
        input_grad[i] =
            grad[place] / f32::cast_from(held(y, geometry.input_h) * held(x, geometry.input_w));
    }
}
