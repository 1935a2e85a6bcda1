//! The reader's files, read in place: the browser hands out handles, and each piece is read when it
//! is needed.

use bytes::Bytes;
use js_sys::{Array, Uint8Array};
use resnette_image_parquet::source::SourceError;
use resnette_images::load::open_file::OpenFile;
use resnette_session::HeldFile;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{File, FileReaderSync};

/// A file that the reader opened, and its place in the opened folder.
pub struct BrowserFile {
    path: String,
    file: File,
}

impl BrowserFile {
    /// The files of a message: paths and handles in turn, as [`resnette_protocol`] has them. What
    /// is neither is left out.
    pub fn from_parts(parts: &Array) -> Vec<Self> {
        let pairs = (1..parts.length())
            .step_by(2)
            .map(|at| (parts.get(at).as_string(), parts.get(at + 1).dyn_into::<File>()));
        pairs.filter_map(|(path, file)| Some(Self { path: path?, file: file.ok()? })).collect()
    }

    fn unreadable(&self, error: JsValue) -> SourceError {
        let reason = error
            .dyn_ref::<web_sys::DomException>()
            .map_or_else(|| "the browser gives no reason".into(), |error| error.message());
        SourceError::Unreadable { name: self.path.clone(), reason }
    }
}

impl OpenFile for BrowserFile {
    fn path(&self) -> &str {
        &self.path
    }

    fn size(&self) -> u64 {
        // A length in a float: exact up to 2^53.
        self.file.size() as u64
    }

    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let end = start.saturating_add(length);
        let piece = self
            .file
            .slice_with_f64_and_f64(start as f64, end as f64)
            .map_err(|error| self.unreadable(error))?;
        let buffer = FileReaderSync::new()
            .and_then(|reader| reader.read_as_array_buffer(&piece))
            .map_err(|error| self.unreadable(error))?;
        let bytes = Uint8Array::new(&buffer).to_vec();
        if bytes.len() as u64 == length {
            Ok(bytes.into())
        } else {
            Err(SourceError::Short { name: self.path.clone(), wanted: end })
        }
    }
}

impl HeldFile for BrowserFile {
    fn last_modified(&self) -> u64 {
        self.file.last_modified() as u64
    }
}
