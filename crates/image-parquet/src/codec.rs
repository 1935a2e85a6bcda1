//! Decompression of pages.

use std::io::Read;

use bytes::Bytes;

/// How the pages of a column are compressed: those values of parquet.thrift's `CompressionCodec`
/// that have a decoder in Rust.
///
/// See <https://parquet.apache.org/docs/file-format/data-pages/compression/>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Not compressed.
    Uncompressed,
    /// Snappy's raw format, which Hugging Face's converter writes.
    Snappy,
    /// Gzip, or zlib, which some writers mean by it.
    Gzip,
    /// Brotli.
    Brotli,
    /// LZ4's block format (`LZ4_RAW`).
    Lz4Raw,
    /// Zstandard.
    Zstd,
}

impl Codec {
    /// The codec with this number in parquet.thrift; `None` for an unknown one, for LZO, which has
    /// no free decoder, and for the deprecated LZ4 with Hadoop's framing.
    pub(super) fn from_code(code: i64) -> Option<Self> {
        Some(match code {
            0 => Self::Uncompressed,
            1 => Self::Snappy,
            2 => Self::Gzip,
            4 => Self::Brotli,
            6 => Self::Zstd,
            7 => Self::Lz4Raw,
            _ => return None,
        })
    }

    /// Decompresses a page to exactly `length` bytes.
    ///
    /// `length` comes from the file, so nothing is allocated for it before it is clear that the
    /// compressed bytes could expand to so much.
    ///
    /// # Errors
    /// What is wrong with the page, as part of a sentence.
    pub(super) fn decompress(self, compressed: &Bytes, length: usize) -> Result<Bytes, String> {
        let check_ratio = |max_ratio: usize| {
            if length <= compressed.len().saturating_mul(max_ratio).saturating_add(1024) {
                Ok(())
            } else {
                Err("a page claims to unpack to more than it can".to_string())
            }
        };
        let decompressed = match self {
            Self::Uncompressed => compressed.clone(),
            Self::Snappy => {
                // Snappy's best case is a copy of 64 bytes, which takes 3 bytes.
                check_ratio(32)?;
                if snap::raw::decompress_len(compressed).map_err(text)? != length {
                    return Err("a page has another length than it claims".into());
                }
                snap::raw::Decoder::new().decompress_vec(compressed).map_err(text)?.into()
            }
            Self::Lz4Raw => {
                check_ratio(256)?;
                lz4_flex::block::decompress(compressed, length).map_err(text)?.into()
            }
            Self::Gzip if compressed.first() == Some(&0x78) => {
                bounded(flate2::read::ZlibDecoder::new(&compressed[..]), length)?
            }
            Self::Gzip => bounded(flate2::read::MultiGzDecoder::new(&compressed[..]), length)?,
            Self::Brotli => {
                bounded(brotli_decompressor::Decompressor::new(&compressed[..], 16 * 1024), length)?
            }
            Self::Zstd => bounded(
                ruzstd::decoding::StreamingDecoder::new(&compressed[..]).map_err(text)?,
                length,
            )?,
        };
        if decompressed.len() == length {
            Ok(decompressed)
        } else {
            Err("a page has another length than it claims".into())
        }
    }
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

/// Reads at most `length + 1` bytes: enough to notice a page that is too long, and never the whole
/// of a decompression bomb.
fn bounded(reader: impl Read, length: usize) -> Result<Bytes, String> {
    let mut out = Vec::new();
    reader.take(length as u64 + 1).read_to_end(&mut out).map_err(text)?;
    Ok(out.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use super::*;

    #[test]
    fn pages_decompress_to_their_exact_length_only() {
        let text = b"tench, parachute, ".repeat(500);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&text).unwrap();
        for (codec, compressed) in [
            (Codec::Uncompressed, text.clone()),
            (Codec::Snappy, snap::raw::Encoder::new().compress_vec(&text).unwrap()),
            (Codec::Gzip, gzip.finish().unwrap()),
            (Codec::Gzip, zlib.finish().unwrap()),
            (Codec::Lz4Raw, lz4_flex::block::compress(&text)),
            (
                Codec::Zstd,
                ruzstd::encoding::compress_to_vec(
                    &text[..],
                    ruzstd::encoding::CompressionLevel::Fastest,
                ),
            ),
        ] {
            let compressed = Bytes::from(compressed);
            assert_eq!(codec.decompress(&compressed, text.len()).unwrap(), text, "{codec:?}");
            for wrong in [0, text.len() - 1, text.len() + 1, 1 << 40] {
                assert!(codec.decompress(&compressed, wrong).is_err(), "{codec:?} {wrong}");
            }
            if codec != Codec::Uncompressed {
                assert!(
                    codec
                        .decompress(&compressed.slice(..compressed.len() / 2), text.len())
                        .is_err(),
                    "{codec:?}"
                );
            }
        }
    }
}
