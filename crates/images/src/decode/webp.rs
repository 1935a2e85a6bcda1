//! WebP: what its chunks say, and what is mended before it is decoded.

use std::borrow::Cow;
use std::io::Cursor;

use image::DynamicImage;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;

use crate::decode::error::{DecodeError, Missing};
use crate::decode::limits::check_size;
use crate::decode::raster::read;

/// The flags of an extended header: it has transparency, Exif, XMP.
const ALPHA: u8 = 0x10;
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;
/// Where these flags stand in a file whose first chunk is the extended header.
const FLAGS_AT: usize = 20;
/// The length of a frame's header in an animation.
const FRAME_HEADER: usize = 16;

/// Decodes a WebP picture, of an animation the first frame, and turns it upright.
pub(super) fn decode_webp(bytes: &[u8]) -> Result<DynamicImage, DecodeError> {
    let chunks = Chunks { bytes: bytes.get(12..).unwrap_or_default() };
    // The decoder allocates by each of these, whatever the file's header says.
    for (name, body) in chunks {
        match name {
            b"ANMF" => {
                let frames = Chunks { bytes: body.get(FRAME_HEADER..).unwrap_or_default() };
                frames.take(2).try_for_each(|(name, body)| check_frame(name, body))?;
            }
            _ => check_frame(name, body)?,
        }
    }
    let claimed = bytes.get(4..8).and_then(|length| length.try_into().ok());
    let is_short = claimed
        .is_some_and(|claimed| u64::from(u32::from_le_bytes(claimed)) + 8 > bytes.len() as u64);
    let mended = mended(bytes, chunks);
    let mut picture = read(WebPDecoder::new(Cursor::new(&mended[..]))).map_err(|error| {
        // Each size in a file that is cut off is right, so the decoder finds something else wrong.
        match error {
            DecodeError::Damaged(_) if is_short => DecodeError::CutOff(Missing::End),
            error => error,
        }
    })?;
    // The decoder's own reading of Exif allocates whatever length the file gives.
    let exif = chunks.into_iter().find_map(|(name, body)| (name == b"EXIF").then_some(body));
    let orientation = exif.and_then(Orientation::from_exif_chunk);
    picture.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    Ok(picture)
}

/// The chunks of a file. The last one may be shorter than it says.
#[derive(Clone, Copy)]
struct Chunks<'a> {
    bytes: &'a [u8],
}

impl<'a> Iterator for Chunks<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.bytes.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        // An odd chunk is followed by a byte that fills.
        self.bytes = rest.get(length.saturating_add(length % 2)..).unwrap_or_default();
        Some((name, rest.get(..length).unwrap_or(rest)))
    }
}

/// Refuses a chunk of pixels that says that it is too large.
fn check_frame(name: &[u8; 4], body: &[u8]) -> Result<(), DecodeError> {
    let size = match (name, body) {
        (b"VP8 ", [_, _, _, _, _, _, w0, w1, h0, h1, ..]) => {
            let length = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            (length(*w0, *w1), length(*h0, *h1))
        }
        (b"VP8L", [_, a, b, c, d, ..]) => {
            let packed = u32::from_le_bytes([*a, *b, *c, *d]);
            ((packed & 0x3fff) + 1, (packed >> 14 & 0x3fff) + 1)
        }
        _ => return Ok(()),
    };
    check_size(size.0, size.1)
}

/// The file without flags for chunks that it does not have. Programs that take Exif out leave its
/// flag behind; browsers do not mind, and the decoder does.
fn mended<'a>(bytes: &'a [u8], chunks: Chunks) -> Cow<'a, [u8]> {
    let (mut exif, mut xmp, mut alpha) = (false, false, false);
    let mut first = None;
    for (name, _) in chunks {
        first.get_or_insert(name);
        match name {
            b"EXIF" => exif = true,
            b"XMP " => xmp = true,
            // Only a lossy picture keeps its transparency in a chunk of its own.
            b"ALPH" | b"VP8L" | b"ANMF" => alpha = true,
            _ => {}
        }
    }
    let Some(&flags) = bytes.get(FLAGS_AT) else { return Cow::Borrowed(bytes) };
    if first != Some(b"VP8X") {
        return Cow::Borrowed(bytes);
    }
    let mut there = flags;
    for (has, flag) in [(exif, EXIF), (xmp, XMP), (alpha, ALPHA)] {
        if !has {
            there &= !flag;
        }
    }
    if there == flags {
        return Cow::Borrowed(bytes);
    }
    let mut copy = bytes.to_vec();
    copy[FLAGS_AT] = there;
    Cow::Owned(copy)
}
