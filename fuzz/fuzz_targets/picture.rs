//! JPEG, PNG, WebP, GIF and BMP, what is cut from them, and what only begins like a picture.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resnette_images::decode::kind::{Content, sniff};
use resnette_images::decode::{DecodeError, DecodeOptions, declared_size, decode, decode_with};
use resnette_images::resize::{centre_crop, shrink};

fuzz_target!(|bytes: &[u8]| {
    let decoded = decode(bytes);
    if let Ok(picture) = &decoded {
        assert_eq!(picture.rgb.len(), picture.width as usize * picture.height as usize * 3);
        let square = centre_crop(picture, 16);
        assert_eq!((square.width, square.height, square.rgb.len()), (16, 16, 16 * 16 * 3));
        let small = shrink(picture, 20);
        assert_eq!(small.rgb.len(), small.width as usize * small.height as usize * 3);
    }
    if let Content::Picture(kind) = sniff(bytes) {
        let _ = declared_size(bytes, kind);
    }
    if matches!(decoded, Err(DecodeError::CutOff(_) | DecodeError::Damaged(_)))
        && let Ok(picture) = decode_with(bytes, DecodeOptions { accept_cut: true })
    {
        assert_eq!(picture.rgb.len(), picture.width as usize * picture.height as usize * 3);
    }
});
