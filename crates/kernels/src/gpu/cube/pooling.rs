//! The networks' two pools, forward and backward, one unit for each element that is written.
//!
//! The backward passes visit the pixels of the input and collect from the windows that see them, so
//! that no two units write to the same address. Tensors are contiguous `[n, c, h, w]`, seen as
//! `n · c` planes.

use cubecl::prelude::*;

/// The sizes of a pool, in pixels.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct PoolGeometry {
    /// Batch size times number of channels.
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

/// PyTorch's `MaxPool2d(3, stride=2, padding=1)`. `argmax` receives the position of the largest
/// value in its window, counted row by row from 0 to 8; the first of equals counts, as in PyTorch.
///
/// # Shapes
/// Input: `[planes, input_h, input_w]`; output and `argmax`: `[planes, output_h, output_w]`
#[cube(launch_unchecked)]
pub(crate) fn max_pool(
    input: &[f32],
    output: &mut [f32],
    argmax: &mut [u32],
    geometry: &PoolGeometry,
) {
    let i = ABSOLUTE_POS;
    let area = geometry.output_h * geometry.output_w;
    if i < geometry.planes * area {
        let plane = i / area;
        let y = (i % area / geometry.output_w * 2) as i32 - 1;
        let x = (i % geometry.output_w * 2) as i32 - 1;
        let start = plane * geometry.input_h * geometry.input_w;
        // Smaller than every value that a network could hold; no window is empty.
        let mut best = f32::new(-3.0e38f32);
        let mut position = 0u32;
        #[unroll]
        for tap in 0..9usize {
            let yy = y + comptime!((tap / 3) as i32);
            let xx = x + comptime!((tap % 3) as i32);
            if yy >= 0 && yy < geometry.input_h as i32 && xx >= 0 && xx < geometry.input_w as i32 {
                let value = input[start + yy as usize * geometry.input_w + xx as usize];
                if value > best {
                    best = value;
                    position = comptime!(tap as u32).runtime();
                }
            }
        }
        output[i] = best;
        argmax[i] = position;
    }
}

/// The backward pass of [`max_pool`]: a pixel receives the gradient of each window that it won.
///
/// # Shapes
/// Gradient and `argmax`: `[planes, output_h, output_w]`; result: `[planes, input_h, input_w]`
#[cube(launch_unchecked)]
pub(crate) fn max_pool_gradient(
    grad: &[f32],
    argmax: &[u32],
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
                    let index = start + wy * geometry.output_w + wx;
                    if argmax[index] == (row * 3 + column) as u32 {
                        sum += grad[index];
                    }
                }
            }
        }
        input_grad[i] = sum;
    }
}

/// How many of a window's two rows (or columns) lie inside of an input of height (or width)
/// `length`.
#[cube]
fn window_len(window: usize, length: usize) -> usize {
    select(window * 2 + 1 < length, 2usize, 1usize)
}

/// PyTorch's `AvgPool2d(2, ceil_mode=True)`: a window over an odd edge is divided by what it holds.
///
/// # Shapes
/// Input: `[planes, input_h, input_w]`; output: `[planes, output_h, output_w]`
#[cube(launch_unchecked)]
pub(crate) fn average_pool(input: &[f32], output: &mut [f32], geometry: &PoolGeometry) {
    let i = ABSOLUTE_POS;
    let area = geometry.output_h * geometry.output_w;
    if i < geometry.planes * area {
        let y = i % area / geometry.output_w;
        let x = i % geometry.output_w;
        let start =
            i / area * geometry.input_h * geometry.input_w + y * 2 * geometry.input_w + x * 2;
        let height = window_len(y, geometry.input_h);
        let width = window_len(x, geometry.input_w);
        let mut sum = input[start];
        if width == 2 {
            sum += input[start + 1];
        }
        if height == 2 {
            sum += input[start + geometry.input_w];
        }
        if height == 2 && width == 2 {
            sum += input[start + geometry.input_w + 1];
        }
        output[i] = sum / f32::cast_from(height * width);
    }
}

/// The backward pass of [`average_pool`].
///
/// # Shapes
/// Gradient: `[planes, output_h, output_w]`; result: `[planes, input_h, input_w]`
#[cube(launch_unchecked)]
pub(crate) fn average_pool_gradient(grad: &[f32], input_grad: &mut [f32], geometry: &PoolGeometry) {
    let i = ABSOLUTE_POS;
    let area = geometry.input_h * geometry.input_w;
    if i < geometry.planes * area {
        let y = i % area / geometry.input_w / 2;
        let x = i % geometry.input_w / 2;
        let index = i / area * geometry.output_h * geometry.output_w + y * geometry.output_w + x;
        input_grad[i] = grad[index]
            / f32::cast_from(window_len(y, geometry.input_h) * window_len(x, geometry.input_w));
    }
}
