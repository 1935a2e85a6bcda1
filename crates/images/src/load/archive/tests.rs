//! The readers of all formats, driven twice as loading does: once for the paths, once for the
//! contents.

#![allow(clippy::unwrap_used)]

use std::cell::Cell;
use std::io::Write;

use bytes::Bytes;
use resnette_image_parquet::source::SourceError;

use super::open_archive;
use crate::load::archive_reader::{ArchiveError, ArchivedFile};
use crate::load::open_file::OpenFile;

/// A file in memory that counts the bytes read from it.
struct Counted {
    bytes: Bytes,
    read: Cell<u64>,
}

impl Counted {
    fn new(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), read: Cell::new(0) }
    }
}

impl OpenFile for Counted {
    fn path(&self) -> &str {
        "archive"
    }

    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        self.read.set(self.read.get() + length);
        Ok(self.bytes.slice(start as usize..(start + length) as usize))
    }
}

/// A tar archive of files with these names and lengths.
fn tar(files: &[(&[u8], usize)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, size) in files {
        let mut header = tar::Header::new_old();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_size(*size as u64);
        header.set_cksum();
        out.extend(header.as_bytes());
        out.resize(out.len() + size, 7);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

/// The files of an archive, with their contents if they are wanted; and what else is told.
fn read(file: &Counted, contents: bool) -> (Vec<ArchivedFile>, Vec<Vec<u8>>, Vec<String>) {
    let mut archive = open_archive(file).unwrap();
    let (mut files, mut bytes, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let mut position = 0;
    loop {
        match archive.next_file() {
            Ok(None) => break,
            Ok(Some(found)) => {
                files.push(found);
                if contents {
                    bytes.push(archive.read_file().unwrap());
                }
            }
            Err(error) => told.push(error.to_string()),
        }
        assert!(position <= archive.position());
        position = archive.position();
    }
    assert_eq!(archive.position(), file.size());
    told.extend(archive.notices());
    (files, bytes, told)
}

#[test]
fn a_list_of_a_plain_archive_is_made_without_reading_it() {
    let files: Vec<(Vec<u8>, usize)> =
        (0..20).map(|index| (format!("p/a/{index}.jpg").into_bytes(), 500_000)).collect();
    let slices: Vec<(&[u8], usize)> = files.iter().map(|(name, size)| (&name[..], *size)).collect();
    let file = Counted::new(tar(&slices));
    let (listed, _, told) = read(&file, false);
    assert_eq!((listed.len(), listed[3].path.as_str(), listed[3].size), (20, "p/a/3.jpg", 500_000));
    assert!(told.is_empty());
    assert!(file.read.get() < 2_000_000, "{}", file.read.get());
    let (again, contents, _) = read(&file, true);
    assert_eq!(again, listed);
    assert!(contents.iter().all(|bytes| *bytes == [7; 500_000]));
}

#[test]
fn names_are_the_same_in_both_readings() {
    // The first name alone could be in many encodings; the others tell which it is.
    let names: [&[u8]; 4] = [
        b"\xe8/1.jpg",
        b"\xf1\xee\xe1\xe0\xea\xe8/2.jpg",
        b"c/3.jpg",
        b"\xea\xee\xf8\xea\xe8/4.jpg",
    ];
    let plain = tar(&names.map(|name| (name, 100)));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    for bytes in [plain, gzip.finish().unwrap()] {
        let file = Counted::new(bytes);
        let (listed, _, told) = read(&file, false);
        let paths: Vec<_> = listed.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["и/1.jpg", "собаки/2.jpg", "c/3.jpg", "кошки/4.jpg"]);
        assert!(told.len() == 1 && told[0].starts_with("3 names in it"), "{told:?}");
        let (again, _, told_again) = read(&file, true);
        assert_eq!((again, told_again), (listed, told));
    }
}

#[test]
fn after_a_final_error_the_archive_has_ended() {
    let mut bytes = tar(&[(b"a/1.jpg", 100), (b"a/2.jpg", 100)]);
    bytes[1024] ^= 1;
    let file = Counted::new(bytes);
    let mut archive = open_archive(&file).unwrap();
    assert_eq!(archive.next_file().unwrap().unwrap().path, "a/1.jpg");
    assert!(matches!(archive.next_file(), Err(ArchiveError::Damaged(_))));
    assert!(archive.next_file().unwrap().is_none());
}
