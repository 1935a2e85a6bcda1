//! Cropping and shrinking pictures to the size at which a data set keeps them.
//!
//! Pictures are resampled bilinearly with antialiasing, as PIL and so fastai's `Resize` do.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use resnette_picture::Picture;
use resnette_spec::ResizeMethod;
use resnette_spec::source::extra_for_squish;

/// How many times longer than wide a picture is kept at most. Without this limit, a panorama would
/// be kept much wider than any crop can use.
const MAX_RATIO: u32 = 4;

/// The largest centred square of a picture, resized to `side` × `side` pixels, as for fastai's
/// validation pictures.
pub fn centre_crop(picture: &Picture, side: u32) -> Picture {
    let square = picture.width.min(picture.height);
    let corner = ((picture.width - square) / 2, (picture.height - square) / 2);
    resize(picture, (corner, (square, square)), (side, side))
}

/// What fastai's `RandomResizedCrop` makes of a picture in validation, at `side` × `side` pixels:
/// the whole picture is squished to a square with [`extra_for_squish`] pixels more a side, and the
/// middle of that is cut out.
pub fn squish_middle(picture: &Picture, side: u32) -> Picture {
    let extra = extra_for_squish(side);
    let whole = ((0, 0), (picture.width, picture.height));
    let squished = resize(picture, whole, (side + extra, side + extra));
    crop(&squished, (extra / 2, extra / 2), (side, side))
}

/// The middle of a picture's free sides, where fastai's `Resize` puts squares in validation.
pub const MIDDLE: (f64, f64) = (0.5, 0.5);

/// What fastai's `Resize(side, method)` makes of a picture, at `side` × `side` pixels. `place` is
/// where the square lies along the picture, or the picture along the padded square, from 0 (left,
/// top) to 1 (right, bottom); fastai draws it in training, and takes [`MIDDLE`] in validation.
/// [`ResizeMethod::Auto`] crops.
pub fn square(picture: &Picture, method: ResizeMethod, place: (f64, f64), side: u32) -> Picture {
    match method {
        ResizeMethod::Auto | ResizeMethod::Crop => {
            let (corner, square) = square_box(picture, place);
            resize(picture, (corner, (square, square)), (side, side))
        }
        ResizeMethod::Squish => {
            resize(picture, ((0, 0), (picture.width, picture.height)), (side, side))
        }
        ResizeMethod::Pad => pad(picture, place, side),
    }
}

/// The upper left corner of a picture's largest square at a place, and its side.
pub(crate) fn square_box(picture: &Picture, (x, y): (f64, f64)) -> ((u32, u32), u32) {
    let side = picture.width.min(picture.height);
    let start = |place: f64, length: u32| (place * f64::from(length - side)) as u32;
    ((start(x, picture.width), start(y, picture.height)), side)
}

/// The whole picture in a square, continued by its mirror image.
///
/// The long side is resized first, so that the padded square of a panorama need not fit into
/// memory; Pillow does the same of a wide one.
fn pad(picture: &Picture, (x, y): (f64, f64), side: u32) -> Picture {
    let (width, height) = (picture.width, picture.height);
    let long = width.max(height);
    let before = |place: f64, length: u32| (place * f64::from(long - length)) as u32;
    let padded = if width > height {
        let narrow = resize(picture, ((0, 0), (width, height)), (side, height));
        mirrored_rows(&narrow, before(y, height), long)
    } else if height > width {
        let low = resize(picture, ((0, 0), (width, height)), (width, side));
        mirrored_columns(&low, before(x, width), long)
    } else {
        picture.clone()
    };
    resize(&padded, ((0, 0), (padded.width, padded.height)), (side, side))
}

/// Which pixel of `length` in a row stands at `index`, if `before` pixels are put in front of them
/// and the rest behind: the row is mirrored at its first and last pixel, which are not repeated, as
/// often as it takes (`numpy.pad` with `reflect`, which fastai pads with).
fn mirrored(index: u32, before: u32, length: u32) -> usize {
    let turn = 2 * i64::from(length.max(1) - 1);
    if turn == 0 {
        return 0;
    }
    let at = (i64::from(index) - i64::from(before)).rem_euclid(turn);
    at.min(turn - at) as usize
}

/// A picture of `height` rows, `before` of them above the given ones.
fn mirrored_rows(picture: &Picture, before: u32, height: u32) -> Picture {
    let stride = picture.width as usize * 3;
    let mut rgb = Vec::with_capacity(stride * height as usize);
    for row in 0..height {
        let start = mirrored(row, before, picture.height) * stride;
        rgb.extend_from_slice(picture.rgb.get(start..start + stride).unwrap_or_default());
    }
    Picture { width: picture.width, height, rgb }
}

/// A picture of `width` columns, `before` of them left of the given ones.
fn mirrored_columns(picture: &Picture, before: u32, width: u32) -> Picture {
    let columns: Vec<usize> =
        (0..width).map(|column| mirrored(column, before, picture.width) * 3).collect();
    let mut rgb = Vec::with_capacity(columns.len() * picture.height as usize * 3);
    for row in picture.rgb.chunks_exact((picture.width as usize * 3).max(1)) {
        columns.iter().for_each(|&at| rgb.extend_from_slice(&row[at..at + 3]));
    }
    Picture { width, height: picture.height, rgb }
}

/// The whole picture, shrunk so that its shorter side has at most `side` pixels. A smaller picture
/// is returned unchanged.
///
/// The longer side gets at most four times as many pixels, even if that changes the aspect ratio.
pub fn shrink(picture: &Picture, side: u32) -> Picture {
    if !needs_shrinking(picture, side) {
        return picture.clone();
    }
    let short = picture.width.min(picture.height).max(1);
    let max_side = side * MAX_RATIO;
    let target = side.min(short);
    let scale = |length: u32| {
        ((u64::from(length) * u64::from(target) + u64::from(short) / 2) / u64::from(short)) as u32
    };
    let (width, height) = (scale(picture.width).min(max_side), scale(picture.height).min(max_side));
    resize(picture, ((0, 0), (picture.width, picture.height)), (width, height))
}

/// Whether [`shrink`] would change a picture.
pub(crate) fn needs_shrinking(picture: &Picture, side: u32) -> bool {
    let (width, height) = (picture.width, picture.height);
    width.min(height).max(1) > side || width.max(height) > side * MAX_RATIO
}

/// Crops a picture to a box of `box_size` pixels at `corner`, and then resamples it to `target`
/// pixels. Cropping comes first, so that pixels outside the box do not bleed in at its edges.
pub(crate) fn resize(
    picture: &Picture,
    (corner, box_size): ((u32, u32), (u32, u32)),
    target: (u32, u32),
) -> Picture {
    let cropped;
    let picture = if corner == (0, 0) && box_size == (picture.width, picture.height) {
        picture
    } else {
        cropped = crop(picture, corner, box_size);
        &cropped
    };
    if box_size == target {
        return picture.clone();
    }
    let mut rgb = vec![0; target.0 as usize * target.1 as usize * 3];
    match resample(picture, target, &mut rgb) {
        Some(()) => Picture { width: target.0, height: target.1, rgb },
        // This happens only if the bytes do not match the picture's size, which `decode` rules out.
        None => Picture::filled(target.0, target.1, [128; 3]),
    }
}

/// Resamples a picture into `rgb`; `None` if its bytes do not match its size.
///
/// The pixel type is fixed at compile time: `Resizer::resize` contains the code for all types, and
/// for two of them a table of 512 kB, which was a fifth of the CPU worker's compressed size.
fn resample(picture: &Picture, (width, height): (u32, u32), rgb: &mut [u8]) -> Option<()> {
    let source =
        TypedImageRef::<U8x3>::from_buffer(picture.width, picture.height, &picture.rgb).ok()?;
    let mut target = TypedImage::<U8x3>::from_buffer(width, height, rgb).ok()?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize_typed(&source, &mut target, &options).ok()
}

/// The box of `width` × `height` pixels whose upper left corner is at (`x`, `y`).
pub(crate) fn crop(picture: &Picture, (x, y): (u32, u32), (width, height): (u32, u32)) -> Picture {
    let (stride, from, length) = (picture.width as usize * 3, x as usize * 3, width as usize * 3);
    let rows = picture.rgb.chunks_exact(stride.max(1)).skip(y as usize).take(height as usize);
    Picture {
        width,
        height,
        rgb: rows.flat_map(|row| &row[from..from + length]).copied().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crop_is_centred() {
        let mut picture = Picture::filled(30, 10, [0, 0, 0]);
        for y in 0..10 {
            for x in 10..20 {
                let at = (y * 30 + x) * 3;
                picture.rgb[at..at + 3].copy_from_slice(&[200, 100, 50]);
            }
        }
        let square = centre_crop(&picture, 10);
        assert_eq!(square, Picture::filled(10, 10, [200, 100, 50]));
        assert_eq!(centre_crop(&picture, 5), Picture::filled(5, 5, [200, 100, 50]));
    }

    #[test]
    fn a_mirrored_row_repeats_no_edge() {
        let row = |before: u32, length: u32, all: u32| {
            (0..all).map(|index| mirrored(index, before, length)).collect::<Vec<_>>()
        };
        assert_eq!(row(2, 4, 9), [2, 1, 0, 1, 2, 3, 2, 1, 0]);
        assert_eq!(row(11, 4, 13), [1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!((row(1, 1, 3), row(1, 2, 4)), (vec![0; 3], vec![1, 0, 1, 0]));
    }

    #[test]
    fn a_square_is_the_picture_resized_by_every_method() {
        let picture = Picture {
            width: 20,
            height: 20,
            rgb: (0..20 * 20 * 3_u32).map(|i| (i * i / 7 % 251) as u8).collect(),
        };
        let all = ResizeMethod::CHOICES.iter().filter_map(|one| ResizeMethod::from_name(one.name));
        for method in all {
            for place in [(0.0, 0.0), MIDDLE, (1.0, 1.0)] {
                let found = square(&picture, method, place, 8);
                assert_eq!(found, centre_crop(&picture, 8), "{method:?}");
            }
        }
    }

    /// Padding a panorama keeps to little memory, and a single row or column is continued by
    /// itself.
    #[test]
    fn thin_pictures_are_padded() {
        for (width, height) in [(20_000, 1), (1, 20_000), (3, 700), (1, 1)] {
            let picture = Picture::filled(width, height, [9, 8, 7]);
            let found = square(&picture, ResizeMethod::Pad, MIDDLE, 16);
            assert_eq!(found, Picture::filled(16, 16, [9, 8, 7]), "{width} × {height}");
        }
    }

    #[test]
    fn shrinking_keeps_the_aspect_ratio() {
        let picture = Picture::filled(213, 160, [9, 8, 7]);
        let small = shrink(&picture, 80);
        assert_eq!((small.width, small.height), (107, 80));
        assert_eq!(small.pixel(50, 40), [9, 8, 7]);
        assert_eq!(shrink(&picture, 200), picture);
        assert_eq!(shrink(&Picture::filled(5000, 10, [1; 3]), 8).width, 32);
        let thread = shrink(&Picture::filled(1, 5000, [1; 3]), 8);
        assert_eq!((thread.width, thread.height, thread.pixel(0, 31)), (1, 32, [1; 3]));
    }
}
