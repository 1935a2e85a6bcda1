//! Pictures of which only an outline is in memory: their size, and the few bytes by which a saved
//! run knows a set of pictures again. The pixels of a streamed set are made when a batch needs them
//! ([`crate::stream`]).

use resnette_picture::Picture;

/// The bytes in the middle of a picture that count where sets are compared.
const MIDDLE_BYTES: usize = 48;

/// The bytes in the middle of a picture by which a set of pictures is known again: the same of an
/// outline as of the picture that it was made of.
pub fn middle(picture: &Picture) -> &[u8] {
    if is_outline(picture) {
        return &picture.rgb;
    }
    let middle = picture.rgb.len() / 2;
    &picture.rgb[middle..(middle + MIDDLE_BYTES).min(picture.rgb.len())]
}

/// A picture without its pixels, but for [`middle`].
pub(crate) fn outline(picture: &Picture) -> Picture {
    Picture { rgb: middle(picture).to_vec(), ..*picture }
}

/// Whether the pixels of a picture are not in memory.
pub(crate) fn is_outline(picture: &Picture) -> bool {
    (picture.rgb.len() as u64) < full_bytes(picture)
}

/// The memory that a picture of this size takes with its pixels.
pub(crate) fn full_bytes(picture: &Picture) -> u64 {
    u64::from(picture.width) * u64::from(picture.height) * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_is_known_again_and_small() {
        for (width, height) in [(1, 1), (1, 2), (4, 4), (5, 7), (90, 70)] {
            let bytes = (0..width * height * 3).map(|i| (i % 251) as u8);
            let picture = Picture { width, height, rgb: bytes.collect() };
            let small = outline(&picture);
            assert_eq!((small.width, small.height), (width, height));
            assert!(is_outline(&small) && !is_outline(&picture), "{width} × {height}");
            assert!(small.rgb.len() <= MIDDLE_BYTES);
            assert_eq!(middle(&small), middle(&picture));
            assert_eq!(outline(&small), small);
            assert_eq!(full_bytes(&small), picture.rgb.len() as u64);
        }
    }
}
