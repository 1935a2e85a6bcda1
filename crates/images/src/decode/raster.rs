//! From the decoders of the `image` crate to pixels.

use image::error::ImageError;
use image::{DynamicImage, ImageDecoder};
use resnette_picture::Picture;

use crate::decode::error::{DecodeError, Missing};
use crate::decode::limits::{MAX_BYTES, check_size};

/// Reads a picture once its size is found small enough, before memory is allocated for it.
pub(super) fn read<D: ImageDecoder>(
    decoder: Result<D, ImageError>,
) -> Result<DynamicImage, DecodeError> {
    let decoder = decoder.map_err(failure)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    if decoder.total_bytes() > MAX_BYTES {
        return Err(DecodeError::TooLarge(width, height));
    }
    DynamicImage::from_decoder(decoder).map_err(failure)
}

/// What a decoder's failure means.
fn failure(error: ImageError) -> DecodeError {
    match error {
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            DecodeError::CutOff(Missing::End)
        }
        error => DecodeError::damaged(error),
    }
}

/// Converts a picture to RGB8 and blends its transparent parts with white.
pub(super) fn blend_with_white(picture: DynamicImage) -> Picture {
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
