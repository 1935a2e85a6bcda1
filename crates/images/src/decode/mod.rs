//! Decodes picture files to RGB8 pixels.
//!
//! The decoders are in Rust instead of the browser's, so that a photo gives the same pixels in
//! every browser and on the command line. What a file holds is told by its bytes, not by its name.

mod bmp;
mod declared_size;
mod error;
mod gif;
mod jpeg;
mod jpeg_entropy;
mod jpeg_markers;
pub mod kind;
mod limits;
mod png;
mod raster;
mod webp;

use resnette_picture::Picture;

pub use declared_size::declared_size;
pub use error::{DecodeError, Missing};
pub use limits::{MAX_PIXELS, check_size};

use crate::decode::kind::{Content, PictureKind, sniff};

/// What is accepted of damaged pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DecodeOptions {
    /// Whether a JPEG that is cut off or damaged is decoded as far as it goes. What is missing is
    /// grey, or blurred in a progressive JPEG. Some of the rare kinds are refused nevertheless.
    pub accept_cut: bool,
}

/// Decodes a JPEG, PNG, WebP, GIF or BMP to RGB8.
///
/// The picture is rotated as its EXIF orientation says, and transparent parts are blended with
/// white. Of an animation, the first picture is taken.
///
/// # Errors
/// A [`DecodeError`] if the bytes are not such a picture, are damaged or cut off, or exceed
/// [`MAX_PIXELS`]. A picture that is too large is refused before memory is allocated for it.
///
/// ```
/// use std::io::Cursor;
///
/// use resnette_images::decode::decode;
///
/// // A PNG of two by one pixels: one red, one transparent.
/// let mut file = Cursor::new(Vec::new());
/// image::RgbaImage::from_raw(2, 1, vec![255, 0, 0, 255, 0, 0, 0, 0])
///     .unwrap()
///     .write_to(&mut file, image::ImageFormat::Png)?;
///
/// let picture = decode(file.get_ref())?;
/// assert_eq!((picture.width, picture.height), (2, 1));
/// assert_eq!(picture.rgb, [255, 0, 0, 255, 255, 255]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decode(bytes: &[u8]) -> Result<Picture, DecodeError> {
    decode_with(bytes, DecodeOptions::default())
}

/// Decodes as [`decode`] does, with options.
///
/// # Errors
/// As [`decode`], less what the options accept.
pub fn decode_with(bytes: &[u8], options: DecodeOptions) -> Result<Picture, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    let kind = match sniff(bytes) {
        Content::Picture(kind) => kind,
        Content::Other(other) => return Err(DecodeError::NotAPicture(other)),
        Content::Unknown if bytes.iter().all(|&byte| byte == 0) => return Err(DecodeError::Zeros),
        Content::Unknown => return Err(DecodeError::UnknownFormat),
    };
    let picture = match kind {
        PictureKind::Jpeg => jpeg::decode_jpeg(bytes, options.accept_cut)?,
        PictureKind::Png => png::decode_png(bytes)?,
        PictureKind::WebP => webp::decode_webp(bytes)?,
        PictureKind::Gif => gif::decode_gif(bytes)?,
        PictureKind::Bmp => bmp::decode_bmp(bytes)?,
        kind => return Err(DecodeError::Unsupported { kind }),
    };
    Ok(raster::blend_with_white(picture))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};

    use super::*;
    use crate::decode::kind::OtherFile;

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn transparency_is_blended_with_white() {
        let mut picture = image::RgbaImage::new(2, 1);
        picture.put_pixel(0, 0, image::Rgba([255, 0, 0, 255]));
        picture.put_pixel(1, 0, image::Rgba([0, 0, 0, 0]));
        let decoded = decode(&png(&DynamicImage::ImageRgba8(picture))).unwrap();
        assert_eq!(decoded.rgb, [255, 0, 0, 255, 255, 255]);
    }

    #[test]
    fn grey_becomes_rgb() {
        let decoded = decode(&png(&DynamicImage::ImageLuma8(image::GrayImage::from_pixel(
            3,
            2,
            image::Luma([77]),
        ))))
        .unwrap();
        assert_eq!((decoded.width, decoded.height, decoded.rgb), (3, 2, vec![77; 18]));
    }

    #[test]
    fn other_bytes_are_refused_with_a_reason() {
        assert!(matches!(decode(b""), Err(DecodeError::Empty)));
        assert!(matches!(
            decode(b"  <!doctype html><title>404</title>"),
            Err(DecodeError::NotAPicture(OtherFile::WebPage))
        ));
        assert!(matches!(decode(&[7; 100]), Err(DecodeError::UnknownFormat)));
        assert!(matches!(decode(&[0; 100]), Err(DecodeError::Zeros)));
        let whole = png(&DynamicImage::ImageLuma8(image::GrayImage::new(64, 64)));
        assert!(matches!(decode(&whole[..whole.len() / 2]), Err(DecodeError::CutOff(_))));
    }

    #[test]
    fn an_oversized_header_is_refused_before_memory_is_allocated() {
        let mut whole = png(&DynamicImage::ImageLuma8(image::GrayImage::new(8, 8)));
        whole[16..20].copy_from_slice(&100_000u32.to_be_bytes());
        whole[20..24].copy_from_slice(&100_000u32.to_be_bytes());
        let crc = crc32(&whole[12..29]);
        whole[29..33].copy_from_slice(&crc.to_be_bytes());
        assert!(matches!(
            decode(&whole),
            Err(DecodeError::TooLarge(100_000, 100_000) | DecodeError::Damaged(_))
        ));
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum()
    }
}
