//! JPEG, PNG and WebP, and what is cut from them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resnette_images::decode::decode;
use resnette_images::resize::{centre_crop, shrink};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(picture) = decode(bytes) {
        assert_eq!(picture.rgb.len(), picture.width as usize * picture.height as usize * 3);
        let square = centre_crop(&picture, 16);
        assert_eq!((square.width, square.height, square.rgb.len()), (16, 16, 16 * 16 * 3));
        let small = shrink(&picture, 20);
        assert_eq!(small.rgb.len(), small.width as usize * small.height as usize * 3);
    }
});
