//! Opens an archive, going by its first bytes.

use std::io::{self, Read};

use crate::load::archive::file_window::{FileWindow, read_up_to};
use crate::load::archive::gzip::{GZIP_MAGIC, GzipStreams};
use crate::load::archive::named::NamedArchive;
use crate::load::archive::raw::describe_failure;
use crate::load::archive::tar::{TarEntries, TarStream};
use crate::load::archive::tar_header::{BLOCK, TarHeader};
use crate::load::archive::zip::ZipEntries;
use crate::load::archive::zip_directory::find_directory;
use crate::load::archive::zip_entry::LOCAL_MAGIC;
use crate::load::archive::zip_scan::ZipScan;
use crate::load::archive_reader::{ArchiveError, ArchiveReader};
use crate::load::open_file::OpenFile;

/// How many blocks of zeros may stand before the first header of a tar archive.
const MAX_ZERO_BLOCKS: usize = 2048;

/// Opens an archive: `.tar`, `.tgz` or `.zip`, whatever its name says. May be called again for
/// another reading of the same file.
///
/// # Errors
/// The reason for the list of problems, if it is no archive that is read here, or cannot be read.
pub fn open_archive<'a, F: OpenFile>(file: &'a F) -> Result<Box<dyn ArchiveReader + 'a>, String> {
    let mut head = [0; BLOCK];
    let length = read_up_to(&mut FileWindow::new(file, 0), &mut head).map_err(|e| e.to_string())?;
    let head = head.get(..length).unwrap_or_default();
    if head.is_empty() {
        return Err("the file is empty; load it again".into());
    }
    if head.starts_with(&GZIP_MAGIC) {
        return match first_tar_block(GzipStreams::new(file)) {
            Ok(FirstBlock::Header) => Ok(tar(file, true)),
            Ok(FirstBlock::Zeros) => Err(EMPTY.into()),
            Ok(FirstBlock::Other(block)) => Err(describe_gzip_content(&block)),
            Err(error) => Err(describe_beginning(error)),
        };
    }
    match first_tar_block(FileWindow::new(file, 0)) {
        Ok(FirstBlock::Header) => return Ok(tar(file, false)),
        Ok(FirstBlock::Zeros) => return Err(EMPTY.into()),
        Ok(FirstBlock::Other(_)) => {}
        Err(error) => return Err(describe_beginning(error)),
    }
    if let Some(reason) = describe_other(head) {
        return Err(reason);
    }
    match find_directory(file).map_err(|error| error.to_string())? {
        Some(directory) if directory.in_parts => Err("this is one of several parts of an archive; unpack the parts together, and open the folder".into()),
        Some(directory) if directory.start == directory.end => Err(EMPTY.into()),
        Some(directory) => {
            Ok(Box::new(NamedArchive::new(move || ZipEntries::new(file, directory))))
        }
        None if head.starts_with(&LOCAL_MAGIC) => {
            Ok(Box::new(NamedArchive::new(move || ZipScan::new(file))))
        }
        None if head.starts_with(b"PK") => Err(describe_beginning(io::ErrorKind::UnexpectedEof.into())),
        None => Err("this is no .zip, .tar or .tgz archive, whatever its name says. If it is an archive of another kind, unpack it and open the folder".into()),
    }
}

const EMPTY: &str = "the archive is empty; choose another";

fn tar<'a, F: OpenFile>(file: &'a F, gzip: bool) -> Box<dyn ArchiveReader + 'a> {
    Box::new(NamedArchive::new(move || TarEntries::new(TarStream::new(file, gzip))))
}

/// What the first block of a tar archive holds.
enum FirstBlock {
    Header,
    /// It and all others that were looked at hold zeros.
    Zeros,
    Other(Vec<u8>),
}

/// The first block that holds anything but zeros: an archive may follow an empty one.
fn first_tar_block(mut bytes: impl Read) -> io::Result<FirstBlock> {
    for _ in 0..MAX_ZERO_BLOCKS {
        let mut block = [0; BLOCK];
        let length = read_up_to(&mut bytes, &mut block)?;
        if block.iter().any(|byte| *byte != 0) {
            return Ok(match TarHeader::parse(&block) {
                Some(_) if length == BLOCK => FirstBlock::Header,
                _ => FirstBlock::Other(block.get(..length).unwrap_or_default().to_vec()),
            });
        }
        if length < BLOCK {
            break;
        }
    }
    Ok(FirstBlock::Zeros)
}

/// What is told of an archive whose very beginning cannot be read.
fn describe_beginning(error: io::Error) -> String {
    match describe_failure(error) {
        ArchiveError::CutOff => {
            "the archive is cut off before its first picture; load it again".into()
        }
        ArchiveError::Damaged(what) => {
            format!("the archive is damaged at its beginning ({what}); load it again")
        }
        error => error.to_string(),
    }
}

/// What is told of a file compressed with gzip that is no tar archive.
fn describe_gzip_content(head: &[u8]) -> String {
    let what = if let Some(picture) = picture_kind(head) {
        format!("a single {picture} picture")
    } else if head.starts_with(b"PK") {
        "a .zip archive".into()
    } else if head.starts_with(&GZIP_MAGIC) {
        "another .gz file".into()
    } else {
        "no .tar archive".into()
    };
    format!("what is compressed in this .gz file is {what}; unpack it, and open what comes out")
}

/// What is told of a file that is known to be something else; `None` if it is not known.
fn describe_other(head: &[u8]) -> Option<String> {
    if let Some(picture) = picture_kind(head) {
        return Some(format!(
            "this is a single {picture} picture and no archive; give its name the ending of a picture, or open the folder that it lies in"
        ));
    }
    let archives: [(&[u8], &str); 8] = [
        (b"\xfd7zXZ\0", "an .xz"),
        (b"\x28\xb5\x2f\xfd", "a .zst (Zstandard)"),
        (b"BZh", "a .bz2"),
        (b"7z\xbc\xaf\x27\x1c", "a .7z"),
        (b"Rar!\x1a\x07", "a .rar"),
        (b"\x04\x22\x4d\x18", "an .lz4"),
        (b"LZIP", "an .lz"),
        (b"\x1f\x9d", "a .Z"),
    ];
    if let Some((_, kind)) = archives.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(format!(
            "this is {kind} archive, which is not read here; .zip, .tar and .tgz are. Unpack it and open the folder"
        ));
    }
    let text = head.trim_ascii_start().to_ascii_lowercase();
    if text.starts_with(b"<!doctype html") || text.starts_with(b"<html") {
        return Some(
            "this is a web page and no archive, so the download went wrong; load it again".into(),
        );
    }
    head.starts_with(b"PAR1").then(|| {
        "this is a parquet file and no archive; give its name the ending .parquet and open it again"
            .into()
    })
}

/// The kind of a picture file; `None` if it is none.
fn picture_kind(head: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 5] = [
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF8", "GIF"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
    ];
    let webp = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    let known = kinds.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| *kind);
    known.or(webp.then_some("WebP"))
}
