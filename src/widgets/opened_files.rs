//! Files that a reader opens, with their paths in the opened folder: from a chooser, or dropped as
//! a folder.

use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
};

use crate::shell::{browser_api, platform};

/// The largest number of files in a drop. The browser's handles of more would take gigabytes.
const MOST: usize = 100_000;
/// The depth at which folders are no longer opened: deeper ones are a loop.
const DEEPEST: usize = 12;
/// The number of bytes at the beginning of a file by which a picture is known.
const BEGINNING: f64 = 16.0;

/// What a chooser of pictures offers first. What is in a file is found by its bytes.
pub const PICTURES: &str = "image/*,.avif,.heic,.heif";

/// A file with its path from the opened folder on, or its bare name if it is loose.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenedFile {
    /// The path, with `/` between its parts.
    pub path: String,
    /// The browser's handle.
    pub file: File,
}

impl OpenedFile {
    /// A file as a chooser returns it.
    fn chosen(file: File) -> Self {
        // Only a chooser of folders sets this property, and web-sys does not have it.
        let place = Reflect::get(&file, &"webkitRelativePath".into())
            .ok()
            .and_then(|path| path.as_string());
        Self { path: place.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file }
    }
}

/// The files of a drop that belong to one class: loose files as they are, because the reader meant
/// each of them, and the pictures in folders, which also hold lists and hidden files. Where the
/// browser does not know a file by its ending, its first bytes decide.
///
/// The files are sorted by path, whatever order the browser read them in, because their order
/// decides which of them validate.
///
/// # Errors
/// A sentence for the reader if no file remains.
pub async fn of_one_class(opened: Vec<OpenedFile>) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for opened in opened {
        let (folder, name) = opened.path.rsplit_once('/').unwrap_or(("", &opened.path));
        if folder.is_empty()
            || (!name.starts_with('.')
                && (opened.file.type_().starts_with("image/") || begins_as_picture(&opened).await))
        {
            files.push(opened);
        }
    }
    if files.is_empty() {
        return Err("there is no picture in what was dropped, and the class is as it was; drop \
                    pictures, or a folder of them"
            .into());
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files.into_iter().map(|opened| opened.file).collect())
}

/// Whether a file begins like a picture. One that cannot be read does not.
async fn begins_as_picture(opened: &OpenedFile) -> bool {
    let Ok(beginning) = opened.file.slice_with_f64_and_f64(0.0, BEGINNING) else { return false };
    browser_api::call(&beginning, "arrayBuffer", &Array::new())
        .await
        .is_ok_and(|buffer| is_picture(&Uint8Array::new(&buffer).to_vec()))
}

/// Whether these first bytes are those of a kind of picture that some browser shows: JPEG, PNG,
/// WebP, GIF, BMP, AVIF and HEIC.
fn is_picture(bytes: &[u8]) -> bool {
    let at = |from: usize, wanted: &[u8]| bytes.get(from..).unwrap_or(&[]).starts_with(wanted);
    at(0, b"\xff\xd8\xff")
        || at(0, b"\x89PNG\r\n\x1a\n")
        || (at(0, b"RIFF") && at(8, b"WEBP"))
        || at(0, b"GIF8")
        // A text may begin with these two letters; a picture has four zeros a little later.
        || (at(0, b"BM") && at(6, &[0; 4]))
        || (at(4, b"ftyp") && [b"avi", b"hei", b"hev", b"mif"].iter().any(|brand| at(8, *brand)))
}

/// The files of a chooser.
pub fn chosen(list: Option<FileList>) -> Vec<OpenedFile> {
    platform::files(list).into_iter().map(OpenedFile::chosen).collect()
}

/// What was dropped. The browser forgets it when the event is over, so it must be taken during the
/// event.
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    files: Vec<File>,
}

impl Dropped {
    /// Takes hold of what was dropped.
    pub fn take(transfer: Option<DataTransfer>) -> Self {
        let Some(transfer) = transfer else {
            return Self { entries: Vec::new(), files: Vec::new() };
        };
        let items = transfer.items();
        let (mut entries, mut files) = (Vec::new(), Vec::new());
        for item in (0..items.length()).filter_map(|at| items.get(at)) {
            // Only a folder needs its entry. The entry of a file that a program made cannot be read
            // in WebKit, and an old browser has none.
            match item.webkit_get_as_entry().ok().flatten().filter(FileSystemEntry::is_directory) {
                Some(folder) => entries.push(folder),
                None => files.extend(item.get_as_file().ok().flatten()),
            }
        }
        if entries.is_empty() && files.is_empty() {
            files = platform::files(transfer.files());
        }
        Self { entries, files }
    }

    /// All files, those in folders with their paths.
    ///
    /// # Errors
    /// A sentence for the reader: there are too many files, or a folder cannot be read.
    pub async fn files(self) -> Result<Vec<OpenedFile>, String> {
        let mut found: Vec<_> = self.files.into_iter().map(OpenedFile::chosen).collect();
        let mut waiting: Vec<_> = self.entries.into_iter().map(|entry| (entry, 0)).collect();
        while let Some((entry, depth)) = waiting.pop() {
            let path = entry.full_path().trim_start_matches('/').to_string();
            let failed = |_: JsValue| {
                format!(
                    "{path} could not be read; it may have been moved or changed. Drop it again"
                )
            };
            if entry.is_file() {
                let entry: FileSystemFileEntry = entry.unchecked_into();
                let file =
                    answer(|done, failed| entry.file_with_callback_and_callback(done, failed))
                        .await
                        .map_err(failed)?;
                found.push(OpenedFile { path, file: file.unchecked_into() });
            } else if depth >= DEEPEST {
                return Err(format!(
                    "{path} lies more than {DEEPEST} folders deep, and was not opened; open the \
                     folder that holds the classes itself"
                ));
            } else {
                let reader = entry.unchecked_into::<FileSystemDirectoryEntry>().create_reader();
                // Each call returns up to a hundred entries, and none at the end.
                loop {
                    let some = answer(|done, failed| {
                        // A call that throws is reported through `failed`, like every other
                        // failure.
                        let _ = reader.read_entries_with_callback_and_callback(done, failed);
                    });
                    let some: Array = some.await.map_err(&failed)?.unchecked_into();
                    if some.length() == 0 {
                        break;
                    }
                    waiting.extend(some.iter().map(|entry| (entry.unchecked_into(), depth + 1)));
                }
            }
            if found.len() + waiting.len() > MOST {
                return Err(
                    "these are more than 100,000 files; open fewer at once, or an archive of them"
                        .into(),
                );
            }
        }
        Ok(found)
    }
}

/// Waits for one of two callbacks.
async fn answer(ask: impl Fn(&js_sys::Function, &js_sys::Function)) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::new(&mut |done, failed| ask(&done, &failed))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_known_by_their_first_bytes() {
        let pictures: [&[u8]; 8] = [
            b"\xff\xd8\xff\xe0\0\x10JFIF\0",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"RIFF\x24\0\0\0WEBPVP8 ",
            b"GIF89a\x01\0\x01\0",
            b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0",
            b"\0\0\0\x20ftypavif\0\0\0\0",
            b"\0\0\0\x18ftypheic\0\0\0\0",
            b"\0\0\0\x18ftypmif1\0\0\0\0",
        ];
        for bytes in pictures {
            assert!(is_picture(bytes), "{bytes:?}");
            assert!(!is_picture(&bytes[1..]), "{bytes:?}");
        }
        let others: [&[u8]; 6] = [
            b"",
            b"BMW 2002, red\n",
            b"\0\0\0\x18ftypisom\0\0\0\0",
            b"RIFF\x24\0\0\0WAVEfmt ",
            b"<!doctype html>",
            b"\xff\xd8",
        ];
        for bytes in others {
            assert!(!is_picture(bytes), "{bytes:?}");
        }
    }
}
