//! A folder into which pictures are written as files, in `train/CLASS` and `valid/CLASS`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use resnette_images::load::entry::Split;

/// Characters that no folder's name has on one of the usual systems.
const NOT_IN_NAMES: [char; 9] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Why pictures are not written.
#[derive(Debug, thiserror::Error)]
pub enum PictureFolderError {
    /// There are such pictures already.
    #[error(
        "{0} is there already, and pictures are neither replaced nor added to them. Choose another \
         folder, or delete what was exported before"
    )]
    Exists(PathBuf),
    /// A link or a file is where a folder should be.
    #[error(
        "{0} is a link or a file, not a folder; give the folder itself, or choose another place"
    )]
    NotAFolder(PathBuf),
    /// The name of a class cannot be that of a folder.
    #[error(
        "the name of the class {0:?} cannot be used for a folder; rename the class in the files"
    )]
    ClassName(String),
    /// Two classes whose names differ in capital letters alone.
    #[error(
        "the classes {0:?} and {1:?} would share a folder on some systems; rename one of them in \
         the files"
    )]
    SharedFolder(String, String),
    /// The system refuses.
    #[error("{path} cannot be written ({error})")]
    System {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// Writes pictures of one kind into class folders. No file is ever replaced.
#[derive(Debug)]
pub struct PictureFolder {
    root: PathBuf,
    /// What the files are called before their number: `photo` or `drawing`.
    kind: &'static str,
    /// How many pictures each class folder has got.
    written: BTreeMap<PathBuf, u32>,
    /// The classes by their names in small letters: some systems take these for the same name.
    classes: BTreeMap<String, String>,
}

impl PictureFolder {
    /// Makes a folder ready. It may hold anything but pictures of the same kind.
    ///
    /// # Errors
    /// [`PictureFolderError::Exists`] if it has such pictures, [`PictureFolderError::NotAFolder`]
    /// and [`PictureFolderError::System`].
    pub fn create(root: &Path, kind: &'static str) -> Result<Self, PictureFolderError> {
        make_folder(root)?;
        let folder =
            Self { root: root.into(), kind, written: BTreeMap::new(), classes: BTreeMap::new() };
        for split in [Split::Train, Split::Valid] {
            let split = root.join(split_name(split));
            for class in children(&split)? {
                let is_ours = |path: &PathBuf| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    name.starts_with(&format!("{kind}-"))
                };
                if let Some(found) = children(&class)?.into_iter().find(is_ours) {
                    return Err(PictureFolderError::Exists(found));
                }
            }
        }
        Ok(folder)
    }

    /// Writes the next picture of a class as a file with this ending.
    ///
    /// # Errors
    /// [`PictureFolderError`]
    pub fn write(
        &mut self,
        split: Split,
        class: &str,
        ending: &str,
        bytes: &[u8],
    ) -> Result<(), PictureFolderError> {
        let folder = self.class_folder(split, class)?;
        let number = self.written.get(&folder).copied().unwrap_or_default() + 1;
        let path = folder.join(format!("{}-{number:05}.{ending}", self.kind));
        // This follows no link and replaces no file.
        let mut file = match File::create_new(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(PictureFolderError::Exists(path));
            }
            Err(error) => return Err(PictureFolderError::System { path, error }),
        };
        if let Err(error) = file.write_all(bytes) {
            // Half a picture is none. It is ours, since it was not there before.
            let _ = fs::remove_file(&path);
            return Err(PictureFolderError::System { path, error });
        }
        self.written.insert(folder, number);
        Ok(())
    }

    /// How many pictures were written, by split.
    pub fn count(&self, split: Split) -> u32 {
        let split = self.root.join(split_name(split));
        self.written.iter().filter(|(path, _)| path.starts_with(&split)).map(|(_, n)| n).sum()
    }

    /// The folder of a class, which is made when its first picture comes.
    fn class_folder(&mut self, split: Split, class: &str) -> Result<PathBuf, PictureFolderError> {
        let split = self.root.join(split_name(split));
        let folder = split.join(class);
        if !self.written.contains_key(&folder) {
            let is_a_name = !class.is_empty()
                && !class.starts_with('.')
                && !class.ends_with(['.', ' '])
                && !class.contains(NOT_IN_NAMES)
                && !is_a_device(class);
            if !is_a_name {
                return Err(PictureFolderError::ClassName(class.into()));
            }
            let known = self.classes.entry(class.to_lowercase()).or_insert_with(|| class.into());
            if known != class {
                return Err(PictureFolderError::SharedFolder(known.clone(), class.into()));
            }
            make_folder(&split)?;
            make_folder(&folder)?;
        }
        Ok(folder)
    }
}

/// Whether Windows takes this for a device, whatever follows a dot.
fn is_a_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let port = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    ["CON", "PRN", "AUX", "NUL"].contains(&&*stem)
        || port.is_some_and(|port| port.len() == 1 && port.as_bytes()[0].is_ascii_digit())
}

/// The name of a split's folder, as fastai's `ImageDataLoaders.from_folder` calls them.
fn split_name(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Valid => "valid",
    }
}

/// Makes a folder, unless it is there. A link to one is refused: files are written to no other
/// place than the one that is named.
fn make_folder(path: &Path) -> Result<(), PictureFolderError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(PictureFolderError::NotAFolder(path.into())),
        Err(_) => fs::create_dir_all(path)
            .map_err(|error| PictureFolderError::System { path: path.into(), error }),
    }
}

/// What lies in a folder; nothing if it is none.
fn children(folder: &Path) -> Result<Vec<PathBuf>, PictureFolderError> {
    let system = |error| PictureFolderError::System { path: folder.into(), error };
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(system)?;
    entries.map(|entry| Ok(entry.map_err(system)?.path())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("resnette-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn two_kinds_share_a_folder_and_nothing_is_replaced() {
        let root = scratch("picture-folder");
        let mut photos = PictureFolder::create(&root, "photo").unwrap();
        photos.write(Split::Train, "gas pump", "jpg", b"1").unwrap();
        photos.write(Split::Train, "gas pump", "jpg", b"2").unwrap();
        photos.write(Split::Valid, "gas pump", "png", b"3").unwrap();
        assert_eq!((photos.count(Split::Train), photos.count(Split::Valid)), (2, 1));
        let mut drawings = PictureFolder::create(&root, "drawing").unwrap();
        drawings.write(Split::Train, "gas pump", "png", b"4").unwrap();
        for (file, bytes) in [
            ("train/gas pump/photo-00001.jpg", "1"),
            ("train/gas pump/photo-00002.jpg", "2"),
            ("valid/gas pump/photo-00001.png", "3"),
            ("train/gas pump/drawing-00001.png", "4"),
        ] {
            assert_eq!(fs::read_to_string(root.join(file)).unwrap(), bytes, "{file}");
        }
        // A second time, even if the numbers would be others.
        let again = PictureFolder::create(&root, "photo");
        assert!(matches!(again, Err(PictureFolderError::Exists(_))), "{again:?}");
        // What came there meanwhile.
        fs::write(root.join("train/gas pump/drawing-00002.png"), "mine").unwrap();
        let refused = drawings.write(Split::Train, "gas pump", "png", b"5");
        assert!(matches!(refused, Err(PictureFolderError::Exists(_))), "{refused:?}");
        assert_eq!(fs::read(root.join("train/gas pump/drawing-00002.png")).unwrap(), b"mine");
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_class_is_written_into_no_other_folder_than_its_own() {
        let root = scratch("picture-names");
        let mut folder = PictureFolder::create(&root, "photo").unwrap();
        for name in [
            "", ".", "..", "../..", "a/b", "/etc", "a\\b", "c:", ".hidden", "a.", "a ", "nul",
            "Com1.x",
        ] {
            let refused = folder.write(Split::Train, name, "jpg", b"1");
            assert!(matches!(refused, Err(PictureFolderError::ClassName(_))), "{name}");
        }
        assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn classes_never_share_a_folder() {
        let root = scratch("picture-capitals");
        let mut folder = PictureFolder::create(&root, "photo").unwrap();
        folder.write(Split::Train, "Cat", "jpg", b"1").unwrap();
        folder.write(Split::Valid, "Cat", "jpg", b"1").unwrap();
        for split in [Split::Train, Split::Valid] {
            let refused = folder.write(split, "cat", "png", b"2");
            let Err(PictureFolderError::SharedFolder(first, second)) = refused else { panic!() };
            assert_eq!((&*first, &*second), ("Cat", "cat"));
        }
        fs::remove_dir_all(root).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let (root, elsewhere) = (scratch("picture-links"), scratch("picture-elsewhere"));
        fs::create_dir_all(&elsewhere).unwrap();
        fs::create_dir_all(root.join("train")).unwrap();
        std::os::unix::fs::symlink(&elsewhere, root.join("train/cat")).unwrap();
        let mut folder = PictureFolder::create(&root, "photo").unwrap();
        let refused = folder.write(Split::Train, "cat", "jpg", b"1");
        assert!(matches!(refused, Err(PictureFolderError::NotAFolder(_))), "{refused:?}");
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
        fs::remove_dir_all(root).unwrap();
        fs::remove_dir_all(elsewhere).unwrap();
    }
}
