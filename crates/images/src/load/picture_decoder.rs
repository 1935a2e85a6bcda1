//! Decodes the pictures of one loading, and keeps count of those that end early.

use resnette_picture::Picture;

use crate::decode::{DecodeError, DecodeOptions, decode, decode_with};
use crate::load::fallback_decoder::{FallbackDecoder, fall_back};

/// Decodes pictures, and says at the end how many of them end early and could be used all the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct PictureDecoder {
    accept_cut: bool,
    cut: u32,
    read: u32,
}

/// What came of decoding a picture here, without a fallback.
pub struct Attempt<R> {
    /// Made of the picture, or why it cannot be decoded.
    made: Result<R, DecodeError>,
    /// Whether it is a JPEG that ends early and can be decoded as far as it goes.
    is_cut: bool,
}

// Only the tests of decoding on several threads ask.
#[cfg(all(test, feature = "rayon"))]
impl<R> Attempt<R> {
    /// What was made, if it could be.
    pub fn made(&self) -> Option<&R> {
        self.made.as_ref().ok()
    }
}

impl PictureDecoder {
    /// A decoder that uses JPEGs that end early as far as they go, or leaves them out.
    pub fn new(accept_cut: bool) -> Self {
        Self { accept_cut, ..Self::default() }
    }

    /// The number of JPEGs so far that end early and can be decoded as far as they go.
    pub fn cut(&self) -> u32 {
        self.cut
    }

    /// The number of pictures so far, whether they could be decoded or not.
    pub fn read(&self) -> u32 {
        self.read
    }

    /// Decodes a picture here and makes something of it, on any thread. One that is whole gives the
    /// same pixels whether or not others may end early. Must be followed by
    /// [`PictureDecoder::finish`].
    pub fn attempt<R>(&self, bytes: &[u8], make: impl FnOnce(&Picture) -> R) -> Attempt<R> {
        let decoded = decode(bytes);
        if !matches!(decoded, Err(DecodeError::CutOff(_))) {
            return Attempt {
                made: decoded.as_ref().map(make).map_err(Clone::clone),
                is_cut: false,
            };
        }
        let as_far = decode_with(bytes, DecodeOptions { accept_cut: true });
        let is_cut = as_far.is_ok();
        let used = if self.accept_cut { as_far.or(decoded) } else { decoded };
        Attempt { made: used.as_ref().map(make).map_err(Clone::clone), is_cut }
    }

    /// What is made of a picture in the end: of what the fallback decodes, if its kind is not read
    /// here. Counts it.
    ///
    /// # Errors
    /// Those of [`decode_or_fall_back`](crate::load::fallback_decoder::decode_or_fall_back), less
    /// [`DecodeError::CutOff`] where that is accepted.
    pub async fn finish<R>(
        &mut self,
        attempt: Attempt<R>,
        bytes: &[u8],
        fallback: &impl FallbackDecoder,
        make: impl FnOnce(&Picture) -> R,
    ) -> Result<R, DecodeError> {
        self.read = self.read.saturating_add(1);
        self.cut = self.cut.saturating_add(u32::from(attempt.is_cut));
        match attempt.made {
            Err(DecodeError::Unsupported { kind }) => {
                fall_back(bytes, kind, fallback).await.as_ref().map(make).map_err(Clone::clone)
            }
            made => made,
        }
    }
}
