//! Decodes the pictures of one loading, and keeps count of those that end early.

use resnette_picture::Picture;

use crate::decode::{DecodeError, DecodeOptions, decode_with};
use crate::load::fallback_decoder::{FallbackDecoder, decode_or_fall_back};

/// Decodes pictures, and says at the end how many of them end early and could be used all the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct PictureDecoder {
    accept_cut: bool,
    cut: u32,
    read: u32,
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

    /// Decodes a picture. One that is whole gives the same pixels whether or not others may end
    /// early.
    ///
    /// # Errors
    /// Those of [`decode_or_fall_back`], less [`DecodeError::CutOff`] where that is accepted.
    pub async fn decode(
        &mut self,
        bytes: &[u8],
        fallback: &impl FallbackDecoder,
    ) -> Result<Picture, DecodeError> {
        self.read = self.read.saturating_add(1);
        let decoded = decode_or_fall_back(bytes, fallback).await;
        if !matches!(decoded, Err(DecodeError::CutOff(_))) {
            return decoded;
        }
        match decode_with(bytes, DecodeOptions { accept_cut: true }) {
            Ok(picture) => {
                self.cut = self.cut.saturating_add(1);
                if self.accept_cut { Ok(picture) } else { decoded }
            }
            Err(_) => decoded,
        }
    }
}
