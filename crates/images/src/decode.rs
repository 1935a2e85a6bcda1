//! Decodes picture files to RGB8 pixels.
//!
//! The decoders are the `image` crate's instead of the browser's, so that a photo gives the same
//! pixels in every browser and on the command line.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use resnette_picture::Picture;

/// The largest picture that is decoded, in pixels. A photo of 64 megapixels takes 256 MB while it
/// is decoded.
pub const MAX_PIXELS: u64 = 64_000_000;

/// The largest decoded picture in bytes: 64 million pixels with four channels of 8 bits, or half as
/// many with channels of 16 bits.
const MAX_BYTES: u64 = MAX_PIXELS * 4;

/// Why bytes could not be decoded as a picture. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// The bytes are not in one of the supported formats. The field tells whether they look like a
    /// web page.
    #[error("this is no JPEG, PNG or WebP picture{hint}; save it as JPEG and open that", hint = if *.0 { " but a web page" } else { "" })]
    UnknownFormat(bool),
    /// The picture's width and height exceed [`MAX_PIXELS`].
    #[error(
        "the picture has {0} × {1} pixels, and at most 64 million are opened; make it smaller first"
    )]
    TooLarge(u32, u32),
    /// The decoder failed, for the reason given.
    #[error("the picture is damaged ({0}); open another copy of it")]
    Damaged(String),
}

/// Decodes a JPEG, PNG or WebP to RGB8.
///
/// The picture is rotated as its EXIF orientation says, and transparent parts are blended with
/// white.
///
/// # Errors
/// A [`DecodeError`] if the bytes are not such a picture, are damaged, or exceed [`MAX_PIXELS`]. A
/// picture that is too large is refused before memory is allocated for it.
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
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    let is_web_page = || bytes.iter().take(200).find(|b| !b.is_ascii_whitespace()) == Some(&b'<');
    let format =
        image::guess_format(bytes).map_err(|_| DecodeError::UnknownFormat(is_web_page()))?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(DecodeError::UnknownFormat(is_web_page()));
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_PIXELS * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_BYTES {
        return Err(DecodeError::TooLarge(width, height));
    }
    if width == 0 || height == 0 {
        return Err(DecodeError::Damaged("it has no pixels".into()));
    }
    // A picture whose orientation cannot be read is not rotated.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    picture.apply_orientation(orientation);
    Ok(blend_with_white(picture))
}

fn damaged(error: ImageError) -> DecodeError {
    let text = error.to_string();
    DecodeError::Damaged(text.chars().take(160).collect())
}

/// Converts a picture to RGB8 and blends its transparent parts with white.
fn blend_with_white(picture: DynamicImage) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    if !picture.color().has_alpha() {
        return Picture { width, height, rgb: picture.into_rgb8().into_raw() };
    }
    let rgba = picture.into_rgba8().into_raw();
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    for pixel in rgba.chunks_exact(4) {
        let alpha = u32::from(pixel[3]);
        rgb.extend(
            pixel[..3]
                .iter()
                .map(|&c| ((u32::from(c) * alpha + 255 * (255 - alpha) + 127) / 255) as u8),
        );
    }
    Picture { width, height, rgb }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
            Err(DecodeError::UnknownFormat(true))
        ));
        assert!(matches!(decode(&[7; 100]), Err(DecodeError::UnknownFormat(false))));
        let whole = png(&DynamicImage::ImageLuma8(image::GrayImage::new(64, 64)));
        assert!(matches!(decode(&whole[..whole.len() / 2]), Err(DecodeError::Damaged(_))));
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
