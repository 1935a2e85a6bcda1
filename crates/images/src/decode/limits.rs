//! How large pictures may be.

use crate::decode::error::DecodeError;

/// The largest picture that is decoded, in pixels. A photo of 64 megapixels takes 256 MB while it
/// is decoded.
pub const MAX_PIXELS: u64 = 64_000_000;

/// The largest decoded picture in bytes: 64 million pixels with four channels of 8 bits, or half as
/// many with channels of 16 bits.
pub(super) const MAX_BYTES: u64 = MAX_PIXELS * 4;

/// Refuses a picture with more than [`MAX_PIXELS`] pixels, or with none.
///
/// # Errors
/// [`DecodeError::TooLarge`] or [`DecodeError::NoPixels`].
pub fn check_size(width: u32, height: u32) -> Result<(), DecodeError> {
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(DecodeError::TooLarge(width, height));
    }
    if width == 0 || height == 0 {
        return Err(DecodeError::NoPixels);
    }
    Ok(())
}
