//! Archives in which each picture has its label in a file beside it: WebDataset's shards, with
//! `0001.jpg` and `0001.cls`, or `0001.jpg`, `0001.json` and `0001.txt`.
//!
//! Such files are not read. What counts is that the archives' names, `00000.tar` and `00001.tar`,
//! are not taken for the names of classes.

use crate::load::file_kind::{FileKind, file_kind, without_archive_ending};

/// The digits at the end of a shard's name, at least: `0000.tar`, `train-000012.tar`.
const SHARD_DIGITS: usize = 4;
/// Endings of files that may hold a picture's label or text.
const ENDINGS: [&str; 4] = ["cls", "json", "txt", "xml"];

/// Looks at the entries of an archive that lie in no folder, one after another. Those of one
/// picture follow each other.
#[derive(Debug, Default)]
pub struct LabelsBeside {
    /// The name without its ending that the last entries share, and what they are.
    name: String,
    is_picture: bool,
    has_label: bool,
    pictures: u32,
    /// The pictures with a file beside them, and those whose file is called `.cls`.
    labelled: u32,
    classed: u32,
}

impl LabelsBeside {
    /// Looks at the next entry.
    pub fn see(&mut self, path: &str) {
        let path = path.strip_prefix("./").unwrap_or(path);
        let Some((name, ending)) = path.split_once('.').filter(|_| !path.contains('/')) else {
            return;
        };
        if name != self.name {
            self.name = name.into();
            (self.is_picture, self.has_label) = (false, false);
        }
        let before = self.is_picture && self.has_label;
        if file_kind(path) == FileKind::Picture {
            self.pictures = self.pictures.saturating_add(u32::from(!self.is_picture));
            self.is_picture = true;
        } else if ENDINGS.contains(&ending.to_lowercase().as_str()) {
            self.has_label = true;
            self.classed = self.classed.saturating_add(u32::from(ending == "cls"));
        }
        if !before && self.is_picture && self.has_label {
            self.labelled = self.labelled.saturating_add(1);
        }
    }

    /// Whether most pictures have such a file. Where it is not called `.cls`, the archive must have
    /// the number of a shard: of an archive for each class, the name tells the class.
    pub fn is_usual(&self, archive: &str) -> bool {
        let name = without_archive_ending(archive);
        let number = &name[name.trim_end_matches(|end: char| end.is_ascii_digit()).len()..];
        let is_year = number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
        let is_shard = number.len() >= SHARD_DIGITS && !is_year;
        let most = |count: u32| count > self.pictures / 2;
        most(self.labelled) && (most(self.classed) || is_shard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_usual(archive: &str, entries: &[&str]) -> bool {
        let mut labels = LabelsBeside::default();
        entries.iter().for_each(|path| labels.see(path));
        labels.is_usual(archive)
    }

    #[test]
    fn shards_are_told_from_archives_of_a_class() {
        // Classes may have numbers.
        assert!(!is_usual("7.zip", &["0.jpg", "0.txt", "1.jpg", "1.txt"]));
        assert!(!is_usual("class12.zip", &["0.jpg", "0.txt", "1.jpg", "1.txt"]));
        let classed = ["0.jpg", "0.cls", "1.cls", "1.jpg"];
        assert!(is_usual("cat.tar", &classed));
        let described = ["./0.jpg", "./0.json", "./0.txt", "./1.jpg", "./1.json"];
        assert!(is_usual("data/00000.tar", &described));
        assert!(is_usual("cc3m-0001.tar", &described));
        assert!(!is_usual("cat.zip", &described), "the name tells the class");
        assert!(!is_usual("cats_2023.zip", &described), "a year is no shard's number");
        assert!(!is_usual("00000.tar", &["0.jpg", "1.jpg", "2.jpg", "0.json"]));
        assert!(!is_usual("00000.tar", &["cat/0.jpg", "cat/0.cls", "metadata.json"]));
        assert!(!is_usual("00000.tar", &[]));
    }
}
