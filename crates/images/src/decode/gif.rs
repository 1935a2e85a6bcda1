//! GIF, of an animation the first picture.

use std::io::Cursor;

use image::DynamicImage;
use image::codecs::gif::GifDecoder;

use crate::decode::error::{DecodeError, Missing};
use crate::decode::raster::read;

/// The byte that every GIF ends with.
const TRAILER: u8 = b';';

/// Decodes the first picture of a GIF.
pub(super) fn decode_gif(bytes: &[u8]) -> Result<DynamicImage, DecodeError> {
    read(GifDecoder::new(Cursor::new(bytes))).map_err(|error| match error {
        DecodeError::Damaged(_) if bytes.last() != Some(&TRAILER) => {
            DecodeError::CutOff(Missing::End)
        }
        error => error,
    })
}
