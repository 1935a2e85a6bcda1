//! Files that a reader opens, with their paths in the opened folder: from a chooser, or dropped as
//! a folder.

use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry,
};

use crate::shell::platform;

/// The largest number of files in a drop. The browser's handles of more would take gigabytes.
const MOST: usize = 100_000;
/// The depth at which folders are no longer opened: deeper ones are a loop.
const DEEPEST: usize = 12;

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
/// each of them, and the pictures in folders, which also hold lists and hidden files.
///
/// The files are sorted by path, whatever order the browser read them in, because their order
/// decides which of them validate.
///
/// # Errors
/// A sentence for the reader if no file remains.
pub fn of_one_class(mut files: Vec<OpenedFile>) -> Result<Vec<File>, String> {
    files.retain(|OpenedFile { path, file }| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        folder.is_empty() || (file.type_().starts_with("image/") && !name.starts_with('.'))
    });
    if files.is_empty() {
        return Err("there is no picture in what was dropped, and the class is as it was; drop \
                    pictures, or a folder of them"
            .into());
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files.into_iter().map(|opened| opened.file).collect())
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
        let entries: Vec<_> = (0..items.length())
            .filter_map(|at| items.get(at))
            .filter_map(|item| item.webkit_get_as_entry().ok().flatten())
            .collect();
        // Files that a program made, or an old browser, have no entries.
        let files = if entries.is_empty() { platform::files(transfer.files()) } else { Vec::new() };
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
            } else if depth < DEEPEST {
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
