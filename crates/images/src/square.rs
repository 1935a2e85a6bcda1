//! Cutting and shrinking pictures to what a set keeps.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use resnette_picture::Picture;

/// The middle square, `side`×`side`: fastai's validation crop.
pub fn centre_square(picture: &Picture, side: u32) -> Picture {
    let cut = picture.width.min(picture.height);
    let corner = ((picture.width - cut) / 2, (picture.height - cut) / 2);
    resize(picture, (corner, (cut, cut)), (side, side))
}

/// The whole picture with its shorter side at most `side`; a smaller picture stays as it is.
pub fn shrink(picture: &Picture, side: u32) -> Picture {
    let short = picture.width.min(picture.height).max(1);
    // A panorama would be kept wider than any crop can use.
    let most = side * 4;
    if short <= side && picture.width.max(picture.height) <= most {
        return picture.clone();
    }
    let target = side.min(short);
    let scale = |length: u32| {
        ((u64::from(length) * u64::from(target) + u64::from(short) / 2) / u64::from(short)) as u32
    };
    let (width, height) = (scale(picture.width).min(most), scale(picture.height).min(most));
    resize(picture, ((0, 0), (picture.width, picture.height)), (width, height))
}

/// Cut out first and then bilinear with antialiasing, which is what PIL and so fastai's `Resize`
/// do: what lies outside the cut must not shine in at its edges.
fn resize(picture: &Picture, (corner, cut): ((u32, u32), (u32, u32)), to: (u32, u32)) -> Picture {
    let part;
    let picture = if corner == (0, 0) && cut == (picture.width, picture.height) {
        picture
    } else {
        part = crop(picture, corner, cut);
        &part
    };
    if cut == to {
        return picture.clone();
    }
    let mut rgb = vec![0; to.0 as usize * to.1 as usize * 3];
    match resample(picture, to, &mut rgb) {
        Some(()) => Picture { width: to.0, height: to.1, rgb },
        // Only a picture whose bytes do not match its sides gets here, and `decode` makes none.
        None => Picture::filled(to.0, to.1, [128; 3]),
    }
}

/// With the kind of pixel known when it is compiled: `Resizer::resize` has all kinds in it, and for
/// two of them a table of 512 kB, which was a fifth of the CPU worker as it is sent.
fn resample(picture: &Picture, (width, height): (u32, u32), rgb: &mut [u8]) -> Option<()> {
    let source =
        TypedImageRef::<U8x3>::from_buffer(picture.width, picture.height, &picture.rgb).ok()?;
    let mut target = TypedImage::<U8x3>::from_buffer(width, height, rgb).ok()?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    Resizer::new().resize_typed(&source, &mut target, &options).ok()
}

fn crop(picture: &Picture, (x, y): (u32, u32), (width, height): (u32, u32)) -> Picture {
    let (row, from, length) = (picture.width as usize * 3, x as usize * 3, width as usize * 3);
    let rows = picture.rgb.chunks_exact(row.max(1)).skip(y as usize).take(height as usize);
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
    fn the_square_is_the_middle() {
        let mut picture = Picture::filled(30, 10, [0, 0, 0]);
        for y in 0..10 {
            for x in 10..20 {
                let at = (y * 30 + x) * 3;
                picture.rgb[at..at + 3].copy_from_slice(&[200, 100, 50]);
            }
        }
        let square = centre_square(&picture, 10);
        assert_eq!(square, Picture::filled(10, 10, [200, 100, 50]));
        assert_eq!(centre_square(&picture, 5), Picture::filled(5, 5, [200, 100, 50]));
    }

    #[test]
    fn shrinking_keeps_the_sides_ratio() {
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
