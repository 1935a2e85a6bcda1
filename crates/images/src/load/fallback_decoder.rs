//! A second try at pictures that cannot be decoded in Rust.

use resnette_picture::Picture;

use crate::decode::kind::PictureKind;
use crate::decode::{DecodeError, check_size, declared_size, decode};

/// Decodes kinds of pictures that [`decode`] does not: a browser reads AVIF everywhere and HEIC on
/// Apple's devices.
///
/// Its pixels may differ a little from browser to browser, so it is asked only for what would be
/// left out otherwise.
pub trait FallbackDecoder {
    /// Decodes a picture, upright and on white; `None` if it cannot, or if it takes too long.
    fn decode(&self, bytes: &[u8], kind: PictureKind) -> impl Future<Output = Option<Picture>>;
}

/// Decodes nothing: the command line's fallback.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFallback;

impl FallbackDecoder for NoFallback {
    async fn decode(&self, _: &[u8], _: PictureKind) -> Option<Picture> {
        None
    }
}

/// Decodes a picture, with the fallback's help if it is of a kind that is not read here.
///
/// # Errors
/// As [`decode`]. If the fallback does not decode the picture either, the error is
/// [`DecodeError::Unsupported`]. It is not asked for pictures that say that they are too large.
pub async fn decode_or_fall_back(
    bytes: &[u8],
    fallback: &impl FallbackDecoder,
) -> Result<Picture, DecodeError> {
    match decode(bytes) {
        Err(DecodeError::Unsupported { kind }) => fall_back(bytes, kind, fallback).await,
        decoded => decoded,
    }
}

/// What the fallback makes of a picture of a kind that is not read here.
///
/// # Errors
/// As [`decode_or_fall_back`].
pub(super) async fn fall_back(
    bytes: &[u8],
    kind: PictureKind,
    fallback: &impl FallbackDecoder,
) -> Result<Picture, DecodeError> {
    if let Some((width, height)) = declared_size(bytes, kind) {
        check_size(width, height)?;
    }
    let found = fallback.decode(bytes, kind).await;
    found.filter(is_whole).ok_or(DecodeError::Unsupported { kind })
}

/// Whether a picture has pixels, and as many as its size says.
fn is_whole(picture: &Picture) -> bool {
    let wanted = u64::from(picture.width) * u64::from(picture.height) * 3;
    wanted > 0 && picture.rgb.len() as u64 == wanted
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    /// Says that every AVIF is one red pixel, and gets every HEIC wrong.
    struct Red;

    impl FallbackDecoder for Red {
        async fn decode(&self, _: &[u8], kind: PictureKind) -> Option<Picture> {
            let mut red = Picture::filled(1, 1, [255, 0, 0]);
            red.width = if kind == PictureKind::Avif { 1 } else { 7 };
            Some(red)
        }
    }

    #[test]
    fn it_is_asked_for_kinds_that_are_not_read_and_its_answer_is_held_to_its_size() {
        let avif = b"\0\0\0\x10ftypavif\0\0\0\0";
        let heic = b"\0\0\0\x10ftypheic\0\0\0\0";
        let decode = |bytes: &[u8]| block_on(decode_or_fall_back(bytes, &Red));
        assert_eq!(decode(avif), Ok(Picture::filled(1, 1, [255, 0, 0])));
        assert_eq!(decode(heic), Err(DecodeError::Unsupported { kind: PictureKind::Heic }));
        assert_eq!(decode(b""), Err(DecodeError::Empty));
        let huge = [&avif[..], b"ispe\0\0\0\0\0\x01\0\0\0\x01\0\0"].concat();
        assert_eq!(decode(&huge), Err(DecodeError::TooLarge(65_536, 65_536)));
        assert_eq!(
            block_on(decode_or_fall_back(avif, &NoFallback)),
            Err(DecodeError::Unsupported { kind: PictureKind::Avif })
        );
    }
}
