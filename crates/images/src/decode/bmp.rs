//! BMP.

use std::io::Cursor;

use image::DynamicImage;
use image::codecs::bmp::BmpDecoder;

use crate::decode::error::{DecodeError, Missing};
use crate::decode::limits::check_size;
use crate::decode::raster::read;

/// The length of the oldest second header, which gives width and height in two bytes each.
const OLDEST_HEADER: u8 = 12;

/// Decodes a BMP.
pub(super) fn decode_bmp(bytes: &[u8]) -> Result<DynamicImage, DecodeError> {
    let Some((head, size)) = bytes.get(14..26).and_then(|header| header.split_first_chunk::<4>())
    else {
        return Err(DecodeError::CutOff(Missing::AllAfter(0)));
    };
    let (width, height) = match *size {
        [w0, w1, h0, h1, ..] if head[0] == OLDEST_HEADER => {
            (u16::from_le_bytes([w0, w1]).into(), u16::from_le_bytes([h0, h1]).into())
        }
        // A negative height says that the rows run from top to bottom.
        [w0, w1, w2, w3, h0, h1, h2, h3] => (
            i32::from_le_bytes([w0, w1, w2, w3]).unsigned_abs(),
            i32::from_le_bytes([h0, h1, h2, h3]).unsigned_abs(),
        ),
        _ => return Err(DecodeError::CutOff(Missing::AllAfter(0))),
    };
    check_size(width, height)?;
    read(BmpDecoder::new(Cursor::new(bytes)))
}
