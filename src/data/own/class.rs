//! A class of the reader's own.

use crate::data::own::picture::OwnPicture;

/// A class that the reader makes. Its pictures are files, except in tests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnClass<Picture = OwnPicture> {
    /// A number that is unique for as long as the page is open: pictures may still be on their way
    /// to a class when another one is removed.
    pub id: usize,
    /// The name as it was typed.
    pub name: String,
    /// The pictures, in the order in which they came.
    pub pictures: Vec<Picture>,
}

impl<Picture> OwnClass<Picture> {
    /// The name, or `class 2` where there is none yet; `at` counts from 0.
    pub fn title(&self, at: usize) -> String {
        match self.name.trim() {
            "" => format!("class {}", at + 1),
            _ => self.name.clone(),
        }
    }
}
