//! Samples pictures through a [`SampleTransform`] and normalises them: from RGB8 to planes of
//! `f32`.
//!
//! fastai's `affine_coord` and PyTorch's `grid_sample` with bilinear interpolation, reflection
//! padding and `align_corners=True`.

use resnette_picture::Picture;

use crate::augment::{Lighting, SampleTransform};
use crate::normalize::{MEAN, STD};
use crate::projective::Projective;
use crate::resize::centre_crop;

/// Samples a picture through a transform into `out`, normalised.
///
/// # Shapes
/// `out` is `[3, size, size]`.
///
/// # Panics
/// Panics if `out` is shorter than that, or the picture has no pixels.
pub fn render(picture: &Picture, transform: &SampleTransform, size: u32, out: &mut [f32]) {
    if (picture.width, picture.height, transform.lighting) == (size, size, None)
        && (transform.map == Projective::IDENTITY || transform.map == Projective::MIRROR)
    {
        return copy(picture, transform.map == Projective::MIRROR, size, out);
    }
    let plane = (size * size) as usize;
    let last = f64::from(size.max(2) - 1);
    let span = (f64::from(picture.width - 1), f64::from(picture.height - 1));
    for row in 0..size {
        let y = 2.0 * f64::from(row) / last - 1.0;
        for column in 0..size {
            let x = 2.0 * f64::from(column) / last - 1.0;
            let (u, v) = transform.map.apply(x, y);
            let point = ((u + 1.0) / 2.0 * span.0, (v + 1.0) / 2.0 * span.1);
            let mut rgb = sample_bilinear((picture.width, picture.height), point, |x, y| {
                picture.pixel(x, y).map(|byte| f32::from(byte) / 255.0)
            });
            if let Some(lighting) = transform.lighting {
                rgb = rgb.map(|value| apply_lighting(value, lighting));
            }
            let at = (row * size + column) as usize;
            for channel in 0..3 {
                out[channel * plane + at] = (rgb[channel] - MEAN[channel]) / STD[channel];
            }
        }
    }
}

/// Writes a picture's centre square to `out`, normalised and without augmentation. This is how the
/// network sees validation pictures and pictures to classify.
///
/// # Shapes
/// `out` is `[3, size, size]`.
///
/// # Panics
/// Panics if `out` is shorter than that.
pub fn render_centre_crop(picture: &Picture, size: u32, out: &mut [f32]) {
    let resized;
    let picture = if (picture.width, picture.height) == (size, size) {
        picture
    } else {
        resized = centre_crop(picture, size);
        &resized
    };
    copy(picture, false, size, out);
}

/// Writes a square picture of `size` pixels to `out`, normalised, from left to right or mirrored.
fn copy(picture: &Picture, mirrored: bool, size: u32, out: &mut [f32]) {
    let side = size as usize;
    let plane = side * side;
    for (row, pixels) in picture.rgb.chunks_exact(3 * side.max(1)).enumerate() {
        for (column, pixel) in pixels.chunks_exact(3).enumerate() {
            let at = row * side + if mirrored { side - 1 - column } else { column };
            for channel in 0..3 {
                out[channel * plane + at] =
                    (f32::from(pixel[channel]) / 255.0 - MEAN[channel]) / STD[channel];
            }
        }
    }
}

/// All of a square picture sampled at `side` × `side` points, as fastai resizes a whole batch, and
/// rounded to bytes.
pub(crate) fn sample_square(picture: &Picture, side: u32) -> Picture {
    let last = f64::from(side.max(2) - 1);
    let span = f64::from(picture.width.max(1) - 1);
    let place = |index: u32| f64::from(index) / last * span;
    let mut rgb = Vec::with_capacity((3 * side * side) as usize);
    for (row, column) in (0..side).flat_map(|row| (0..side).map(move |column| (row, column))) {
        let point = (place(column), place(row));
        let found = sample_bilinear((picture.width, picture.height), point, |x, y| {
            picture.pixel(x, y).map(f32::from)
        });
        rgb.extend(found.map(|value| (value + 0.5) as u8));
    }
    Picture { width: side, height: side, rgb }
}

/// Interpolates bilinearly between the four pixels around a point of a picture of `width` ×
/// `height` pixels. Outside the picture, its reflection is sampled.
///
/// The point (`x`, `y`) is in pixels, counted from the centre of the first pixel; `pixel` returns
/// the colour in a column and a row.
pub fn sample_bilinear(
    (width, height): (u32, u32),
    (x, y): (f64, f64),
    pixel: impl Fn(u32, u32) -> [f32; 3],
) -> [f32; 3] {
    let (x, y) = (reflect(x, width), reflect(y, height));
    let (x0, y0) = (x.floor(), y.floor());
    let (fx, fy) = ((x - x0) as f32, (y - y0) as f32);
    let (x0, y0) = (x0 as u32, y0 as u32);
    let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
    let [a, b, c, d] = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)].map(|(x, y)| pixel(x, y));
    std::array::from_fn(|i| {
        let top = a[i] * (1.0 - fx) + b[i] * fx;
        let bottom = c[i] * (1.0 - fx) + d[i] * fx;
        top * (1.0 - fy) + bottom * fy
    })
}

/// Folds a coordinate into `0..=length − 1` by reflection at the centres of the outer pixels.
fn reflect(x: f64, length: u32) -> f64 {
    let last = f64::from(length - 1);
    if last == 0.0 || !x.is_finite() {
        return 0.0;
    }
    let folded = x.abs() % (2.0 * last);
    if folded > last { 2.0 * last - folded } else { folded }
}

/// Applies brightness and contrast to a value in `0..=1`, in logits as fastai's lighting transforms
/// do: `sigmoid((logit(value) + brightness) · contrast)`.
pub fn apply_lighting(value: f32, (brightness, contrast): Lighting) -> f32 {
    let p = f64::from(value).clamp(1e-7, 1.0 - 1e-7);
    let logit = ((p / (1.0 - p)).ln() + brightness) * contrast;
    (1.0 / (1.0 + (-logit).exp())) as f32
}

#[cfg(test)]
mod tests {
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::{Augment, Recipe};

    use super::*;
    use crate::augment::BatchCrop;
    use crate::view::View;

    fn ramp(width: u32, height: u32) -> Picture {
        let rgb = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| [x as u8 * 3, y as u8 * 3, 99]))
            .collect();
        Picture { width, height, rgb }
    }

    #[test]
    fn no_augmentation_is_the_centre_crop() {
        let picture = ramp(24, 16);
        let transform = SampleTransform::centre(&picture);
        let (mut sampled, mut plain) = (vec![0.0; 3 * 256], vec![0.0; 3 * 256]);
        render(&picture, &transform, 16, &mut sampled);
        render_centre_crop(&picture, 16, &mut plain);
        assert!(sampled.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-5));
    }

    /// The shortcut for squares that are only mirrored is what sampling would give.
    #[test]
    fn copied_squares_are_sampled_squares() {
        let picture = ramp(16, 16);
        for map in [Projective::IDENTITY, Projective::MIRROR] {
            let transform = SampleTransform { map, lighting: None };
            // A change of light that changes nothing takes the longer way.
            let slow = SampleTransform { map, lighting: Some((0.0, 1.0)) };
            let (mut copied, mut sampled) = (vec![0.0; 3 * 256], vec![0.0; 3 * 256]);
            render(&picture, &transform, 16, &mut copied);
            render(&picture, &slow, 16, &mut sampled);
            assert!(copied.iter().zip(&sampled).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }

    #[test]
    fn full_augmentation_stays_in_range_and_changes_the_picture() {
        let picture = ramp(40, 30);
        for augment in [Augment::Full, Augment::FullV1] {
            let mut seen = std::collections::HashSet::new();
            for index in 0..20 {
                let mut out = vec![0.0; 3 * 32 * 32];
                let crop = BatchCrop::random(&mut stream(0, Purpose::Augment, 1000 + index));
                let rng = &mut stream(0, Purpose::Augment, index);
                let recipe = Recipe { augment, ..Recipe::default() };
                let view = View::random(&recipe, &picture, 32, crop, rng);
                render(&view.picture, &view.transform, 32, &mut out);
                assert!(out.iter().all(|value| (-2.2..2.7).contains(value)));
                seen.insert(out.iter().map(|value| (value * 1e4) as i64).collect::<Vec<_>>());
            }
            assert_eq!(seen.len(), 20);
        }
    }
}
