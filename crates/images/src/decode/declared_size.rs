//! The size that a picture says it has, of kinds that are not decoded here.

use crate::decode::jpeg_markers::headers;
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
            let number =
                |bytes: &[u8]| bytes.iter().fold(0, |number, &b| number << 8 | u32::from(b));
            sizes
                .map(|window| (number(&window[8..12]), number(&window[12..16])))
                .max_by_key(|&(width, height)| u64::from(width) * u64::from(height))
        }
        PictureKind::Jpeg
        | PictureKind::ArithmeticJpeg
        | PictureKind::LosslessJpeg
        | PictureKind::DeepJpeg
        | PictureKind::RareJpeg => {
            let frame = headers(bytes).frame?;
            Some((frame.width.into(), frame.height.into()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
