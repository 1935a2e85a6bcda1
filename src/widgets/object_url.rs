//! The address of an opened file on this page.

use std::rc::Rc;

use web_sys::{File, Url};

/// An address under which the browser shows a file (`blob:`). The browser keeps the whole file
/// until the last clone is dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectUrl(Rc<Address>);

#[derive(Debug, PartialEq)]
struct Address {
    text: String,
    /// Whether the browser keeps a file for it.
    is_kept: bool,
}

impl ObjectUrl {
    /// An address of a file; an empty one if the browser gives none.
    pub fn new(file: &File) -> Self {
        let (text, is_kept) = match Url::create_object_url_with_blob(file) {
            Ok(text) => (text, true),
            Err(_) => (String::new(), false),
        };
        Self(Rc::new(Address { text, is_kept }))
    }

    /// An address of nothing, for tests.
    #[cfg(test)]
    pub fn made_up(text: &str) -> Self {
        Self(Rc::new(Address { text: text.into(), is_kept: false }))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        if self.is_kept {
            let _ = Url::revoke_object_url(&self.text);
        }
    }
}
