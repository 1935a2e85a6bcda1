//! The decoders against libjpeg.

use resnette_images::decode::kind::PictureKind;
use resnette_images::decode::{DecodeError, decode};

use super::{difference, grid};

/// The most that a picture may differ from libjpeg's in the mean, of 255.
const MOST: f64 = 2.0;

#[test]
fn every_jpeg_has_libjpegs_pixels_or_is_refused_by_its_kind() {
    let files = grid();
    let (mut read, mut refused, mut worst) = (0, 0, (0.0, ""));
    let mut wrong = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".jpg")) {
        let (drawing, shape) = name.split_once('/').unwrap();
        if shape == "arithmetic.jpg" {
            let error = decode(bytes).unwrap_err();
            assert_eq!(
                error,
                DecodeError::Unsupported { kind: PictureKind::ArithmeticJpeg },
                "{name}"
            );
            assert!(!error.to_string().contains("damaged"), "{error}");
            refused += 1;
            continue;
        }
        let reference = &files[&format!("{drawing}/pixels.ppm")];
        match decode(bytes) {
            Ok(picture) => {
                let start = reference.len() - picture.rgb.len();
                let far = difference(&picture.rgb, &reference[start..]);
                if far > worst.0 {
                    worst = (far, name);
                }
                if far >= MOST {
                    wrong.push(format!("{name}: {far:.2}"));
                }
                read += 1;
            }
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    println!("{read} read, {refused} refused; the farthest from libjpeg: {worst:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read > 250 && refused > 15, "{read} {refused}");
}
