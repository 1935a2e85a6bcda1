//! Files that are written whole or not at all, and to no other place than the one that is named.
//!
//! A file is written under another name beside the old one and then renamed, so that a program that
//! is killed, or a full disk, leaves the old file whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf, is_separator};
use std::process;

/// The end of the name under which a file is written before it is renamed.
const PART: &str = "part";

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// What is there is a link, a pipe, a device or a folder.
    #[error(
        "{0} is no ordinary file, so it is not replaced; take it away or choose another folder"
    )]
    NotAFile(PathBuf),
    /// The name is that of a folder.
    #[error("{0} names a folder, and a file is to be written; give the file's name")]
    NamesAFolder(PathBuf),
    /// There is such a file.
    #[error("{0} is there already, and is kept. Choose another name, or replace it by --force")]
    Exists(PathBuf),
    /// The system refuses.
    #[error("{path} cannot be written ({error})")]
    System {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// Tries, before any work, whether a file can be written under a name that somebody chose.
///
/// # Errors
/// [`WriteError`], also if there is such a file and `replace` is false.
pub fn try_out(path: &Path, replace: bool) -> Result<(), WriteError> {
    let name = path.to_string_lossy();
    // A file name of its own is what the last component has to be: `a/` and `a/.` are folders.
    let last = name.rsplit(is_separator).next();
    if matches!(last, None | Some("" | "." | "..")) {
        return Err(WriteError::NamesAFolder(path.into()));
    }
    check_target(path)?;
    if !replace && fs::symlink_metadata(path).is_ok() {
        return Err(WriteError::Exists(path.into()));
    }
    probe(path).map_err(|error| WriteError::System { path: path.into(), error })
}

/// Writes a file of a few bytes beside `path`, and takes it away.
///
/// # Errors
/// What the system says.
pub fn probe(path: &Path) -> io::Result<()> {
    let probe = beside(path);
    write_new(&probe, b"resnette").and_then(|()| fs::remove_file(&probe))
}

/// Writes a file in place of the one with this name.
///
/// # Errors
/// [`WriteError`]; the file that was there is whole.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    check_target(path)?;
    let beside = beside(path);
    write_new(&beside, bytes).and_then(|()| fs::rename(&beside, path)).map_err(|error| {
        // A rest of it would only fill the disk further.
        let _ = fs::remove_file(&beside);
        WriteError::System { path: path.into(), error }
    })
}

/// Refuses to replace a link, a pipe, a device or a folder: somebody put it there for another
/// purpose.
///
/// # Errors
/// [`WriteError::NotAFile`]
pub fn check_target(path: &Path) -> Result<(), WriteError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(WriteError::NotAFile(path.into())),
        _ => Ok(()),
    }
}

/// The file that `name` is a part of, if it is a name that [`write()`] gives to what is not
/// complete.
pub fn whole_name(name: &str) -> Option<&str> {
    let name = name.strip_prefix('.')?.strip_suffix(PART)?.strip_suffix('.')?;
    let (name, number) = name.rsplit_once('.')?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(name)
}

/// Where a file is written before it is renamed.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.{PART}", process::id()));
    path.with_file_name(name)
}

/// Writes a file that is not there and waits until the disk has it. What a killed program with the
/// same number left there is taken away; so is a link, which is not followed.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = match File::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            File::create_new(path)?
        }
        file => file?,
    };
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn parts_are_known_by_their_names() {
        let part = beside(Path::new("out/run.resnette"));
        let name = part.file_name().unwrap().to_str().unwrap();
        assert_eq!(whole_name(name), Some("run.resnette"));
        for other in ["run.resnette", ".run.resnette.part", ".run.resnette.x7.part", ".part", ""] {
            assert_eq!(whole_name(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_with_a_slash_at_its_end_names_a_folder() {
        for name in ["a/", "a//", "/", ".", "..", "a/..", "a/.", ""] {
            let refused = try_out(Path::new(name), true);
            assert!(matches!(refused, Err(WriteError::NamesAFolder(_))), "{name}");
        }
    }
}
