//! Decodes JPEGs: chooses the decoder that reads a file rightly, and refuses what ends early.
//!
//! Two decoders are held against libjpeg's pixels over a grid of JPEGs
//! (`tests/data/jpeg_grid`). zune-jpeg, the `image` crate's own, is fast and reads what cameras and
//! programs write. It makes stripes of JPEGs without progression whose components lie in scans of
//! their own, and refuses sampling by thirds; jpeg-decoder reads those.

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::PixelFormat;

use crate::decode::error::{DecodeError, Missing};
use crate::decode::jpeg_entropy::{Blocks, find_blocks};
use crate::decode::jpeg_markers::{Frame, Headers, headers};
use crate::decode::kind::PictureKind;
use crate::decode::limits::{MAX_BYTES, MAX_PIXELS, check_size};
use crate::decode::raster::read;

/// The most scans of a JPEG; programs write ten. A thousand scans of a few bytes each would keep a
/// decoder busy for minutes.
const MAX_SCANS: usize = 200;

/// The most pixels of all scans together.
const MAX_SCANNED: u64 = MAX_PIXELS * 32;

/// Decodes a JPEG and turns it upright. What is missing of one that is cut off is grey, where that
/// is accepted.
pub(super) fn decode_jpeg(bytes: &[u8], accept_cut: bool) -> Result<DynamicImage, DecodeError> {
    let headers = headers(bytes);
    let Some(frame) = &headers.frame else {
        return Err(if headers.ended {
            DecodeError::damaged("it has no header")
        } else {
            DecodeError::CutOff(Missing::AllAfter(0))
        });
    };
    check_kind(frame)?;
    check_size(frame.width.into(), frame.height.into())?;
    let pixels = u64::from(frame.width) * u64::from(frame.height);
    if headers.scans > MAX_SCANS || headers.scans as u64 * pixels > MAX_SCANNED {
        return Err(DecodeError::damaged(format!("it has {} layers", headers.scans)));
    }
    if headers.scans == 0 {
        return Err(DecodeError::CutOff(Missing::AllAfter(0)));
    }
    let rare = is_misread(&headers, frame);
    // Most files have the marker at their end, and counting their blocks would take as long again
    // as decoding them does.
    let blocks = if headers.ended && !rare { Blocks::All } else { find_blocks(bytes, frame) };
    if !accept_cut {
        check_blocks(blocks)?;
    }
    let whole = if headers.ended {
        Cow::Borrowed(bytes)
    } else if blocks == Blocks::All || rare {
        // Without the marker, the decoders would lose the last rows.
        Cow::Owned([bytes, b"\xff\xd9"].concat())
    } else {
        // The decoders stumble over half a header.
        Cow::Borrowed(&bytes[..headers.whole_until])
    };
    let decoded =
        if rare { decode_plain(&whole) } else { read(JpegDecoder::new(Cursor::new(&whole[..]))) };
    let is_suspect = match &decoded {
        Ok(picture) => !accept_cut && repeats_at_end(picture, frame),
        Err(_) => true,
    };
    if is_suspect {
        check_blocks(find_blocks(bytes, frame))?;
    }
    let mut picture = decoded?;
    let orientation = headers.exif.and_then(Orientation::from_exif_chunk);
    picture.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    Ok(picture)
}

/// Refuses a JPEG whose blocks are not all there.
fn check_blocks(blocks: Blocks) -> Result<(), DecodeError> {
    match blocks {
        Blocks::All => Ok(()),
        Blocks::CutOff(missing) => Err(DecodeError::CutOff(missing)),
        Blocks::Damaged => Err(DecodeError::damaged("some of its data make no sense")),
    }
}

/// Refuses kinds of JPEG that no decoder here reads.
fn check_kind(frame: &Frame) -> Result<(), DecodeError> {
    let kind = match frame.marker {
        0xc9 | 0xca => PictureKind::ArithmeticJpeg,
        0xc3 => PictureKind::LosslessJpeg,
        0xc0..=0xc2 => match (frame.precision, frame.components.len(), frame.height) {
            (8, 1 | 3 | 4, 1..) => return Ok(()),
            (8, ..) => PictureKind::RareJpeg,
            _ => PictureKind::DeepJpeg,
        },
        _ => PictureKind::RareJpeg,
    };
    Err(DecodeError::Unsupported { kind })
}

/// Whether zune-jpeg misreads or refuses such a JPEG.
fn is_misread(headers: &Headers, frame: &Frame) -> bool {
    let apart = usize::from(headers.first_scan) < frame.components.len();
    let thirds = frame.components.iter().any(|c| c.across == 3 || c.down == 3);
    (apart && !frame.is_progressive()) || thirds
}

/// Whether the last MCU of the last row is, but for its brightness, the one before it: what the
/// decoder makes of data that end early although the marker is there. What lacks no more than an
/// MCU is not noticed.
fn repeats_at_end(picture: &DynamicImage, frame: &Frame) -> bool {
    let period = 8 * frame.components.iter().map(|c| usize::from(c.across)).max().unwrap_or(1);
    let channels = usize::from(picture.color().channel_count());
    let (width, step) = (picture.width() as usize, period * channels);
    if width < 2 * period {
        return true;
    }
    let row = picture.as_bytes().rchunks(width * channels).next().unwrap_or_default();
    // The last two columns are filled in another way where colours are sampled coarsely.
    let end = row.len() - 2 * channels;
    let (last, before) = (&row[row.len() - step..end], &row[row.len() - 2 * step..end - step]);
    (0..channels).all(|channel| {
        let changes = last.iter().zip(before).skip(channel).step_by(channels);
        let changes = changes
            .filter(|(last, before)| !matches!((last, before), (0 | 255, _) | (_, 0 | 255)))
            .map(|(&last, &before)| i32::from(last) - i32::from(before));
        let (least, most) = changes
            .fold((255, -255), |(least, most), change| (change.min(least), change.max(most)));
        most - least <= 4
    })
}

/// Decodes with jpeg-decoder.
fn decode_plain(bytes: &[u8]) -> Result<DynamicImage, DecodeError> {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(MAX_BYTES as usize);
    let pixels = decoder.decode().map_err(|error| match error {
        jpeg_decoder::Error::Unsupported(_) => {
            DecodeError::Unsupported { kind: PictureKind::RareJpeg }
        }
        error => DecodeError::damaged(error),
    })?;
    let info = decoder.info().ok_or_else(|| DecodeError::damaged("it has no header"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let picture = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
        PixelFormat::CMYK32 => {
            RgbImage::from_raw(width, height, without_ink(&pixels)).map(DynamicImage::from)
        }
        PixelFormat::L16 => None,
    };
    picture.ok_or(DecodeError::Unsupported { kind: PictureKind::RareJpeg })
}

/// Four inks as red, green and blue: each ink, and black, take their share of the paper's white.
fn without_ink(inks: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(inks.len() / 4 * 3);
    for ink in inks.chunks_exact(4) {
        let paper = 255 - u32::from(ink[3]);
        rgb.extend(ink[..3].iter().map(|&ink| ((255 - u32::from(ink)) * paper / 255) as u8));
    }
    rgb
}
