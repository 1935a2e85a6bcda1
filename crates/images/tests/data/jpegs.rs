//! JPEGs that no encoder at hand writes: CMYK, progressive, turned by EXIF. All made here, eight
//! pixels a side.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use resnette_images::decode::decode;

pub const BASELINE: u8 = 0xc0;
pub const PROGRESSIVE: u8 = 0xc2;

/// A marker segment with its length.
fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

/// One block of one colour, a value a component. `adobe` is APP14's transform, where there is one.
pub fn flat(frame: u8, values: &[u8], adobe: Option<u8>) -> Vec<u8> {
    let count = values.len() as u8;
    let mut out = vec![0xff, 0xd8];
    if let Some(transform) = adobe {
        out.extend(segment(0xee, &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat()));
    }
    // Every coefficient is quantised by 8, so that the first one of a block is its mean less 128.
    out.extend(segment(0xdb, &[&[0][..], &[8; 64]].concat()));
    let components: Vec<u8> = (1..=count).flat_map(|id| [id, 0x11, 0]).collect();
    out.extend(segment(frame, &[&[8, 0, 8, 0, 8, count][..], &components].concat()));
    // Nine lengths of a difference, four bits each; for the rest of a block one code: the end.
    out.extend(segment(
        0xc4,
        &[
            &[0x00, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &[0, 1, 2, 3, 4, 5, 6, 7, 8],
        ]
        .concat(),
    ));
    out.extend(segment(0xc4, &[0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00]));
    let scan: Vec<u8> = (1..=count).flat_map(|id| [id, 0x00]).collect();
    let last = if frame == PROGRESSIVE { 0 } else { 63 };
    out.extend(segment(0xda, &[&[count][..], &scan, &[0, last, 0]].concat()));
    let mut bits = String::new();
    for &value in values {
        let mean = i32::from(value) - 128;
        let length = (32 - mean.unsigned_abs().leading_zeros()) as usize;
        bits.push_str(&format!("{length:04b}"));
        if length > 0 {
            let coded = if mean > 0 { mean } else { mean + (1 << length) - 1 };
            bits.push_str(&format!("{coded:0length$b}"));
        }
        if frame == BASELINE {
            bits.push('0');
        }
    }
    while !bits.len().is_multiple_of(8) {
        bits.push('1');
    }
    for byte in bits.as_bytes().chunks(8) {
        let byte = byte.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0'));
        out.push(byte);
        if byte == 0xff {
            out.push(0);
        }
    }
    out.extend([0xff, 0xd9]);
    out
}

fn close(found: [u8; 3], wanted: [u8; 3]) -> bool {
    found.iter().zip(wanted).all(|(&found, wanted)| found.abs_diff(wanted) <= 3)
}

#[test]
fn grey_colour_and_ink_baseline_and_progressive() {
    for frame in [BASELINE, PROGRESSIVE] {
        for (values, adobe, colour) in [
            (&[200][..], None, [200, 200, 200]),
            (&[76, 85, 255], None, [254, 0, 0]),
            // Adobe's three components without a transform are red, green and blue.
            (&[10, 120, 230], Some(0), [10, 120, 230]),
            // Adobe stores what is left of the paper: 255 is no ink.
            (&[255, 255, 255, 255], Some(0), [255, 255, 255]),
            (&[0, 255, 255, 255], Some(0), [0, 255, 255]),
            (&[255, 128, 0, 128], Some(0), [128, 64, 0]),
        ] {
            let picture = decode(&flat(frame, values, adobe))
                .unwrap_or_else(|error| panic!("{frame:x} {values:?}: {error}"));
            assert_eq!((picture.width, picture.height), (8, 8));
            assert!(
                close(picture.pixel(3, 5), colour),
                "{frame:x} {values:?}: {:?}, not {colour:?}",
                picture.pixel(3, 5)
            );
        }
    }
}

/// Red at the left and blue at the right, 16×8, with this EXIF orientation.
pub fn turned(orientation: u8) -> Vec<u8> {
    let picture =
        RgbImage::from_fn(16, 8, |x, _| image::Rgb(if x < 8 { [255, 0, 0] } else { [0, 0, 255] }));
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Jpeg).unwrap();
    let jpeg = out.into_inner();
    // TIFF, big end first, one entry: tag 0x112, a short.
    let tiff = [
        &b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..],
        &[orientation],
        &[0; 6],
    ]
    .concat();
    [&jpeg[..2], &segment(0xe1, &tiff), &jpeg[2..]].concat()
}

#[test]
fn pictures_are_turned_upright() {
    // Where the red half ends up: (x, y) of a pixel in it, for a picture of this size.
    for (orientation, size, red) in [
        (1, (16, 8), (2, 4)),
        (2, (16, 8), (13, 4)),
        (3, (16, 8), (13, 4)),
        (4, (16, 8), (2, 4)),
        (5, (8, 16), (4, 2)),
        (6, (8, 16), (4, 2)),
        (7, (8, 16), (4, 13)),
        (8, (8, 16), (4, 13)),
    ] {
        let picture = decode(&turned(orientation)).unwrap();
        assert_eq!((picture.width, picture.height), size, "orientation {orientation}");
        let opposite = (size.0 - 1 - red.0, size.1 - 1 - red.1);
        assert!(
            picture.pixel(red.0, red.1)[0] > 200,
            "orientation {orientation}: {:?}",
            picture.pixel(red.0, red.1)
        );
        assert!(picture.pixel(opposite.0, opposite.1)[2] > 200, "orientation {orientation}");
    }
}

#[test]
fn a_webp_with_transparency_lies_on_white() {
    let picture = image::RgbaImage::from_fn(4, 2, |x, _| {
        if x < 2 { image::Rgba([200, 10, 30, 255]) } else { image::Rgba([0, 0, 0, 0]) }
    });
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::WebP).unwrap();
    let decoded = decode(&out.into_inner()).unwrap();
    assert_eq!((decoded.width, decoded.height), (4, 2));
    assert_eq!([decoded.pixel(0, 1), decoded.pixel(3, 0)], [[200, 10, 30], [255, 255, 255]]);
}
