//! A gigabyte of archive passes by, and what is kept stays small.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::io::Cursor;

use bytes::{Bytes, BytesMut};
use futures::executor::block_on;
use resnette_image_parquet::source::SourceError;
use resnette_images::load::open_file::OpenFile;
use resnette_images::load::{LoadObserver, load_files};
use resnette_images::problems::Problems;
use resnette_picture::drawn::draw;
use resnette_picture::report::LoadProgress;
use resnette_spec::DataConfig;

/// Length of each entry, with its header.
const ENTRY: u64 = 1 << 20;
const ENTRIES: u64 = 1024;
/// Length of the zeros that an archive ends with.
const END: u64 = 1024;

/// A tar that is made where it is read.
struct Endless {
    photos: Vec<Vec<u8>>,
}

impl Endless {
    fn entry(&self, index: u64) -> Vec<u8> {
        if index >= ENTRIES {
            return vec![0; END as usize];
        }
        let mut header = tar::Header::new_ustar();
        header.set_path(format!("big/class {}/{index}.jpg", index % 4)).unwrap();
        header.set_size(ENTRY - 512);
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(&self.photos[(index % 4) as usize]);
        // What follows a picture's end is not looked at.
        bytes.resize(ENTRY as usize, 0x55);
        bytes
    }
}

impl OpenFile for Endless {
    fn path(&self) -> &str {
        "big.tar"
    }

    fn size(&self) -> u64 {
        ENTRY * ENTRIES + END
    }

    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let mut out = BytesMut::new();
        let mut at = start;
        while at < start + length {
            let entry = self.entry(at / ENTRY);
            let from = (at % ENTRY) as usize;
            let to = entry.len().min(from + (start + length - at) as usize);
            out.extend_from_slice(&entry[from..to]);
            at += (to - from) as u64;
        }
        Ok(out.freeze())
    }
}

struct Silent;

impl LoadObserver for Silent {
    async fn on_progress(&mut self, _: &LoadProgress) -> bool {
        true
    }
}

/// The most memory that this process has had, in bytes.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[test]
fn a_gigabyte_streams_through() {
    let Some(before) = peak() else {
        return println!("skipped: this system does not tell its memory");
    };
    let photos = (0..4).map(|class| {
        let picture = draw(class, 1, 1, 160);
        let mut out = Cursor::new(Vec::new());
        image::RgbImage::from_raw(picture.width, picture.height, picture.rgb)
            .unwrap()
            .write_to(&mut out, image::ImageFormat::Jpeg)
            .unwrap();
        out.into_inner()
    });
    let file = Endless { photos: photos.collect() };
    let config = DataConfig { train: 40, valid: 10, size: 64, ..DataConfig::default() };
    let mut problems = Problems::default();
    let set =
        block_on(load_files(&[file], &Default::default(), &config, 1, &mut problems, &mut Silent))
            .unwrap();
    // There are no more than four photos in it.
    let told = problems.into_vec();
    let [copies] = &told[..] else { panic!("{told:?}") };
    assert!(copies.reason.starts_with("all 40 validation pictures are training pictures too"));
    assert_eq!((set.train.len(), set.valid.len()), (160, 40));
    let (kept, grown) = (set.report().memory, peak().unwrap() - before);
    println!(
        "kept {:.1} MB, the process grew by {:.1} MB at most",
        kept as f64 / 1e6,
        grown as f64 / 1e6
    );
    assert!(grown < kept + 300_000_000, "{grown} for {kept}");
}
