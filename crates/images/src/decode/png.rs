//! PNG: its decoder's limits, and whether its end is there.

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, Limits};

use crate::decode::error::{DecodeError, Missing};
use crate::decode::limits::check_size;
use crate::decode::raster::read;

/// What a PNG may unpack beside its pixels: texts and colour profiles. The largest profiles have 2
/// MB.
const MAX_EXTRA: u64 = 16 << 20;

/// Decodes a PNG, of an animation the picture that programs without animations show, and turns it
/// upright.
pub(super) fn decode_png(bytes: &[u8]) -> Result<DynamicImage, DecodeError> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    let (Some(width), Some(height)) = (number(16), number(20)) else {
        return Err(DecodeError::CutOff(Missing::AllAfter(0)));
    };
    check_size(width, height)?;
    let mut limits = Limits::no_limits();
    // The decoder holds some rows of up to eight bytes a pixel.
    limits.max_alloc = Some(MAX_EXTRA + u64::from(width) * 64);
    let mut orientation = Orientation::NoTransforms;
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map(|mut decoder| {
        // A picture whose orientation cannot be read is not rotated.
        orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        decoder
    });
    let mut picture = read(decoder).map_err(|error| match error {
        DecodeError::Damaged(_) if !has_end(bytes) => DecodeError::CutOff(Missing::End),
        error => error,
    })?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Whether the chunks go on to the one that ends a PNG.
fn has_end(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(8..).unwrap_or_default();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        if after.starts_with(b"IEND") {
            return true;
        }
        // Name and checksum are not counted in the length.
        let length = u32::from_be_bytes(*length) as usize;
        rest = after.get(length.saturating_add(8)..).unwrap_or_default();
    }
    false
}
