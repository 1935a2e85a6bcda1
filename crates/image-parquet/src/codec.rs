//! How pages are compressed, and back.

use std::io::Read;

use bytes::Bytes;

/// parquet.thrift's `CompressionCodec`, those that have a decoder in Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// None.
    Plain,
    /// Hugging Face's.
    Snappy,
    /// Also zlib, which some writers mean by it.
    Gzip,
    /// Brotli.
    Brotli,
    /// LZ4 blocks (`LZ4_RAW`).
    Lz4,
    /// Zstandard.
    Zstd,
}

impl Codec {
    /// By parquet.thrift's number. Not LZO, which has no free decoder, nor Hadoop's old LZ4
    /// framing.
    pub(super) fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            0 => Self::Plain,
            1 => Self::Snappy,
            2 => Self::Gzip,
            4 => Self::Brotli,
            6 => Self::Zstd,
            7 => Self::Lz4,
            _ => return None,
        })
    }

    /// Unpacks to exactly `length` bytes, or says why not. What `length` claims is not allocated
    /// before the compressed bytes could hold it.
    pub(super) fn unpack(self, packed: &Bytes, length: usize) -> Result<Bytes, String> {
        let possible = |most: usize| {
            if length <= packed.len().saturating_mul(most).saturating_add(1024) {
                Ok(())
            } else {
                Err("a page claims to unpack to more than it can".to_string())
            }
        };
        let unpacked = match self {
            Self::Plain => packed.clone(),
            Self::Snappy => {
                // A copy of 64 bytes takes 3.
                possible(32)?;
                if snap::raw::decompress_len(packed).map_err(text)? != length {
                    return Err("a page has another length than it claims".into());
                }
                snap::raw::Decoder::new().decompress_vec(packed).map_err(text)?.into()
            }
            Self::Lz4 => {
                possible(256)?;
                lz4_flex::block::decompress(packed, length).map_err(text)?.into()
            }
            Self::Gzip if packed.first() == Some(&0x78) => {
                bounded(flate2::read::ZlibDecoder::new(&packed[..]), length)?
            }
            Self::Gzip => bounded(flate2::read::MultiGzDecoder::new(&packed[..]), length)?,
            Self::Brotli => {
                bounded(brotli_decompressor::Decompressor::new(&packed[..], 16 * 1024), length)?
            }
            Self::Zstd => bounded(
                ruzstd::decoding::StreamingDecoder::new(&packed[..]).map_err(text)?,
                length,
            )?,
        };
        if unpacked.len() == length {
            Ok(unpacked)
        } else {
            Err("a page has another length than it claims".into())
        }
    }
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

/// At most one byte more than `length`, so that a longer page is noticed and a bomb is not
/// unpacked.
fn bounded(reader: impl Read, length: usize) -> Result<Bytes, String> {
    let mut unpacked = Vec::new();
    reader.take(length as u64 + 1).read_to_end(&mut unpacked).map_err(text)?;
    Ok(unpacked.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use super::*;

    #[test]
    fn what_was_packed_comes_back_at_its_length_only() {
        let text = b"tench, parachute, ".repeat(500);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&text).unwrap();
        for (codec, packed) in [
            (Codec::Plain, text.clone()),
            (Codec::Snappy, snap::raw::Encoder::new().compress_vec(&text).unwrap()),
            (Codec::Gzip, gzip.finish().unwrap()),
            (Codec::Gzip, zlib.finish().unwrap()),
            (Codec::Lz4, lz4_flex::block::compress(&text)),
            (
                Codec::Zstd,
                ruzstd::encoding::compress_to_vec(
                    &text[..],
                    ruzstd::encoding::CompressionLevel::Fastest,
                ),
            ),
        ] {
            let packed = Bytes::from(packed);
            assert_eq!(codec.unpack(&packed, text.len()).unwrap(), text, "{codec:?}");
            for wrong in [0, text.len() - 1, text.len() + 1, 1 << 40] {
                assert!(codec.unpack(&packed, wrong).is_err(), "{codec:?} {wrong}");
            }
            if codec != Codec::Plain {
                assert!(
                    codec.unpack(&packed.slice(..packed.len() / 2), text.len()).is_err(),
                    "{codec:?}"
                );
            }
        }
    }
}
