//! What a file holds, going by its name and, where the name does not say, by its first bytes.

/// What a file holds, going by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A picture in a format that a decoder may know.
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
    /// The name does not say: its first bytes do.
    Unknown,
}

/// What a file holds, going by its name.
pub fn file_kind(path: &str) -> FileKind {
    if path.split('/').any(|part| part.starts_with('.') || is_systems_own(part)) {
        return FileKind::Ignored;
    }
    let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some(
            "jpg" | "jpeg" | "jpe" | "jfif" | "pjpeg" | "pjp" | "png" | "webp" | "gif" | "bmp"
            | "avif" | "heic" | "heif",
        ) => FileKind::Picture,
        Some("tgz" | "tar" | "gz" | "zip") => FileKind::Archive,
        Some("parquet") => FileKind::Parquet,
        Some("tif" | "tiff" | "jxl" | "jp2" | "svg" | "raw" | "dng" | "psd") => {
            FileKind::OtherPicture
        }
        Some("7z" | "rar" | "xz" | "bz2" | "zst" | "tbz" | "txz") => FileKind::OtherArchive,
        Some(
            "csv" | "tsv" | "txt" | "md" | "rst" | "json" | "jsonl" | "xml" | "yaml" | "yml"
            | "html" | "htm" | "ini" | "db" | "log" | "pdf" | "doc" | "docx" | "xls" | "xlsx"
            | "py" | "ipynb" | "mat" | "npy" | "npz" | "pkl" | "cls",
        ) => FileKind::Ignored,
        _ => FileKind::Unknown,
    }
}

/// Whether a folder or a file is one that operating systems and programs keep for themselves: macOS
/// in archives and for icons, the thumbnails and deleted files of network storage, waste bins,
/// notebooks.
fn is_systems_own(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "__macosx",
        "@eadir",
        "#recycle",
        "#snapshot",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "__pycache__",
        "icon\r",
    ];
    NAMES.iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// The number of bytes that [`is_picture`] looks at.
pub const HEAD_BYTES: u64 = 32;

/// Whether a file is a picture in a format that a decoder may know, going by its first bytes:
/// JPEG, PNG, WebP, GIF, BMP, AVIF or HEIC.
pub fn is_picture(head: &[u8]) -> bool {
    let brand = head.get(8..12).unwrap_or_default();
    head.starts_with(&[0xff, 0xd8, 0xff])
        || head.starts_with(b"\x89PNG\r\n\x1a\n")
        || head.starts_with(b"GIF8")
        || (head.starts_with(b"RIFF") && brand == b"WEBP")
        // A bitmap's header tells its own length, which is never large.
        || (head.starts_with(b"BM") && head.get(15..18) == Some(&[0, 0, 0]))
        || (head.get(4..8) == Some(b"ftyp")
            && [b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"]
                .contains(&brand.try_into().unwrap_or(b"    ")))
}

/// What to do with a file that is an archive or a parquet file by its first bytes and not by its
/// name; `None` for any other. Office documents are zip archives too, so none is opened unasked.
pub fn unnamed_archive(head: &[u8]) -> Option<&'static str> {
    match head {
        [b'P', b'K', 3, 4, ..] => Some(
            "going by its contents this is a zip archive, or an office document; if it holds pictures, give its name the ending .zip and open it again",
        ),
        [0x1f, 0x8b, ..] => Some(
            "going by its contents this is compressed with gzip; if it is an archive of pictures, give its name the ending .tgz and open it again",
        ),
        [b'P', b'A', b'R', b'1', ..] => Some(
            "going by its contents this is a parquet file; give its name the ending .parquet and open it again",
        ),
        _ => None,
    }
}

/// The folders of a path whose separators are `/`, and the file's name at its end.
///
/// # Errors
/// The reason, if the path begins at the root or leads out of the folder. Such paths are refused
/// although nothing is ever written: whoever made such an archive meant harm.
pub fn path_parts(path: &str) -> Result<(Vec<&str>, &str), &'static str> {
    if path.starts_with('/') || path.get(1..3).is_some_and(|drive| drive == ":/" || drive == ":\\")
    {
        return Err("its path begins at the root; such entries are left out");
    }
    let mut parts: Vec<&str> =
        path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err("its path leads out of the folder; such entries are left out");
    }
    let file = parts.pop().unwrap_or_default();
    Ok((parts, file))
}

/// An archive's name without `.tar`, `.tgz`, `.tar.gz` or `.zip`; any other name as it is.
pub fn without_archive_ending(name: &str) -> &str {
    let ending = [".tar.gz", ".tgz", ".tar", ".zip", ".gz"].into_iter().find(|ending| {
        let start = name.len().saturating_sub(ending.len());
        start > 0 && name.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(ending))
    });
    ending.and_then(|ending| name.get(..name.len() - ending.len())).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_files_hold() {
        for (kind, paths) in [
            (FileKind::Picture, "cats/a.JPG cats/a.jpe a.heic cats/b.gif"),
            (FileKind::Unknown, "cats/a.exe cats/a.jpg!d cats/1.jpg?w=300 cats/1.jpg_large cats/8"),
            (FileKind::Archive, "a.tgz b/c.TAR.GZ a.zip"),
            (FileKind::OtherArchive, "a.7z b.rar"),
            (FileKind::OtherPicture, "cats/a.tiff cats/a.svg"),
            (
                FileKind::Ignored,
                "noisy.csv cats/.DS_Store __MACOSX/cats/a.jpg cats/._a.jpg cats/Thumbs.db \
                 cats/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg #recycle/1.jpg $RECYCLE.BIN/1.jpg \
                 lost+found/1.jpg 0001.cls",
            ),
        ] {
            for path in paths.split_whitespace() {
                assert_eq!(file_kind(path), kind, "{path}");
            }
        }
        assert_eq!(file_kind("cats/2.jpeg (1)"), FileKind::Unknown);
    }

    #[test]
    fn paths_that_lead_out_are_refused() {
        for path in ["../etc/a.jpg", "a/../../b/c.jpg", "/etc/cats/a.jpg", "C:/cats/a.jpg"] {
            assert!(path_parts(path).is_err(), "{path}");
        }
        assert_eq!(path_parts("./a//b/c.jpg"), Ok((vec!["a", "b"], "c.jpg")));
        assert_eq!(path_parts(""), Ok((vec![], "")));
    }

    #[test]
    fn archives_have_names_without_their_endings() {
        for (name, stem) in [
            ("cat.zip", "cat"),
            ("dogs.TAR.GZ", "dogs"),
            ("a.b.tgz", "a.b"),
            (".zip", ".zip"),
            ("zip", "zip"),
            ("é.tar", "é"),
        ] {
            assert_eq!(without_archive_ending(name), stem);
        }
    }

    #[test]
    fn archives_without_their_endings_are_told() {
        for (head, ending) in [
            (&b"PK\x03\x04 project.tm"[..], "zip"),
            (b"\x1f\x8b\x08", "tgz"),
            (b"PAR1\x15", "parquet"),
        ] {
            let told = unnamed_archive(head).unwrap_or_default();
            assert!(told.contains(&format!("the ending .{ending}")), "{told}");
        }
        assert_eq!(unnamed_archive(b"PK"), None);
        assert_eq!(unnamed_archive(b"MZ\x90"), None);
    }

    #[test]
    fn first_bytes_tell_pictures() {
        assert!(is_picture(b"\xff\xd8\xff\xe0") && is_picture(b"\0\0\0\x1cftypavif\0\0\0\0"));
        assert!(is_picture(b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"));
        assert!(!is_picture(b"BMW is a car maker of Munich") && !is_picture(b""));
        assert!(!is_picture(b"RIFF\0\0\0\0WAVE") && !is_picture(b"\0\0\0\x1cftypmp42"));
    }
}
