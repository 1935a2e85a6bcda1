//! Pictures sampled on the GPU from their bytes: cropped, warped, relit, normalised and mixed, one
//! unit for each output pixel.
//!
//! A projective map takes the centre of an output pixel to a point of the picture, which is
//! interpolated bilinearly and reflected at the edges. fastai's lighting adds to the logit of each
//! value and multiplies it. Mixup (Zhang et al. 2017, arXiv:1710.09412) blends the normalised
//! values of two pictures.
//!
//! All pictures lie one after another in `bytes`, four bytes to a word, as WebGPU has no smaller
//! type. `headers` has [`HEADER_LEN`] integers and `views` [`VIEW_LEN`] floats for each picture.

use cubecl::prelude::*;

/// Floats of each picture in `views`: the nine of the projective map, the two of the lighting, and
/// the picture's own share in a mix.
pub(crate) const VIEW_LEN: usize = 12;
/// Integers of each picture in `headers`: the offset of its first byte, width, height, the index of
/// its Mixup partner, and whether its light changes.
pub(crate) const HEADER_LEN: usize = 5;

/// Folds a coordinate into `0..=last` by reflection at the centres of the outermost pixels.
#[cube]
fn reflect(x: f32, last: f32) -> f32 {
    let round = f32::max(2.0f32 * last, 1.0f32);
    let x = f32::abs(x);
    let folded = x - round * f32::floor(x / round);
    select(last == 0.0f32, 0.0f32, select(folded > last, 2.0f32 * last - folded, folded))
}

/// The byte at this offset, as a fraction of 255.
#[cube]
fn read_byte(bytes: &[u32], at: usize) -> f32 {
    let word = bytes[at / 4];
    let shift = ((at % 4) * 8) as u32;
    f32::cast_from((word >> shift) & 255u32) / 255.0f32
}

/// fastai's lighting of a value between 0 and 1.
#[cube]
fn relight(value: f32, add: f32, scale: f32) -> f32 {
    let p = f32::clamp(value, 1e-7f32, 0.9999999f32);
    let logit = (f32::ln(p) - f32::ln(1.0f32 - p) + add) * scale;
    1.0f32 / (1.0f32 + f32::exp(-logit))
}

/// The red, green and blue of picture `n` at an output pixel, from 0 to 1.
#[cube]
fn sample(
    bytes: &[u32],
    headers: &[u32],
    views: &[f32],
    n: usize,
    x: f32,
    y: f32,
) -> Sequence<f32> {
    let header = n * HEADER_LEN;
    let view = n * VIEW_LEN;
    let start = headers[header] as usize;
    let width = headers[header + 1] as usize;
    let height = headers[header + 2] as usize;
    let w = views[view + 6] * x + views[view + 7] * y + views[view + 8];
    let u = reflect(
        (views[view] * x + views[view + 1] * y + views[view + 2]) / w,
        f32::cast_from(width - 1),
    );
    let v = reflect(
        (views[view + 3] * x + views[view + 4] * y + views[view + 5]) / w,
        f32::cast_from(height - 1),
    );
    let fx = u - f32::floor(u);
    let fy = v - f32::floor(v);
    let left = u as usize;
    let top = v as usize;
    let right = select(left + 1 < width, left + 1, left);
    let bottom = select(top + 1 < height, top + 1, top);
    let corners_top = start + 3 * top * width;
    let corners_bottom = start + 3 * bottom * width;
    let mut values = Sequence::<f32>::new();
    #[unroll]
    for channel in 0..3usize {
        let a = read_byte(bytes, corners_top + 3 * left + channel);
        let b = read_byte(bytes, corners_top + 3 * right + channel);
        let c = read_byte(bytes, corners_bottom + 3 * left + channel);
        let d = read_byte(bytes, corners_bottom + 3 * right + channel);
        let upper = a * (1.0f32 - fx) + b * fx;
        let lower = c * (1.0f32 - fx) + d * fx;
        let mut value = upper * (1.0f32 - fy) + lower * fy;
        if headers[header + 4] != 0 {
            value = relight(value, views[view + 9], views[view + 10]);
        }
        values.push(value);
    }
    values
}

/// Renders all pictures, normalised with the `mean` and `std` of each channel. If `mixed`, each
/// picture is blended with its partner by its share.
///
/// # Shapes
/// Target: `[pictures, 3, side, side]`; mean and std: 3 values
#[cube(launch_unchecked)]
pub(crate) fn render_batch(
    bytes: &[u32],
    headers: &[u32],
    views: &[f32],
    target: &mut [f32],
    pictures: usize,
    side: usize,
    mean: &Sequence<f32>,
    std: &Sequence<f32>,
    #[comptime] mixed: bool,
) {
    let i = ABSOLUTE_POS;
    let plane = side * side;
    if i < pictures * plane {
        let n = i / plane;
        let at = i % plane;
        let x = f32::cast_from(at % side);
        let y = f32::cast_from(at / side);
        let own = sample(bytes, headers, views, n, x, y);
        let share = views[n * VIEW_LEN + 11];
        let partner = if comptime!(mixed) { headers[n * HEADER_LEN + 3] as usize } else { n };
        let other = if comptime!(mixed) {
            sample(bytes, headers, views, partner, x, y)
        } else {
            Sequence::<f32>::new()
        };
        #[unroll]
        for channel in 0..3usize {
            let mut value = own[channel];
            if comptime!(mixed) {
                value = share * value + (1.0f32 - share) * other[channel];
            }
            target[(3 * n + channel) * plane + at] = (value - mean[channel]) / std[channel];
        }
    }
}
