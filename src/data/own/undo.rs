//! What was removed from the classes of the reader's own, so that it can come back.

use crate::data::own::class::OwnClass;
use crate::data::own::picture::OwnPicture;
use crate::widgets::format::plural;

/// What was removed last.
#[derive(Clone, Debug, PartialEq)]
pub enum Removed<Picture = OwnPicture> {
    /// A picture.
    Picture {
        /// The id of its class.
        class: usize,
        /// Its index there.
        at: usize,
        /// The picture.
        picture: Picture,
    },
    /// All pictures of a class that stayed.
    Pictures {
        /// The id of the class.
        class: usize,
        /// Its pictures.
        pictures: Vec<Picture>,
    },
    /// A class with its pictures.
    Class {
        /// Its index.
        at: usize,
        /// The class.
        class: OwnClass<Picture>,
    },
    /// All classes, when others were opened.
    All {
        /// The classes.
        classes: Vec<OwnClass<Picture>>,
    },
}

impl<Picture> Removed<Picture> {
    /// The number of pictures that were removed.
    pub fn pictures(&self) -> usize {
        match self {
            Self::Picture { .. } => 1,
            Self::Pictures { pictures, .. } => pictures.len(),
            Self::Class { class, .. } => class.pictures.len(),
            Self::All { classes } => classes.iter().map(|class| class.pictures.len()).sum(),
        }
    }

    /// What was removed, as a sentence for the reader.
    pub fn words(&self) -> String {
        match self {
            Self::Picture { .. } => "A picture was removed.".into(),
            Self::Pictures { pictures, .. } => {
                format!("{} removed.", was(pictures.len()))
            }
            Self::Class { at, class } => {
                format!("{} was removed, with {}.", class.title(*at), count(class.pictures.len()))
            }
            Self::All { .. } => "The classes that were here were replaced.".into(),
        }
    }
}

fn count(pictures: usize) -> String {
    plural(pictures as u64, "picture")
}

fn was(pictures: usize) -> String {
    format!("{} {}", count(pictures), if pictures == 1 { "was" } else { "were" })
}
