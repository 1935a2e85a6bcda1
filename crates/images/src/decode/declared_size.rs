//! The size that a picture says it has, without decoding it.

use crate::decode::jpeg_markers::first_frame;
use crate::decode::kind::PictureKind;

/// How far sizes are looked for. They stand in the boxes before the pixels.
const HEADER_BYTES: usize = 1 << 20;

/// Width and height as a picture's header gives them, so that one that is too large need not be
/// decoded to find out; `None` where that is not known.
pub fn declared_size(bytes: &[u8], kind: PictureKind) -> Option<(u32, u32)> {
    match kind {
        // Each part of such a picture has a box with its size. The largest is the whole.
        PictureKind::Avif | PictureKind::Heic => {
            let header = &bytes[..bytes.len().min(HEADER_BYTES)];
            let sizes = header.windows(16).filter(|window| window.starts_with(b"ispe"));
            sizes
                .filter_map(|window| Some((big_endian(window, 8, 4)?, big_endian(window, 12, 4)?)))
                .max_by_key(|&(width, height)| u64::from(width) * u64::from(height))
        }
        PictureKind::Jpeg
        | PictureKind::ArithmeticJpeg
        | PictureKind::LosslessJpeg
        | PictureKind::DeepJpeg
        | PictureKind::RareJpeg => {
            let frame = first_frame(bytes)?;
            Some((frame.width.into(), frame.height.into()))
        }
        PictureKind::Png => Some((big_endian(bytes, 16, 4)?, big_endian(bytes, 20, 4)?)),
        PictureKind::Gif => Some((little_endian(bytes, 6, 2)?, little_endian(bytes, 8, 2)?)),
        // An older header has two bytes each. A height below zero means rows from the top.
        PictureKind::Bmp => match little_endian(bytes, 14, 4)? {
            12 => Some((little_endian(bytes, 18, 2)?, little_endian(bytes, 20, 2)?)),
            _ => {
                let [width, height] = [18, 22].map(|at| little_endian(bytes, at, 4));
                Some((width?, height?.cast_signed().unsigned_abs()))
            }
        },
        PictureKind::WebP => webp(bytes),
        _ => None,
    }
}

/// Width and height of a WebP: of the whole, if it has a header for that, or of its one picture,
/// lossless or lossy.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((little_endian(bytes, 24, 3)? + 1, little_endian(bytes, 27, 3)? + 1)),
        b"VP8L" => {
            let both = little_endian(bytes, 21, 4)?;
            Some(((both & 0x3fff) + 1, (both >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => {
            let [width, height] = [26, 28].map(|at| little_endian(bytes, at, 2));
            Some((width? & 0x3fff, height? & 0x3fff))
        }
        _ => None,
    }
}

/// The number in so many bytes of a header, the first of which is the most significant.
fn big_endian(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    Some(bytes.get(at..at + count)?.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

/// The same with the last as the most significant.
fn little_endian(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + count)?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};

    use super::*;
    use crate::decode::kind::{Content, sniff};

    #[test]
    fn headers_say_what_the_decoders_say() {
        let picture = DynamicImage::new_rgb8(301, 205);
        for format in [
            ImageFormat::Png,
            ImageFormat::Gif,
            ImageFormat::Bmp,
            ImageFormat::Jpeg,
            ImageFormat::WebP,
        ] {
            let mut file = Cursor::new(Vec::new());
            picture.write_to(&mut file, format).unwrap();
            let bytes = file.into_inner();
            let Content::Picture(kind) = sniff(&bytes) else { panic!("{format:?}") };
            assert_eq!(declared_size(&bytes, kind), Some((301, 205)), "{format:?}");
            assert_eq!(declared_size(&bytes[..9], kind), None, "{format:?}");
        }
    }

    #[test]
    fn the_other_headers_of_webp_and_bmp() {
        let webp = |chunk: &[u8]| [&b"RIFF\0\0\0\0WEBP"[..], chunk].concat();
        let whole = webp(b"VP8X\x0a\0\0\0\0\0\0\0\x2c\x01\0\xcc\0\0");
        assert_eq!(declared_size(&whole, PictureKind::WebP), Some((301, 205)));
        let lossy = webp(b"VP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x2d\x41\xcd\0");
        assert_eq!(declared_size(&lossy, PictureKind::WebP), Some((301, 205)));
        let bmp = |header: &[u8]| [&b"BM\0\0\0\0\0\0\0\0\0\0\0\0"[..], header].concat();
        let old = bmp(b"\x0c\0\0\0\x2d\x01\xcd\0");
        assert_eq!(declared_size(&old, PictureKind::Bmp), Some((301, 205)));
        let from_the_top = bmp(b"\x28\0\0\0\x2d\x01\0\0\x33\xff\xff\xff");
        assert_eq!(declared_size(&from_the_top, PictureKind::Bmp), Some((301, 205)));
    }

    #[test]
    fn the_largest_part_is_the_picture() {
        let size = |width: u32, height: u32| {
            [&b"ispe\0\0\0\0"[..], &width.to_be_bytes(), &height.to_be_bytes()].concat()
        };
        let bytes = [&size(512, 512)[..], &size(4032, 3024), &size(320, 240)].concat();
        assert_eq!(declared_size(&bytes, PictureKind::Heic), Some((4032, 3024)));
        assert_eq!(declared_size(&bytes[..15], PictureKind::Avif), None);
        assert_eq!(declared_size(&bytes, PictureKind::JpegXl), None);
    }
}
