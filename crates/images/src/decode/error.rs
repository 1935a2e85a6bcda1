//! Why a picture could not be decoded.

use crate::decode::kind::{OtherFile, PictureKind};

/// Why bytes could not be decoded as a picture. Every message says what was found, what is read,
/// and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// Every byte is zero, which is what an interrupted download or a failed copy leaves behind.
    #[error("the file holds nothing but zeros, as after a failed copy; open another copy of it")]
    Zeros,
    /// It is a picture of a kind that is not decoded here. A browser may be able to.
    #[error("this is {}, which is not read here; {}", .kind.name(), .kind.advice())]
    Unsupported {
        /// What kind of picture it is.
        kind: PictureKind,
    },
    /// It is a file of another kind.
    #[error("this is no picture but {}; {}", .0.name(), .0.advice())]
    NotAPicture(OtherFile),
    /// The bytes are of no kind that is known.
    #[error("this is no JPEG, PNG, WebP, GIF or BMP picture; save it as JPEG and open that")]
    UnknownFormat,
    /// The picture's width and height exceed [`MAX_PIXELS`](crate::decode::MAX_PIXELS).
    #[error(
        "the picture has {0} × {1} pixels, and at most 64 million are opened; make it smaller first"
    )]
    TooLarge(u32, u32),
    /// The picture's width or height is 0.
    #[error("the picture has no pixels: its width or height is 0; open another copy of it")]
    NoPixels,
    /// The file ends before the picture does.
    #[error("the picture is cut off: {0}; open another copy of it")]
    CutOff(Missing),
    /// The decoder failed, for the reason given.
    #[error("the picture is damaged ({0}); open another copy of it")]
    Damaged(String),
}

/// What a picture that is cut off lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// All but this share of the picture, in percent from the top.
    #[error("the file ends after {0} % of it")]
    AllAfter(u8),
    /// The whole picture is there, but blurred: what would sharpen it comes later in the file.
    #[error("the file ends before its finer details")]
    Details,
    /// Something at the end, it is not known how much.
    #[error("the file ends before the picture does")]
    End,
}

impl DecodeError {
    /// A decoder's failure, with the first part of its message, in one line.
    pub(super) fn damaged(reason: impl ToString) -> Self {
        let reason = reason.to_string();
        Self::Damaged(reason.chars().filter(|c| !c.is_control()).take(160).collect())
    }
}
