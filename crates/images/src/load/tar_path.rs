//! The paths of a tar archive's entries, including long ones.
//!
//! A header has room for 100 bytes. GNU tar writes a longer path into an entry of its own before
//! the file's, and pax (POSIX.1-2001) into records of such an entry. The `tar` crate would gather
//! these itself, but it accepts a path of any length.

use std::io::{self, Read};

/// The longest path that is read, in bytes.
const MAX_PATH_BYTES: u64 = 64 * 1024;

/// What an entry of an archive is, as far as paths are concerned.
pub enum EntryPath {
    /// An entry with this path.
    Path(String),
    /// An entry that only describes the next one.
    Metadata,
}

/// Why the path of an entry cannot be read.
pub enum PathError {
    /// It is longer than any sensible path.
    TooLong,
    /// The archive cannot be read.
    Read(io::Error),
}

/// Reads the path of an entry. `long_path` carries a long path over from the entry that contains it
/// to the next one.
///
/// # Errors
/// A [`PathError`] if a path is too long or the archive cannot be read.
pub fn read_path(
    entry: &mut tar::Entry<impl Read>,
    long_path: &mut Option<Vec<u8>>,
) -> Result<EntryPath, PathError> {
    let kind = entry.header().entry_type();
    let is_pax = kind.is_pax_local_extensions();
    if is_pax || kind.is_gnu_longname() {
        if entry.size() > MAX_PATH_BYTES {
            return Err(PathError::TooLong);
        }
        let mut bytes = Vec::new();
        entry.take(MAX_PATH_BYTES).read_to_end(&mut bytes).map_err(PathError::Read)?;
        if is_pax {
            if let Some(path) = pax_path(&bytes) {
                *long_path = Some(path.to_vec());
            }
        } else {
            let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
            bytes.truncate(end);
            *long_path = Some(bytes);
        }
        return Ok(EntryPath::Metadata);
    }
    if kind.is_pax_global_extensions() || kind.is_gnu_longlink() {
        return Ok(EntryPath::Metadata);
    }
    let path = long_path.take().unwrap_or_else(|| entry.header().path_bytes().into_owned());
    Ok(EntryPath::Path(String::from_utf8_lossy(&path).into_owned()))
}

/// The path among pax records, each of the form `LENGTH KEY=VALUE\n`; `None` if there is none.
fn pax_path(mut records: &[u8]) -> Option<&[u8]> {
    while !records.is_empty() {
        let space = records.iter().position(|&byte| byte == b' ')?;
        let length: usize = std::str::from_utf8(&records[..space]).ok()?.parse().ok()?;
        let record = records.get(space + 1..length)?;
        if let Some(path) = record.strip_prefix(b"path=") {
            return path.strip_suffix(b"\n").or(Some(path));
        }
        records = records.get(length..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_found_among_pax_records() {
        assert_eq!(pax_path(b"11 mtime=1\n"), None);
        assert_eq!(pax_path(b"11 mtime=1\n14 path=a/b.c\n"), Some(&b"a/b.c"[..]));
        assert_eq!(pax_path(b"99 path=a\n"), None);
        assert_eq!(pax_path(b""), None);
    }
}
