//! JPEGs of every common shape, held against libjpeg's pixels.
//!
//! `jpeg-grid/grid.tgz` holds drawings of ours as JPEGs and, for each colour and sampling, the
//! pixels that libjpeg-turbo makes of them. `drawing` writes it.

mod cut;
mod drawing;
mod holding;

use std::collections::BTreeMap;
use std::io::Read;

use crate::odd_pictures::{animated_gif, animated_png, animated_webp, drawing};

/// The bytes of every file of the grid, by its path.
pub fn grid() -> BTreeMap<String, Vec<u8>> {
    let archive = flate2::read::GzDecoder::new(&include_bytes!("../jpeg-grid/grid.tgz")[..]);
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(entry.path().unwrap().to_string_lossy().into_owned(), bytes);
    }
    files
}

/// The mean difference of two pictures' numbers.
pub fn difference(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let sum: u64 = one.iter().zip(other).map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
    sum as f64 / one.len() as f64
}

/// What the fuzzer `picture` begins with (`fuzz/README.md`), beside the seeds of `mangled`.
#[test]
#[ignore = "writes fuzz/corpus"]
fn seeds_for_the_fuzzer_of_pictures() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/picture");
    std::fs::create_dir_all(&corpus).unwrap();
    for (name, bytes) in grid().iter().filter(|(name, _)| name.ends_with(".jpg")) {
        std::fs::write(corpus.join(name.replace('/', "-")), bytes).unwrap();
    }
    for (name, bytes) in [
        ("animated.gif", animated_gif()),
        ("animated.png", animated_png()),
        ("animated.webp", animated_webp()),
        ("drawing.bmp", drawing(0, 0, image::ImageFormat::Bmp)),
        ("drawing.gif", drawing(0, 0, image::ImageFormat::Gif)),
        ("flag.webp", include_bytes!("../cases/17-exif-flag-without-chunk.webp").to_vec()),
    ] {
        std::fs::write(corpus.join(name), bytes).unwrap();
    }
}
