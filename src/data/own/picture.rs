//! A picture of a class of the reader's own.

use js_sys::{Array, Math};
use web_sys::{Blob, File, FilePropertyBag};

use crate::widgets::object_url::ObjectUrl;

/// The largest number of characters in the name of a picture's file.
const MOST_NAME_CHARS: usize = 200;

/// A picture in a file.
#[derive(Clone, Debug)]
pub struct OwnPicture {
    /// Tells it from all others, also over a reload: letters and digits.
    pub key: String,
    /// The file.
    pub file: File,
    /// The address under which it is shown.
    pub url: ObjectUrl,
}

impl PartialEq for OwnPicture {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl OwnPicture {
    /// A picture that the reader has just opened.
    pub fn new(file: File) -> Self {
        // Two pictures with the same key are less likely than a flipped bit.
        Self::with_key(format!("{:x}", (Math::random() * 2e15) as u64), file)
    }

    /// A picture that was kept under this key.
    pub fn with_key(key: String, file: File) -> Self {
        let url = ObjectUrl::new(&file);
        Self { key, file, url }
    }

    /// A file of this name and media type; `None` if the browser makes none.
    pub fn file(bytes: &Blob, name: &str, kind: &str) -> Option<File> {
        let name: String = name.chars().take(MOST_NAME_CHARS).collect();
        let options = FilePropertyBag::new();
        options.set_type(kind);
        File::new_with_blob_sequence_and_options(&Array::of1(bytes), &name, &options).ok()
    }
}

/// Pictures that the reader has just opened.
pub fn opened(files: Vec<File>) -> Vec<OwnPicture> {
    files.into_iter().map(OwnPicture::new).collect()
}
