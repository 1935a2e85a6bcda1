//! What a path says: training or validation, which class, and whether it is a picture at all.
//!
//! Two layouts are understood: ImageNet's `{train,val}/<class>/…`, and a folder of class folders.

use resnette_picture::classes::IMAGENETTE;

use crate::imagenet::name_of;

/// Which part of a set a picture belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// To train on.
    Train,
    /// To validate with.
    Valid,
}

/// A picture's place in a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Nothing where the path does not say.
    pub part: Option<Part>,
    /// The class as it is sorted and told apart: a WordNet id where it is one of Imagenette's,
    /// else the folder's name.
    pub class: String,
    /// The file's own name.
    pub file: String,
}

/// What a path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// A picture, as its name says.
    Picture(Place),
    /// Nothing of ours, and nothing to complain of: a list of labels, a hidden file.
    Noise,
    /// To be refused, for this reason.
    Refused(&'static str),
}

/// What a file holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of the formats that are decoded, or a name without an ending.
    Picture,
    /// `.tar`, `.tgz`, `.tar.gz`
    Archive,
    /// `.parquet`
    Parquet,
    /// A picture in another format.
    OtherPicture,
    /// An archive in another format.
    OtherArchive,
    /// Lists, notes, what systems leave behind.
    Noise,
    /// Anything else.
    Unknown,
}

/// Longest class name that is shown.
const LONGEST: usize = 60;

/// What a file holds, by its name.
pub fn kind(path: &str) -> Kind {
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    if path.split('/').any(|part| part.starts_with('.') || part == "__MACOSX") {
        return Kind::Noise;
    }
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        None | Some("jpg" | "jpeg" | "jfif" | "png" | "webp") => Kind::Picture,
        Some("tgz" | "tar" | "gz") => Kind::Archive,
        Some("parquet") => Kind::Parquet,
        Some(
            "gif" | "bmp" | "tif" | "tiff" | "heic" | "heif" | "avif" | "jxl" | "svg" | "raw"
            | "dng",
        ) => Kind::OtherPicture,
        Some("zip" | "7z" | "rar" | "xz" | "bz2" | "zst") => Kind::OtherArchive,
        Some(
            "csv" | "txt" | "md" | "json" | "xml" | "yaml" | "yml" | "html" | "ini" | "db" | "log"
            | "pdf",
        ) => Kind::Noise,
        Some(_) => Kind::Unknown,
    }
}

/// What a path with `/` is. `loose` says that it was opened by itself, so that no folder can be
/// expected.
pub fn place(path: &str) -> Placed {
    if path.starts_with('/') || path.get(1..3).is_some_and(|drive| drive == ":/" || drive == ":\\")
    {
        return Placed::Refused("its path begins at the root; such entries are left out");
    }
    let parts: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Placed::Refused("its path leads out of the folder; such entries are left out");
    }
    match kind(&parts.join("/")) {
        Kind::Picture => {}
        Kind::Noise => return Placed::Noise,
        Kind::OtherPicture => {
            return Placed::Refused(
                "only JPEG, PNG and WebP are read; save it as JPEG and open that",
            );
        }
        Kind::Archive | Kind::OtherArchive => {
            return Placed::Refused("an archive in a folder is not unpacked; open it by itself");
        }
        Kind::Parquet => {
            return Placed::Refused("a parquet file in an archive is not read; open it by itself");
        }
        Kind::Unknown => return Placed::Refused("this is no JPEG, PNG or WebP picture"),
    }
    let Some((file, folders)) = parts.split_last() else { return Placed::Noise };
    // `train` right above the picture is a class of trains.
    let split = folders
        .iter()
        .enumerate()
        .take(folders.len().saturating_sub(1))
        .find_map(|(at, name)| Some((at, part(name)?)));
    let folder = match split {
        Some((at, _)) => folders[at + 1],
        None => match folders.last() {
            Some(folder) => folder,
            None => match wordnet_id(file) {
                Some(id) => id,
                None => {
                    return Placed::Refused(
                        "it lies in no class folder; put the pictures of each class into a folder of its own and open that",
                    );
                }
            },
        },
    };
    match class_key(folder) {
        Some(class) => Placed::Picture(Place {
            part: split.map(|(_, part)| part),
            class,
            file: file.to_string(),
        }),
        None => Placed::Refused("its folder has no name that can be shown"),
    }
}

/// The part that a path's folders name, for files that hold whole sets.
pub fn part_of_path(path: &str) -> Option<Part> {
    path.split('/').find_map(|folder| {
        part(folder.split('.').next().unwrap_or_default())
            .or_else(|| part(folder.split('-').next().unwrap_or_default()))
    })
}

fn part(folder: &str) -> Option<Part> {
    match folder.to_lowercase().as_str() {
        "train" | "training" => Some(Part::Train),
        "val" | "valid" | "validation" | "test" | "testing" => Some(Part::Valid),
        _ => None,
    }
}

/// `n01440764_10026.JPEG` → `n01440764`
fn wordnet_id(file: &str) -> Option<&str> {
    let id = file.get(..9)?;
    let digits = id.strip_prefix('n')?.bytes().all(|byte| byte.is_ascii_digit());
    (digits && name_of(id).is_some()).then_some(id)
}

/// The key of a class folder or of a label's name; nothing where no letter of it can be shown.
pub fn class_key(folder: &str) -> Option<String> {
    let name: String = folder.chars().filter(|c| !c.is_control() && !steers_text(*c)).collect();
    let name: String = name.trim().chars().take(LONGEST).collect();
    if name.is_empty() {
        return None;
    }
    let known = IMAGENETTE
        .iter()
        .find(|(id, readable)| *id == name || readable.eq_ignore_ascii_case(&name));
    Some(known.map_or(name, |(id, _)| id.to_string()))
}

/// Invisible characters that turn the direction of the text around them.
fn steers_text(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(part: Option<Part>, class: &str, file: &str) -> Placed {
        Placed::Picture(Place { part, class: class.into(), file: file.into() })
    }

    #[test]
    fn both_layouts_are_understood() {
        for (path, part, class, file) in [
            ("imagenette2-160/train/n01440764/a.JPEG", Some(Part::Train), "n01440764", "a.JPEG"),
            ("imagenette2-160/val/n03888257/a.JPEG", Some(Part::Valid), "n03888257", "a.JPEG"),
            ("./validation/cats/indoors/1.png", Some(Part::Valid), "cats", "1.png"),
            ("pets/cats/1.jpg", None, "cats", "1.jpg"),
            ("cats/1.jpg", None, "cats", "1.jpg"),
            ("things/golf ball/1.webp", None, "n03445777", "1.webp"),
            ("vehicles/train/1.jpg", None, "train", "1.jpg"),
            ("n01440764_tench.JPEG", None, "n01440764", "n01440764_tench.JPEG"),
            ("קטטה/🐟/פי.jpeg", None, "🐟", "פי.jpeg"),
            ("a\u{202e}b/1.jpg", None, "ab", "1.jpg"),
        ] {
            assert_eq!(place(path), picture(part, class, file), "{path}");
        }
    }

    #[test]
    fn what_leads_out_or_is_no_picture_is_refused() {
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
            assert!(matches!(place(path), Placed::Refused(_)), "{path}");
        }
        for path in [
            "imagenette2-160/noisy_imagenette.csv",
            "cats/.DS_Store",
            "__MACOSX/cats/a.jpg",
            "cats/._a.jpg",
            "cats/Thumbs.db",
            "",
        ] {
            assert_eq!(place(path), Placed::Noise, "{path}");
        }
        assert!(matches!(place("\u{202e}/a.jpg"), Placed::Refused(_)));
    }

    #[test]
    fn parquet_files_tell_their_part() {
        assert_eq!(part_of_path("160px/train/0000.parquet"), Some(Part::Train));
        assert_eq!(part_of_path("validation/0000.parquet"), Some(Part::Valid));
        assert_eq!(part_of_path("train-00000-of-00001.parquet"), Some(Part::Train));
        assert_eq!(part_of_path("test.parquet"), Some(Part::Valid));
        assert_eq!(part_of_path("0000.parquet"), None);
    }
}
