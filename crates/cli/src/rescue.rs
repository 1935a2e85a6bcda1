//! Keeps files elsewhere if the folder of a run does not take them any more: its disk is full, or
//! it was taken away.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};
use std::{env, process};

use crate::whole_file;

/// How many names are tried for the folder. Each belongs to a process that had the same number.
const MAX_NAMES: u32 = 1_000;

/// Where files are instead.
#[derive(Debug, Default)]
pub struct Rescue {
    /// The folders, and which files each has.
    pub kept: Vec<(PathBuf, Vec<&'static str>)>,
    /// The files that are nowhere.
    pub lost: Vec<&'static str>,
}

/// Writes files to a new folder among those for temporary files, and what that does not take to
/// one in the person's home.
pub fn rescue(files: &[(&'static str, Vec<u8>)]) -> Rescue {
    rescue_to([Some(env::temp_dir()), env::home_dir()].into_iter().flatten(), files)
}

fn rescue_to(places: impl Iterator<Item = PathBuf>, files: &[(&'static str, Vec<u8>)]) -> Rescue {
    let mut rescue = Rescue::default();
    let mut left: Vec<_> = files.iter().collect();
    for place in places {
        if left.is_empty() {
            break;
        }
        let Ok(folder) = new_folder(&place) else { continue };
        let (written, others): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|(name, bytes)| whole_file::write(&folder.join(name), bytes).is_ok());
        left = others;
        if written.is_empty() {
            // It is of no use, and in nobody's way if it stays.
            let _ = fs::remove_dir(&folder);
        } else {
            rescue.kept.push((folder, written.iter().map(|(name, _)| *name).collect()));
        }
    }
    rescue.lost = left.iter().map(|(name, _)| *name).collect();
    rescue
}

/// Makes a folder that was not there, which only its owner can open. Nothing of another process is
/// replaced, and no link is followed.
fn new_folder(place: &Path) -> io::Result<PathBuf> {
    let place = std::path::absolute(place)?;
    for number in 1..=MAX_NAMES {
        let name = match number {
            1 => format!("resnette-rescued-{}", process::id()),
            _ => format!("resnette-rescued-{}-{number}", process::id()),
        };
        match builder().create(place.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map(|()| place.join(name)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(unix)]
fn builder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;

    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn builder() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_rescue_has_a_folder_of_its_own() {
        let place = env::temp_dir().join(format!("resnette-rescue-test-{}", process::id()));
        fs::create_dir(&place).unwrap();
        let files = [("a", b"1".to_vec()), ("b", b"2".to_vec())];
        let absent = place.join("absent");
        let places = || [absent.clone(), place.clone()].into_iter();
        let (first, second) = (rescue_to(places(), &files), rescue_to(places(), &files[..1]));
        let folder = |rescue: &Rescue| rescue.kept[0].0.clone();
        assert_ne!(folder(&first), folder(&second));
        assert_eq!((&first.kept[0].1[..], first.lost.len()), (&["a", "b"][..], 0));
        assert_eq!(fs::read(folder(&first).join("b")).unwrap(), b"2");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder(&first)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        let nowhere = rescue_to([absent].into_iter(), &files);
        assert_eq!((nowhere.kept.len(), &nowhere.lost[..]), (0, &["a", "b"][..]));
        fs::remove_dir_all(place).unwrap();
    }
}
