//! JPEGs that end early, and whole ones that only look as if they did.

use std::sync::LazyLock;

use proptest::prelude::*;
use resnette_images::decode::{DecodeError, DecodeOptions, Missing, decode, decode_with};

use super::{difference, grid};

const END: [u8; 2] = [0xff, 0xd9];
static MEMBERS: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(members);
const ACCEPT: DecodeOptions = DecodeOptions { accept_cut: true };

/// The JPEGs of the grid that are read.
fn members() -> Vec<(String, Vec<u8>)> {
    grid()
        .into_iter()
        .filter(|(name, _)| name.ends_with(".jpg") && !name.ends_with("arithmetic.jpg"))
        .collect()
}

/// Whether the second decoder reads such a file.
fn is_rare(name: &str) -> bool {
    let is_apart = name.contains("/apart") || name.contains("/in-two");
    is_apart || name.starts_with("311") || name.starts_with("331")
}

/// Where the data of the first scan begin.
fn data(bytes: &[u8]) -> usize {
    let at = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    at + 2 + usize::from(bytes[at + 3])
}

#[test]
fn a_jpeg_that_ends_early_is_told_wherever_it_ends() {
    let (mut tries, mut shown) = (0, 0);
    for (name, bytes) in members() {
        for percent in [3, 20, 50, 80, 90, 99] {
            let end = bytes.len() * percent / 100;
            let found = decode(&bytes[..end]);
            assert!(matches!(found, Err(DecodeError::CutOff(_))), "{name} {percent}");
            let accepted = decode_with(&bytes[..end], ACCEPT);
            if !is_rare(&name) && end > data(&bytes) + 20 {
                tries += 1;
                shown += usize::from(accepted.is_ok());
            }
            match accepted {
                Ok(picture) => assert_eq!((picture.width, picture.height), (45, 37), "{name}"),
                // The decoders give nothing for some that are cut off at a restart.
                Err(error) => assert!(matches!(error, DecodeError::CutOff(_)), "{name}: {error}"),
            }
        }
        // Two bytes of data less than all.
        let found = decode(&bytes[..bytes.len() - 4]);
        assert!(matches!(found, Err(DecodeError::CutOff(_))), "{name}");
    }
    println!("{shown} of {tries} that are cut off can be shown");
    assert!(tries > 500 && shown * 100 > tries * 95, "{shown} of {tries}");
}

#[test]
fn a_jpeg_without_its_end_marker_or_with_bytes_after_it_is_whole() {
    for (name, bytes) in members() {
        let whole = decode(&bytes).unwrap();
        for other in [
            bytes[..bytes.len() - 2].to_vec(),
            bytes[..bytes.len() - 1].to_vec(),
            [&bytes[..bytes.len() - 2], &[0; 30]].concat(),
            [&bytes[..], &[0; 3000]].concat(),
            [&bytes[..], b"MotionPhoto", &bytes[..300]].concat(),
        ] {
            let found = decode(&other);
            assert!(found.as_ref() == Ok(&whole), "{name}, {} of {}", other.len(), bytes.len());
        }
    }
}

/// As some programs write a download that broke off. The drawings have nine MCUs and more.
#[test]
fn a_jpeg_that_ends_early_with_an_end_marker_is_told() {
    let mut wrong = Vec::new();
    for (name, bytes) in members() {
        let start = data(&bytes);
        for percent in [3, 40, 60] {
            let end = start + (bytes.len() - 2 - start) * percent / 100;
            // A lone 0xff would belong to the marker.
            let end = if bytes[end - 1] == 0xff { end - 1 } else { end };
            let cut = [&bytes[..end], &END].concat();
            match decode(&cut) {
                Err(DecodeError::CutOff(_)) => {}
                // Between two scans nothing is missing that anybody could tell.
                Ok(_) if name.contains("progressive") => {}
                // The marker in a header is no sense, and no end.
                Err(DecodeError::Damaged(_)) if name.contains("progressive") && percent == 3 => {}
                found => wrong
                    .push(format!("{name} {percent}: {:?}", found.map(|picture| picture.width))),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Data that no encoder writes: nothing but ones is no code.
#[test]
fn a_jpeg_whose_rest_is_nonsense_is_damaged() {
    for (name, bytes) in members() {
        if name.contains("progressive") || name.contains("restart") || is_rare(&name) {
            continue;
        }
        let start = data(&bytes);
        let middle = (start + bytes.len()) / 2;
        let middle = if bytes[middle - 1] == 0xff { middle - 1 } else { middle };
        let ones = [0xff, 0].repeat(100);
        let spoilt = [&bytes[..middle], &ones, &END].concat();
        let found = decode(&spoilt).map(|picture| picture.width);
        assert!(matches!(found, Err(DecodeError::Damaged(_))), "{name}: {found:?}");
        assert_eq!(decode_with(&spoilt, ACCEPT).map(|picture| picture.width), Ok(45), "{name}");
    }
}

#[test]
fn the_share_that_is_there_is_told() {
    let picture = image::RgbImage::from_fn(320, 400, |x, y| {
        image::Rgb([(x * y % 251) as u8, (x ^ y) as u8, (y % 256) as u8])
    });
    let mut out = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut out, image::ImageFormat::Jpeg).unwrap();
    let bytes = out.into_inner();
    for percent in [3, 50, 99] {
        let cut = &bytes[..bytes.len() * percent / 100];
        let Err(DecodeError::CutOff(Missing::AllAfter(there))) = decode(cut) else {
            panic!("{percent}");
        };
        assert!(usize::from(there).abs_diff(percent) <= 4, "{there} of {percent}");
        // The upper part is as it was, the rest grey.
        let (whole, part) = (decode(&bytes).unwrap(), decode_with(cut, ACCEPT).unwrap());
        let upper = whole.rgb.len() * usize::from(there).saturating_sub(5) / 100 / 960 * 960;
        assert_eq!(whole.rgb[..upper], part.rgb[..upper], "{percent}");
        if percent < 99 {
            assert_eq!(part.pixel(319, 399), [128; 3], "{percent}");
        }
        assert!(difference(&whole.rgb, &part.rgb) > 0.1, "{percent}");
    }
    let message = decode(&bytes[..bytes.len() / 2]).unwrap_err().to_string();
    assert!(message.starts_with("the picture is cut off: the file ends after 4"), "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Whatever is changed in a JPEG, decoding it ends and gives a picture of its own size or an
    /// error.
    #[test]
    fn bytes_changed_anywhere(
        member: prop::sample::Index,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        kept: prop::sample::Index,
        accept_cut: bool,
    ) {
        let mut bytes = MEMBERS[member.index(MEMBERS.len())].1.clone();
        for (at, value) in edits {
            // Most bytes that matter are in the headers.
            let at = at.index(bytes.len().min(700));
            bytes[at] = value;
        }
        bytes.truncate(700 + kept.index(bytes.len()));
        if let Ok(picture) = decode_with(&bytes, DecodeOptions { accept_cut }) {
            let pixels = picture.width as usize * picture.height as usize;
            prop_assert_eq!(picture.rgb.len(), pixels * 3);
        }
    }
}
