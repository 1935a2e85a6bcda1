//! Pictures in formats beside ordinary JPEG, and files that are odd: animations, Exif in several
//! places, flags without chunks, headers that lie.

use std::io::{Cursor, Write};

use image::{ImageFormat, Rgba, RgbaImage};
use resnette_images::decode::kind::PictureKind;
use resnette_images::decode::{DecodeError, decode};
use resnette_picture::Picture;
use resnette_picture::drawn::draw;

/// A drawing encoded in some format.
pub fn drawing(class: usize, index: u64, format: ImageFormat) -> Vec<u8> {
    let Picture { width, height, rgb } = draw(class, index, 5, 24);
    encoded(&image::RgbImage::from_raw(width, height, rgb).unwrap().into(), format)
}

fn encoded(picture: &image::DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// Red at the left and blue at the right, 16×8.
fn red_and_blue(format: ImageFormat) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(16, 8, |x, _| {
        image::Rgb(if x < 8 { [255, 0, 0] } else { [0, 0, 255] })
    });
    encoded(&picture.into(), format)
}

/// Exif with nothing but an orientation.
fn exif(orientation: u8) -> Vec<u8> {
    [&b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[orientation], &[0; 6]].concat()
}

/// A PNG's chunk with its checksum.
pub fn png_chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(name);
    sum.update(body);
    [&(body.len() as u32).to_be_bytes()[..], name, body, &sum.sum().to_be_bytes()].concat()
}

/// A chunk of a WebP.
pub fn webp_chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut out = [&name[..], &(body.len() as u32).to_le_bytes(), body].concat();
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

/// A WebP of these chunks after an extended header with these flags.
pub fn extended_webp(flags: u8, (width, height): (u32, u32), chunks: &[Vec<u8>]) -> Vec<u8> {
    let (w, h) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    let header = [flags, 0, 0, 0, w[0], w[1], w[2], h[0], h[1], h[2]];
    let body = [webp_chunk(b"VP8X", &header), chunks.concat()].concat();
    [b"RIFF", &(body.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &body].concat()
}

/// The one chunk of a plain WebP.
pub fn pixels_of(webp: &[u8]) -> Vec<u8> {
    webp[12..].to_vec()
}

/// Two pictures in one GIF: red, then blue.
pub fn animated_gif() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut out);
    for colour in [[255, 0, 0, 255], [0, 0, 255, 255]] {
        let picture = RgbaImage::from_pixel(8, 6, Rgba(colour));
        encoder.encode_frame(image::Frame::new(picture)).unwrap();
    }
    drop(encoder);
    out
}

/// A PNG that is red, and an animation that turns blue in programs that know of those.
pub fn animated_png() -> Vec<u8> {
    let red =
        encoded(&RgbaImage::from_pixel(8, 6, Rgba([255, 0, 0, 255])).into(), ImageFormat::Png);
    let control = |number: u32| {
        let mut body = number.to_be_bytes().to_vec();
        for value in [8_u32, 6, 0, 0] {
            body.extend(value.to_be_bytes());
        }
        body.extend([0, 1, 0, 10, 0, 0]);
        png_chunk(b"fcTL", &body)
    };
    let blue =
        encoded(&RgbaImage::from_pixel(8, 6, Rgba([0, 0, 255, 255])).into(), ImageFormat::Png);
    let at = blue.windows(4).position(|name| name == b"IDAT").unwrap();
    let length = u32::from_be_bytes(blue[at - 4..at].try_into().unwrap()) as usize;
    let second = [&2_u32.to_be_bytes()[..], &blue[at + 4..at + 4 + length]].concat();
    // After the signature and the header; before the end.
    let (start, end) = (8 + 25, red.len() - 12);
    [
        &red[..start],
        &png_chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
        &control(0),
        &red[start..end],
        &control(1),
        &png_chunk(b"fdAT", &second),
        &red[end..],
    ]
    .concat()
}

/// An animated WebP of two frames: red, then blue.
pub fn animated_webp() -> Vec<u8> {
    let frames = [[255, 0, 0, 255], [0, 0, 255, 255]].map(|colour| {
        let still = encoded(&RgbaImage::from_pixel(8, 6, Rgba(colour)).into(), ImageFormat::WebP);
        let header = [0, 0, 0, 0, 0, 0, 7, 0, 0, 5, 0, 0, 100, 0, 0, 2];
        webp_chunk(b"ANMF", &[&header[..], &pixels_of(&still)].concat())
    });
    extended_webp(0x02, (8, 6), &[vec![webp_chunk(b"ANIM", &[0; 6])], frames.to_vec()].concat())
}

fn colours(bytes: &[u8]) -> [[u8; 3]; 2] {
    let picture = decode(bytes).unwrap();
    [picture.pixel(0, 0), picture.pixel(picture.width - 1, picture.height - 1)]
}

const RED: [u8; 3] = [255, 0, 0];
const BLUE: [u8; 3] = [0, 0, 255];

#[test]
fn gif_and_bmp_are_read() {
    for format in [ImageFormat::Gif, ImageFormat::Bmp] {
        assert_eq!(colours(&red_and_blue(format)), [RED, BLUE], "{format:?}");
    }
    let clear = RgbaImage::from_pixel(5, 4, Rgba([9, 9, 9, 0]));
    assert_eq!(colours(&encoded(&clear.into(), ImageFormat::Gif)), [[255; 3]; 2]);
}

#[test]
fn of_an_animation_the_first_picture_counts() {
    for bytes in [animated_gif(), animated_png(), animated_webp()] {
        assert_eq!(colours(&bytes), [RED; 2], "{:?}", bytes[..4].escape_ascii());
    }
}

#[test]
fn orientation_in_png_and_webp_counts() {
    let png = red_and_blue(ImageFormat::Png);
    let turned = [&png[..33], &png_chunk(b"eXIf", &exif(6)), &png[33..]].concat();
    let webp = pixels_of(&red_and_blue(ImageFormat::WebP));
    let webp = extended_webp(0x08, (16, 8), &[webp, webp_chunk(b"EXIF", &exif(6))]);
    for bytes in [turned, webp] {
        let picture = decode(&bytes).unwrap();
        assert_eq!((picture.width, picture.height), (8, 16));
        assert_eq!(colours(&bytes), [RED, BLUE]);
    }
}

#[test]
fn the_first_exif_counts() {
    let jpeg = red_and_blue(ImageFormat::Jpeg);
    let app1 = |orientation| {
        let body = [b"Exif\0\0", &exif(orientation)[..]].concat();
        [&[0xff, 0xe1][..], &(body.len() as u16 + 2).to_be_bytes(), &body].concat()
    };
    for (first, second, wide) in [(1, 6, true), (6, 1, false), (0, 6, true), (3, 8, true)] {
        let bytes = [&jpeg[..2], &app1(first), &app1(second), &jpeg[2..]].concat();
        let picture = decode(&bytes).unwrap();
        assert_eq!(picture.width > picture.height, wide, "{first} {second}");
    }
    let case = decode(include_bytes!("cases/18-two-exif-1-then-6.jpg")).unwrap();
    assert!(case.width > case.height, "{}×{}", case.width, case.height);
}

#[test]
fn flags_of_a_webp_without_their_chunks_do_no_harm() {
    let still = pixels_of(&red_and_blue(ImageFormat::WebP));
    for flags in [0, 0x04, 0x08, 0x0c, 0x20, 0x2c] {
        let bytes = extended_webp(flags, (16, 8), std::slice::from_ref(&still));
        assert_eq!(colours(&bytes), [RED, BLUE], "{flags:x}");
    }
    decode(include_bytes!("cases/17-exif-flag-without-chunk.webp")).unwrap();
}

#[test]
fn webps_that_lie_about_their_size_are_refused_before_memory_is_allocated() {
    // 16,383 pixels a side in the frame of a picture of ten.
    let lossy = [&[0x10, 0, 0, 0x9d, 1, 0x2a][..], &[0xff, 0x3f, 0xff, 0x3f], &[0; 30]].concat();
    let frame = webp_chunk(b"VP8 ", &lossy);
    let plain = [b"RIFF", &(frame.len() as u32 + 4).to_le_bytes()[..], b"WEBP", &frame].concat();
    let animated = [&[0; 16][..], &frame].concat();
    let animation = [webp_chunk(b"ANIM", &[0; 6]), webp_chunk(b"ANMF", &animated)];
    for bytes in
        [plain, extended_webp(0, (10, 10), &[frame]), extended_webp(2, (10, 10), &animation)]
    {
        assert_eq!(decode(&bytes), Err(DecodeError::TooLarge(16_383, 16_383)));
    }
    // Exif of four gigabytes.
    let still = pixels_of(&red_and_blue(ImageFormat::WebP));
    let long = [b"EXIF", &0xffff_fff0_u32.to_le_bytes()[..], b"MM\0\x2a"].concat();
    let bytes = extended_webp(0x08, (16, 8), &[still, long]);
    assert_eq!(colours(&bytes), [RED, BLUE]);
}

#[test]
fn pngs_that_unpack_to_gigabytes_do_no_harm() {
    let mut zeros = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![0; 1 << 20];
    (0..200).for_each(|_| zeros.write_all(&block).unwrap());
    let zeros = zeros.finish().unwrap();
    let png = red_and_blue(ImageFormat::Png);
    // A colour profile, texts, and pixels, each of 200 MB.
    for (name, head) in [(b"iCCP", &b"p\0\0"[..]), (b"zTXt", b"t\0\0"), (b"iTXt", b"t\0\x01\0\0\0")]
    {
        let chunk = png_chunk(name, &[head, &zeros].concat());
        let bytes = [&png[..33], &chunk, &png[33..]].concat();
        let start = std::time::Instant::now();
        assert_eq!(colours(&bytes), [RED, BLUE], "{}", name.escape_ascii());
        assert!(start.elapsed().as_secs() < 5, "{}", name.escape_ascii());
    }
    let bytes = [&png[..33], &png_chunk(b"IDAT", &zeros), &png_chunk(b"IEND", b"")].concat();
    let _ = decode(&bytes);
}

#[test]
fn pictures_that_are_cut_off_are_told_in_every_format() {
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp] {
        let bytes = drawing(1, 3, format);
        for percent in [30, 50, 90] {
            let found = decode(&bytes[..bytes.len() * percent / 100]);
            assert!(
                matches!(found, Err(DecodeError::CutOff(_))),
                "{format:?} {percent}: {:?}",
                found.map(|picture| picture.width)
            );
        }
    }
    let found = decode(include_bytes!("cases/08-cut-at-half.jpg"));
    assert!(matches!(found, Err(DecodeError::CutOff(_))));
}

#[test]
fn sizes_that_are_too_large_are_refused_in_every_format() {
    let mut gif = red_and_blue(ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    let mut bmp = red_and_blue(ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0, 0, 1, 0, 0, 0, 1, 0]);
    for bytes in [gif, bmp] {
        let found = decode(&bytes).map(|picture| picture.width);
        assert!(matches!(found, Err(DecodeError::TooLarge(..))), "{found:?}");
    }
}

#[test]
fn rare_jpegs_are_named_and_not_called_damaged() {
    let jpeg = red_and_blue(ImageFormat::Jpeg);
    let at = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    for (offset, value, kind) in [
        (1, 0xc9, PictureKind::ArithmeticJpeg),
        (1, 0xca, PictureKind::ArithmeticJpeg),
        (1, 0xc3, PictureKind::LosslessJpeg),
        (1, 0xc5, PictureKind::RareJpeg),
        (4, 12, PictureKind::DeepJpeg),
    ] {
        let mut bytes = jpeg.clone();
        bytes[at + offset] = value;
        let error = decode(&bytes).unwrap_err();
        assert_eq!(error, DecodeError::Unsupported { kind });
        let text = error.to_string();
        assert!(text.contains("JPEG") && text.contains("not read here"), "{text}");
        assert!(text.contains("save it as") && !text.contains("damaged"), "{text}");
    }
    let case = decode(include_bytes!("cases/17-arithmetic.jpg"));
    assert_eq!(case, Err(DecodeError::Unsupported { kind: PictureKind::ArithmeticJpeg }));
}
