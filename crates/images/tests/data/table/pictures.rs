//! Picture files: formats, kinds of JPEG, and damage.

use std::sync::LazyLock;

use image::ImageFormat;

use super::{Expected, Row, loaded_with};
use crate::fixtures::{folder, jpeg};
use crate::jpeg_grid::grid;
use crate::made::{Held, held};
use crate::odd_pictures::{animated_gif, animated_png, animated_webp, drawing};

static GRID: LazyLock<std::collections::BTreeMap<String, Vec<u8>>> = LazyLock::new(grid);

/// Ten good pictures of each of two classes, and one more of the first, under this name.
fn beside(name: &str, odd: impl Into<Vec<u8>>) -> Vec<Held> {
    let mut files = folder("pets", &["cat", "dog"], 10);
    files.push((format!("pets/cat/{name}"), odd.into()));
    held(&files)
}

/// The odd picture is taken.
fn taken(opened: &'static str, outcome: &'static str, files: Vec<Held>, fingerprint: u64) -> Row {
    let expected = loaded_with(&[("cat", 9, 2), ("dog", 8, 2)], fingerprint, &[], &[]);
    Row::new(opened, outcome, files, expected)
}

/// The fingerprint of the twenty good pictures.
const WITHOUT: u64 = 0xf8d1_826e_c6b4_2cb4;

/// The odd picture is left out, and told with this reason.
fn told(opened: &'static str, outcome: &'static str, files: Vec<Held>, reason: &str) -> Row {
    let problem = format!("{}: {reason}", files.last().map_or("", |file| &file.path));
    let expected: Expected =
        loaded_with(&[("cat", 8, 2), ("dog", 8, 2)], WITHOUT, &[&problem], &[]);
    Row::new(opened, outcome, files, expected)
}

/// The odd picture ends early and is used, which is told.
fn used_as_it_is(opened: &'static str, files: Vec<Held>, fingerprint: u64) -> Row {
    let problem = "pets: 1 picture that ends early is used as far as it goes, as you chose; what is missing of it is grey or blurred";
    let expected = loaded_with(&[("cat", 9, 2), ("dog", 8, 2)], fingerprint, &[problem], &[]);
    Row::new(opened, "used as far as it goes, and told", files, expected)
        .corrected(|corrections| corrections.accept_cut = true)
}

/// A file of boxes with this brand.
fn boxes(brand: &[u8; 4]) -> Vec<u8> {
    [b"\0\0\0\x18ftyp", &brand[..], b"\0\0\0\0mif1miaf\0\0\0\x08mdat"].concat()
}

fn cut(bytes: &[u8], percent: usize) -> Vec<u8> {
    bytes[..bytes.len() * percent / 100].to_vec()
}

/// The rows.
pub fn rows() -> Vec<Row> {
    [jpegs(), cut_off(), formats(), no_pictures()].into_iter().flatten().collect()
}

fn jpegs() -> Vec<Row> {
    let member = |name: &str| beside("odd.jpg", GRID[name].clone());
    vec![
        taken(
            "a JPEG, 4:2:0, one scan a component (`cases/02`)",
            "libjpeg's pixels, by the second decoder",
            beside("odd.jpg", include_bytes!("../cases/02-one-scan-a-component-420.jpg")),
            0x1dff_1c69_644e_e793,
        ),
        taken(
            "a JPEG, 4:4:0, brightness and colours in two scans",
            "the same",
            member("440/in-two.jpg"),
            0x050e_af28_0381_9de1,
        ),
        taken(
            "a JPEG, 4:1:1, one scan a component, restarts",
            "the same",
            member("411/apart-restart-3.jpg"),
            0xbcf5_a54e_32f7_eee7,
        ),
        taken(
            "a JPEG, sampled by thirds",
            "the same",
            member("311/together.jpg"),
            0xe5e4_38ad_d8a9_b6ff,
        ),
        taken(
            "a progressive JPEG sampled by thirds",
            "the same",
            member("311/progressive.jpg"),
            0xe5e4_38ad_d8a9_b6ff,
        ),
        taken(
            "a JPEG of four inks with brightness apart (YCCK), one scan a component",
            "read as Adobe's programs do",
            member("ycck-420/apart.jpg"),
            0xc231_0a04_8571_5050,
        ),
        taken(
            "a JPEG of four inks (CMYK), progressive",
            "read as Adobe's programs do",
            member("cmyk-444/progressive.jpg"),
            0x56e9_b713_5c1c_bbca,
        ),
        taken(
            "a JPEG of red, green and blue",
            "read",
            member("rgb-444/together.jpg"),
            0xb351_2fb0_ab22_32b7,
        ),
        taken(
            "a grey JPEG with sampling factors",
            "read",
            member("grey-in-twos/together.jpg"),
            0xa032_9848_3503_5c6c,
        ),
        told(
            "a JPEG with arithmetic coding (`cases/17`)",
            "left out and named; the browser is asked for it where there is one",
            beside("odd.jpg", include_bytes!("../cases/17-arithmetic.jpg")),
            "this is a rare kind of JPEG (with arithmetic coding), which is not read here; save it as an ordinary JPEG or as PNG and open that",
        ),
        taken(
            "a JPEG with two Exif segments, upright and turned (`cases/18`)",
            "the first counts, as in browsers",
            beside("odd.jpg", include_bytes!("../cases/18-two-exif-1-then-6.jpg")),
            0x4f06_c5ae_0b78_3a1f,
        ),
    ]
}

fn cut_off() -> Vec<Row> {
    let whole = jpeg(0, 77);
    vec![
        told(
            "a JPEG cut off at half (`cases/08`)",
            "left out, with the share that is there",
            beside("odd.jpg", include_bytes!("../cases/08-cut-at-half.jpg")),
            "the picture is cut off: the file ends after 36 % of it; open another copy of it",
        ),
        told(
            "a JPEG cut off at 3 %",
            "left out",
            beside("odd.jpg", cut(&whole, 3)),
            "the picture is cut off: the file ends after 0 % of it; open another copy of it",
        ),
        told(
            "a progressive JPEG cut off at 80 %",
            "left out",
            beside("odd.jpg", cut(&GRID["420/progressive.jpg"], 80)),
            "the picture is cut off: the file ends before its finer details; open another copy of it",
        ),
        used_as_it_is(
            "a JPEG cut off at half, and the reader uses what ends early",
            beside("odd.jpg", include_bytes!("../cases/08-cut-at-half.jpg")),
            0xc6ec_7c9d_9dfd_40a5,
        ),
        used_as_it_is(
            "a progressive JPEG cut off at 80 %, and the reader uses what ends early",
            beside("odd.jpg", cut(&GRID["420/progressive.jpg"], 80)),
            0xb5de_0396_e7f5_8bf4,
        ),
        told(
            "a PNG cut off at half, and the reader uses what ends early",
            "left out all the same",
            beside("odd.png", cut(&drawing(0, 77, ImageFormat::Png), 50)),
            "the picture is cut off: the file ends before the picture does; open another copy of it",
        )
        .corrected(|corrections| corrections.accept_cut = true),
        taken(
            "a JPEG without its end marker, all blocks there",
            "read",
            beside("odd.jpg", &whole[..whole.len() - 2]),
            0xa8cc_c861_baa7_b173,
        ),
        taken(
            "a JPEG with a film or a second picture after it",
            "read",
            beside("odd.jpg", [&whole[..], b"MotionPhoto", &whole].concat()),
            0xa8cc_c861_baa7_b173,
        ),
        told(
            "a PNG cut off at half",
            "left out",
            beside("odd.png", cut(&drawing(0, 77, ImageFormat::Png), 50)),
            "the picture is cut off: the file ends before the picture does; open another copy of it",
        ),
        told(
            "a WebP cut off at half",
            "left out",
            beside("odd.webp", cut(&drawing(0, 77, ImageFormat::WebP), 50)),
            "the picture is cut off: the file ends before the picture does; open another copy of it",
        ),
        told(
            "an empty file called `.jpg`",
            "left out",
            beside("odd.jpg", b""),
            "the file is empty",
        ),
        told(
            "a file of zeros called `.jpg`",
            "left out",
            beside("odd.jpg", [0; 5_000]),
            "the file holds nothing but zeros, as after a failed copy; open another copy of it",
        ),
    ]
}

fn formats() -> Vec<Row> {
    let read = "read, whatever its ending";
    vec![
        taken(
            "a GIF called `.jpg`",
            read,
            beside("odd.jpg", drawing(0, 77, ImageFormat::Gif)),
            0x176a_91ad_41a7_1423,
        ),
        taken(
            "a BMP called `.jpg`",
            read,
            beside("odd.jpg", drawing(0, 77, ImageFormat::Bmp)),
            0x5bfb_52db_6904_fa38,
        ),
        taken(
            "a PNG called `.jpg`",
            read,
            beside("odd.jpg", drawing(0, 77, ImageFormat::Png)),
            0x5bfb_52db_6904_fa38,
        ),
        taken(
            "a WebP called `.png`",
            read,
            beside("odd.png", drawing(0, 77, ImageFormat::WebP)),
            0x5bfb_52db_6904_fa38,
        ),
        taken(
            "an animated GIF",
            "its first picture",
            beside("odd.jpg", animated_gif()),
            0xc070_e41f_8035_9b14,
        ),
        taken(
            "an animated PNG",
            "its first picture",
            beside("odd.png", animated_png()),
            0xc070_e41f_8035_9b14,
        ),
        taken(
            "an animated WebP",
            "its first picture",
            beside("odd.webp", animated_webp()),
            0x3468_b8ee_e065_fe50,
        ),
        taken(
            "a WebP with a flag for Exif and without Exif (`cases/17`)",
            "read",
            beside("odd.webp", include_bytes!("../cases/17-exif-flag-without-chunk.webp")),
            0x4552_1d25_ae9d_9b41,
        ),
        told(
            "a HEIC photo called `.jpg`",
            "left out and named; the browser is asked for it where there is one",
            beside("odd.jpg", boxes(b"heic")),
            "this is a HEIC photo, as iPhones take them, which is not read here; save it as JPEG and open that",
        ),
        told(
            "an AVIF called `.jpg`",
            "the same",
            beside("odd.jpg", boxes(b"avif")),
            "this is an AVIF picture, which is not read here; save it as JPEG and open that",
        ),
        told(
            "a JPEG XL called `.jpg`",
            "the same",
            beside("odd.jpg", b"\xff\x0a\xfa\x1f\x01"),
            "this is a JPEG XL picture, which is not read here; save it as JPEG and open that",
        ),
        told(
            "an SVG called `.png`",
            "left out and named",
            beside("odd.png", b"<?xml version='1.0'?><svg width='8'/>"),
            "this is an SVG drawing, which is not read here; save it as PNG and open that",
        ),
        told(
            "a TIFF called `.jpg`",
            "left out and named",
            beside("odd.jpg", b"II*\0\x08\0\0\0"),
            "this is a TIFF or a camera's raw photo, which is not read here; save it as JPEG and open that",
        ),
    ]
}

fn no_pictures() -> Vec<Row> {
    vec![
        told(
            "a web page called `.jpg`",
            "left out and named",
            beside("odd.jpg", b"<!DOCTYPE html><title>404</title>"),
            "this is no picture but a web page; its download gave a page in place of the picture. Save the picture itself and open that",
        ),
        told(
            "a pointer of Git LFS called `.jpg`",
            "left out, with what to do",
            beside("odd.jpg", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
            "this is no picture but a pointer of Git LFS; the picture itself is still to be fetched, with `git lfs pull`. Do so and open it again",
        ),
        told(
            "a PDF called `.jpg`",
            "left out and named",
            beside("odd.jpg", b"%PDF-1.7\n"),
            "this is no picture but a PDF document; choose a JPEG, PNG, WebP, GIF or BMP picture",
        ),
        told(
            "a film called `.jpg`",
            "left out and named",
            beside("odd.jpg", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
            "this is no picture but a film; save single pictures of it as JPEG and open those",
        ),
        told(
            "bytes of no known kind called `.jpg`",
            "left out",
            beside("odd.jpg", [7; 400]),
            "this is no JPEG, PNG, WebP, GIF or BMP picture; save it as JPEG and open that",
        ),
    ]
}
