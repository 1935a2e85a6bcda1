//! Pictures seen through their views: cropped, turned, lit, normalised and mixed on the GPU, from
//! bytes.

use cubecl::prelude::*;

/// Numbers of a picture in `views`: a map of nine, the two of its light, and its share in a mix.
pub(crate) const VIEW: usize = 12;
/// Numbers of a picture in `places`: where its bytes begin, its width and height, the partner of
/// its mix, and whether it is lit.
pub(crate) const PLACE: usize = 5;

/// Folds a coordinate into `0..=last` by reflection at the outer pixels' centres.
#[cube]
fn mirror(x: f32, last: f32) -> f32 {
    let round = f32::max(2.0f32 * last, 1.0f32);
    let x = f32::abs(x);
    let folded = x - round * f32::floor(x / round);
    select(last == 0.0f32, 0.0f32, select(folded > last, 2.0f32 * last - folded, folded))
}

/// A byte of the pictures, as a share of 255.
#[cube]
fn byte(bytes: &[u32], at: usize) -> f32 {
    let word = bytes[at / 4];
    let shift = ((at % 4) * 8) as u32;
    f32::cast_from((word >> shift) & 255u32) / 255.0f32
}

/// fastai's lighting of a value in `0..=1`.
#[cube]
fn lit(value: f32, add: f32, scale: f32) -> f32 {
    let p = f32::clamp(value, 1e-7f32, 0.9999999f32);
    let logit = (f32::ln(p) - f32::ln(1.0f32 - p) + add) * scale;
    1.0f32 / (1.0f32 + f32::exp(-logit))
}

/// The three values that a view of picture `n` has at an output pixel, normalised.
#[cube]
fn seen(bytes: &[u32], places: &[u32], views: &[f32], n: usize, x: f32, y: f32) -> Sequence<f32> {
    let place = n * PLACE;
    let view = n * VIEW;
    let start = places[place] as usize;
    let width = places[place + 1] as usize;
    let height = places[place + 2] as usize;
    let w = views[view + 6] * x + views[view + 7] * y + views[view + 8];
    let u = mirror(
        (views[view] * x + views[view + 1] * y + views[view + 2]) / w,
        f32::cast_from(width - 1),
    );
    let v = mirror(
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
        let a = byte(bytes, corners_top + 3 * left + channel);
        let b = byte(bytes, corners_top + 3 * right + channel);
        let c = byte(bytes, corners_bottom + 3 * left + channel);
        let d = byte(bytes, corners_bottom + 3 * right + channel);
        let upper = a * (1.0f32 - fx) + b * fx;
        let lower = c * (1.0f32 - fx) + d * fx;
        let mut value = upper * (1.0f32 - fy) + lower * fy;
        if places[place + 4] != 0 {
            value = lit(value, views[view + 9], views[view + 10]);
        }
        values.push(value);
    }
    values
}

/// `target[n, channel, y, x]`, normalised with `mean` and `deviation` of each channel. With
/// `mixed`, every picture is blended with its partner's by its share.
#[cube(launch_unchecked)]
pub(crate) fn render(
    bytes: &[u32],
    places: &[u32],
    views: &[f32],
    target: &mut [f32],
    pictures: usize,
    side: usize,
    mean: &Sequence<f32>,
    deviation: &Sequence<f32>,
    #[comptime] mixed: bool,
) {
    let i = ABSOLUTE_POS;
    let plane = side * side;
    if i < pictures * plane {
        let n = i / plane;
        let at = i % plane;
        let x = f32::cast_from(at % side);
        let y = f32::cast_from(at / side);
        let own = seen(bytes, places, views, n, x, y);
        let share = views[n * VIEW + 11];
        let partner = if comptime!(mixed) { places[n * PLACE + 3] as usize } else { n };
        let other = if comptime!(mixed) {
            seen(bytes, places, views, partner, x, y)
        } else {
            Sequence::<f32>::new()
        };
        #[unroll]
        for channel in 0..3usize {
            let mut value = own[channel];
            if comptime!(mixed) {
                value = share * value + (1.0f32 - share) * other[channel];
            }
            target[(3 * n + channel) * plane + at] = (value - mean[channel]) / deviation[channel];
        }
    }
}
