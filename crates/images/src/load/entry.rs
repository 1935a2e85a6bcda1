//! A picture of a data set, as samplers know it.

use crate::imagenet::wordnet_name;
pub use crate::load::class_name::class_key;
pub use crate::load::file_kind::{FileKind, file_kind};
pub use crate::load::split_name::{Split, split_of_path};

/// A picture, described by where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetEntry {
    /// The split; `None` if nothing names one.
    pub split: Option<Split>,
    /// The key by which classes are distinguished (see [`class_key`]): the raw name of the folder
    /// or label.
    pub class: String,
    /// The file's name without its folders.
    pub file: String,
}

/// The WordNet id that a file's name begins with, as in `n01440764_10026.JPEG`; `None` unless it is
/// one of ImageNet's classes.
pub fn wordnet_id(file: &str) -> Option<&str> {
    let id = file.get(..9)?;
    let digits = id.strip_prefix('n')?.bytes().all(|byte| byte.is_ascii_digit());
    (digits && wordnet_name(id).is_some()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imagenets_file_names_tell_the_class() {
        assert_eq!(wordnet_id("n01440764_tench.JPEG"), Some("n01440764"));
        for file in ["n00000000_1.JPEG", "holiday.jpg", "n0144076", "ñ01440764.jpg", "n0144076x_1"]
        {
            assert_eq!(wordnet_id(file), None, "{file}");
        }
    }
}
