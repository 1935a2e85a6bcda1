//! What a file's path says about it: whether it is a picture, of which class, and of which split.
//!
//! Two layouts are understood: ImageNet's `{train,val}/<class>/…`, and a folder of class folders.

use resnette_picture::classes::IMAGENETTE;

use crate::imagenet::wordnet_name;

/// The split of a data set that a picture belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The pictures that a network is trained on.
    Train,
    /// The pictures that measure how well it generalises.
    Valid,
}

/// A picture file, described by its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetEntry {
    /// The split; `None` if the path does not name one.
    pub split: Option<Split>,
    /// The key by which classes are distinguished and sorted: a WordNet id if the folder is named
    /// after one of Imagenette's classes, and the folder's name otherwise.
    pub class: String,
    /// The file's name without its folders.
    pub file: String,
}

/// What is to be done with the file at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathClass {
    /// It is a picture, going by its name.
    Picture(DatasetEntry),
    /// It is left out without a message: a list of labels, a hidden file.
    Ignored,
    /// It is left out with a message, which is this reason.
    Refused(&'static str),
}

/// What a file holds, going by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A picture in one of the formats that are decoded, or a name without an extension.
    Picture,
    /// An archive: `.tar`, `.tgz`, `.tar.gz` or `.zip`.
    Archive,
    /// A parquet file.
    Parquet,
    /// A picture in a format that is not decoded.
    OtherPicture,
    /// An archive in a format that is not read.
    OtherArchive,
    /// Lists, notes, hidden files, and files that operating systems leave behind.
    Ignored,
    /// Anything else.
    Unknown,
}

/// The longest class name, in characters.
const MAX_CLASS_NAME: usize = 60;

/// What a file holds, going by its name.
pub fn file_kind(path: &str) -> FileKind {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    if path.split('/').any(|part| part.starts_with('.') || part == "__MACOSX") {
        return FileKind::Ignored;
    }
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        None | Some("jpg" | "jpeg" | "jfif" | "png" | "webp") => FileKind::Picture,
        Some("tgz" | "tar" | "gz" | "zip") => FileKind::Archive,
        Some("parquet") => FileKind::Parquet,
        Some(
            "gif" | "bmp" | "tif" | "tiff" | "heic" | "heif" | "avif" | "jxl" | "svg" | "raw"
            | "dng",
        ) => FileKind::OtherPicture,
        Some("7z" | "rar" | "xz" | "bz2" | "zst") => FileKind::OtherArchive,
        Some(
            "csv" | "txt" | "md" | "json" | "xml" | "yaml" | "yml" | "html" | "ini" | "db" | "log"
            | "pdf",
        ) => FileKind::Ignored,
        Some(_) => FileKind::Unknown,
    }
}

/// Classifies a path whose separators are `/`.
///
/// Paths that begin at the root or lead out of the folder are refused, although nothing is ever
/// written: whoever made such an archive meant harm.
pub fn classify_path(path: &str) -> PathClass {
    if path.starts_with('/') || path.get(1..3).is_some_and(|drive| drive == ":/" || drive == ":\\")
    {
        return PathClass::Refused("its path begins at the root; such entries are left out");
    }
    let parts: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return PathClass::Refused("its path leads out of the folder; such entries are left out");
    }
    match file_kind(&parts.join("/")) {
        FileKind::Picture => {}
        FileKind::Ignored => return PathClass::Ignored,
        FileKind::OtherPicture => {
            return PathClass::Refused(
                "only JPEG, PNG and WebP are read; save it as JPEG and open that",
            );
        }
        FileKind::Archive | FileKind::OtherArchive => {
            return PathClass::Refused("an archive in a folder is not unpacked; open it by itself");
        }
        FileKind::Parquet => {
            return PathClass::Refused(
                "a parquet file in an archive is not read; open it by itself",
            );
        }
        FileKind::Unknown => return PathClass::Refused("this is no JPEG, PNG or WebP picture"),
    }
    let Some((file, folders)) = parts.split_last() else { return PathClass::Ignored };
    // A folder `train` that holds pictures directly is a class of trains.
    let split = folders
        .iter()
        .enumerate()
        .take(folders.len().saturating_sub(1))
        .find_map(|(at, name)| Some((at, split_of_folder(name)?)));
    let folder = match split {
        Some((at, _)) => folders[at + 1],
        None => match folders.last() {
            Some(folder) => folder,
            None => match wordnet_id(file) {
                Some(id) => id,
                None => {
                    return PathClass::Refused(
                        "it lies in no class folder; put the pictures of each class into a folder of its own and open that",
                    );
                }
            },
        },
    };
    match class_key(folder) {
        Some(class) => PathClass::Picture(DatasetEntry {
            split: split.map(|(_, split)| split),
            class,
            file: file.to_string(),
        }),
        None => PathClass::Refused("its folder has no name that can be shown"),
    }
}

/// The split that the path of a parquet file names, in one of its folders or in its own name, as in
/// `train-00000-of-00001.parquet`; `None` if it names none.
pub fn split_of_path(path: &str) -> Option<Split> {
    path.split('/').find_map(|folder| {
        split_of_folder(folder.split('.').next().unwrap_or_default())
            .or_else(|| split_of_folder(folder.split('-').next().unwrap_or_default()))
    })
}

fn split_of_folder(folder: &str) -> Option<Split> {
    match folder.to_lowercase().as_str() {
        "train" | "training" => Some(Split::Train),
        "val" | "valid" | "validation" | "test" | "testing" => Some(Split::Valid),
        _ => None,
    }
}

/// The WordNet id that a file's name begins with, as in `n01440764_10026.JPEG`; `None` unless it is
/// one of ImageNet's classes.
fn wordnet_id(file: &str) -> Option<&str> {
    let id = file.get(..9)?;
    let digits = id.strip_prefix('n')?.bytes().all(|byte| byte.is_ascii_digit());
    (digits && wordnet_name(id).is_some()).then_some(id)
}

/// The key (see [`DatasetEntry::class`]) of a class folder or of a label's name; `None` if no
/// character of it can be displayed.
pub fn class_key(folder: &str) -> Option<String> {
    let name: String =
        folder.chars().filter(|c| !c.is_control() && !changes_text_direction(*c)).collect();
    let name: String = name.trim().chars().take(MAX_CLASS_NAME).collect();
    if name.is_empty() {
        return None;
    }
    let known = IMAGENETTE
        .iter()
        .find(|(id, readable)| *id == name || readable.eq_ignore_ascii_case(&name));
    Some(known.map_or(name, |(id, _)| id.to_string()))
}

/// Whether a character is an invisible control that changes the direction of the text around it.
fn changes_text_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(split: Option<Split>, class: &str, file: &str) -> PathClass {
        PathClass::Picture(DatasetEntry { split, class: class.into(), file: file.into() })
    }

    #[test]
    fn both_layouts_are_understood() {
        for (path, split, class, file) in [
            ("imagenette2-160/train/n01440764/a.JPEG", Some(Split::Train), "n01440764", "a.JPEG"),
            ("imagenette2-160/val/n03888257/a.JPEG", Some(Split::Valid), "n03888257", "a.JPEG"),
            ("./validation/cats/indoors/1.png", Some(Split::Valid), "cats", "1.png"),
            ("pets/cats/1.jpg", None, "cats", "1.jpg"),
            ("cats/1.jpg", None, "cats", "1.jpg"),
            ("things/golf ball/1.webp", None, "n03445777", "1.webp"),
            ("vehicles/train/1.jpg", None, "train", "1.jpg"),
            ("n01440764_tench.JPEG", None, "n01440764", "n01440764_tench.JPEG"),
            ("קטטה/🐟/פי.jpeg", None, "🐟", "פי.jpeg"),
            ("a\u{202e}b/1.jpg", None, "ab", "1.jpg"),
        ] {
            assert_eq!(classify_path(path), picture(split, class, file), "{path}");
        }
    }

    #[test]
    fn paths_that_lead_out_and_other_files_are_refused() {
        for path in [
            "../etc/a.jpg",
            "a/../../b/c.jpg",
            "/etc/cats/a.jpg",
            "C:/cats/a.jpg",
            "cats/a.exe",
            "cats/a.heic",
            "1.jpg",
            "cats/b.zip",
        ] {
            assert!(matches!(classify_path(path), PathClass::Refused(_)), "{path}");
        }
        for path in [
            "imagenette2-160/noisy_imagenette.csv",
            "cats/.DS_Store",
            "__MACOSX/cats/a.jpg",
            "cats/._a.jpg",
            "cats/Thumbs.db",
            "",
        ] {
            assert_eq!(classify_path(path), PathClass::Ignored, "{path}");
        }
        assert!(matches!(classify_path("\u{202e}/a.jpg"), PathClass::Refused(_)));
    }

    #[test]
    fn parquet_files_name_their_split() {
        assert_eq!(split_of_path("160px/train/0000.parquet"), Some(Split::Train));
        assert_eq!(split_of_path("validation/0000.parquet"), Some(Split::Valid));
        assert_eq!(split_of_path("train-00000-of-00001.parquet"), Some(Split::Train));
        assert_eq!(split_of_path("test.parquet"), Some(Split::Valid));
        assert_eq!(split_of_path("0000.parquet"), None);
    }
}
