//! Files and folders on disk, for the command line and the tests.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use resnette_image_parquet::source::SourceError;

use crate::load::open_file::OpenFile;
use crate::problems::Problems;

/// The most files that are listed in a folder.
const MAX_FILES: usize = 500_000;
/// The deepest nesting of folders that is followed.
const MAX_DEPTH: usize = 12;

/// A file on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFile {
    /// Where the file is.
    location: PathBuf,
    /// See [`OpenFile::path`].
    path: String,
    /// Length in bytes.
    size: u64,
}

impl DiskFile {
    /// The file at a location, or all files of the folder there and of the folders in it, in the
    /// order of their names.
    ///
    /// Symbolic links inside a folder are followed to what lies in the same folder. Other links,
    /// and what is nested too deep, are added to `problems`.
    ///
    /// # Errors
    /// [`SourceError::Unreadable`] if there is nothing at the location or a folder cannot be read.
    pub fn open_telling(
        location: &Path,
        problems: &mut Problems,
    ) -> Result<Vec<Self>, SourceError> {
        let metadata = fs::metadata(location).map_err(|error| unreadable(location, error))?;
        let canonical = location.canonicalize().map_err(|error| unreadable(location, error))?;
        let name = canonical.file_name().map(readable_name);
        let name = name.unwrap_or_else(|| location.display().to_string());
        if metadata.is_file() {
            let size = metadata.len();
            return Ok(vec![Self { location: location.into(), path: name, size }]);
        }
        let mut walk = Walk { root: canonical.clone(), files: Vec::new(), left: 0, problems };
        walk.folder(location, &name, &mut vec![canonical])?;
        if walk.left > 0 {
            let reason = format!(
                "{} more files are left out, since at most 500,000 are listed; open fewer at once",
                walk.left
            );
            walk.problems.add(&name, reason);
        }
        Ok(walk.files)
    }

    /// Like [`DiskFile::open_telling`], without telling what is left out.
    ///
    /// # Errors
    /// See there.
    pub fn open(location: &Path) -> Result<Vec<Self>, SourceError> {
        Self::open_telling(location, &mut Problems::default())
    }
}

/// Lists the files of a folder.
struct Walk<'a> {
    /// The opened folder, without links in its path.
    root: PathBuf,
    files: Vec<DiskFile>,
    /// The number of files beyond [`MAX_FILES`].
    left: usize,
    problems: &'a mut Problems,
}

impl Walk<'_> {
    /// Adds the files of a folder and of the folders in it. `around` holds the folder and those
    /// that lead to it, without links in their paths.
    fn folder(
        &mut self,
        folder: &Path,
        path: &str,
        around: &mut Vec<PathBuf>,
    ) -> Result<(), SourceError> {
        let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
        let mut names = Vec::new();
        for entry in entries {
            names.push(entry.map_err(|error| unreadable(folder, error))?.file_name());
        }
        names.sort();
        let mut taken = BTreeSet::new();
        for name in names {
            let location = folder.join(&name);
            let inner = format!("{path}/{}", distinct_name(&name, &mut taken));
            let Ok(metadata) = fs::symlink_metadata(&location) else { continue };
            let (metadata, target) = match metadata.is_symlink() {
                false => (metadata, location.clone()),
                true => match self.follow(&location, around) {
                    Ok(followed) => followed,
                    Err(reason) => {
                        self.problems.add(&inner, reason);
                        continue;
                    }
                },
            };
            if metadata.is_file() {
                self.add(DiskFile { location, path: inner, size: metadata.len() });
            } else if metadata.is_dir() && around.len() > MAX_DEPTH {
                self.problems.add(&inner, "it lies in more than 12 folders inside each other and is left out; open a folder further in");
            } else if metadata.is_dir() && self.files.len() < MAX_FILES {
                let own_name = location.file_name().unwrap_or_default();
                let is_link = target != location;
                let own = match (is_link, around.last()) {
                    (false, Some(last)) => last.join(own_name),
                    _ => target,
                };
                around.push(own);
                self.folder(&location, &inner, around)?;
                around.pop();
            }
        }
        Ok(())
    }

    fn add(&mut self, file: DiskFile) {
        if self.files.len() < MAX_FILES { self.files.push(file) } else { self.left += 1 }
    }

    /// What a link leads to.
    ///
    /// # Errors
    /// The reason, if it leads nowhere, out of the opened folder or in a circle.
    fn follow(&self, link: &Path, around: &[PathBuf]) -> Result<(Metadata, PathBuf), &'static str> {
        let leads = |target: io::Result<PathBuf>| Some((fs::metadata(link).ok()?, target.ok()?));
        let Some((metadata, target)) = leads(link.canonicalize()) else {
            return Err("this link leads to nothing; it is left out");
        };
        if !target.starts_with(&self.root) {
            return Err(
                "this link leads out of the opened folder and is not followed; copy what it leads to into the folder",
            );
        }
        if metadata.is_dir() && around.iter().any(|folder| folder.starts_with(&target)) {
            return Err("this link leads to a folder around it and is not followed");
        }
        Ok((metadata, target))
    }
}

/// A file's name. What is not valid UTF-8 in it is spelled as `\xE4`.
fn readable_name(name: &OsStr) -> String {
    let spell = |chunk: std::str::Utf8Chunk<'_>| {
        let invalid: String = chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}")).collect();
        format!("{}{invalid}", chunk.valid())
    };
    name.as_encoded_bytes().utf8_chunks().map(spell).collect()
}

/// The name of a file in a folder, different from all others there.
fn distinct_name(name: &OsStr, taken: &mut BTreeSet<String>) -> String {
    let readable = readable_name(name);
    let numbered = (2_u32..).map(|number| format!("{readable} ({number})"));
    let free = std::iter::once(readable.clone()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or(readable);
    taken.insert(free.clone());
    free
}

fn unreadable(location: &Path, error: impl ToString) -> SourceError {
    SourceError::Unreadable { name: location.display().to_string(), reason: error.to_string() }
}

impl OpenFile for DiskFile {
    fn path(&self) -> &str {
        &self.path
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let failed = |error| unreadable(&self.location, error);
        let mut file = File::open(&self.location).map_err(failed)?;
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(length).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 == length {
            Ok(bytes.into())
        } else {
            Err(SourceError::Short {
                name: self.path.clone(),
                wanted: start.saturating_add(length),
            })
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("resnette-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn links_are_followed_within_the_folder_or_told() {
        let root = scratch("links");
        let set = root.join("set");
        fs::create_dir_all(set.join("cat/deep")).unwrap();
        fs::write(set.join("cat/1.jpg"), "1").unwrap();
        fs::write(root.join("outside.jpg"), "no").unwrap();
        symlink("1.jpg", set.join("cat/2.jpg")).unwrap();
        symlink("cat", set.join("cats too")).unwrap();
        symlink("../..", set.join("cat/deep/loop")).unwrap();
        symlink("../../outside.jpg", set.join("cat/3.jpg")).unwrap();
        symlink("/etc", set.join("etc")).unwrap();
        symlink("nothing", set.join("cat/4.jpg")).unwrap();
        // One that leads out of the folder and back into it through another link.
        symlink(&root, set.join("around")).unwrap();
        let mut problems = Problems::default();
        let files = DiskFile::open_telling(&set, &mut problems).unwrap();
        let paths: Vec<&str> = files.iter().map(|file| file.path()).collect();
        assert_eq!(
            paths,
            ["set/cat/1.jpg", "set/cat/2.jpg", "set/cats too/1.jpg", "set/cats too/2.jpg"]
        );
        assert_eq!(files[1].read_at(0, 1).unwrap(), "1");
        let told: Vec<String> = problems
            .into_vec()
            .into_iter()
            .map(|problem| format!("{}: {}", problem.name, problem.reason))
            .collect();
        for part in [
            "set/around: this link leads out",
            "set/etc: this link leads out",
            "set/cat/3.jpg: this link leads out",
            "set/cat/4.jpg: this link leads to nothing",
            "set/cat/deep/loop: this link leads to a folder around it",
            "set/cats too/deep/loop: this link leads to a folder around it",
        ] {
            assert!(told.iter().any(|told| told.starts_with(part)), "{part}: {told:#?}");
        }
        // A link as the opened place itself is followed wherever it leads.
        symlink(&set, root.join("link")).unwrap();
        assert_eq!(DiskFile::open(&root.join("link")).unwrap().len(), 4);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn names_that_are_not_utf8_stay_different() {
        let root = scratch("names");
        for name in [&b"B\xe4r"[..], b"B\xf6r", b"B\\xE4r", b"Kuh"] {
            fs::create_dir(root.join(OsStr::from_bytes(name))).unwrap();
            fs::write(root.join(OsStr::from_bytes(name)).join("1.jpg"), "1").unwrap();
        }
        let files = DiskFile::open(&root).unwrap();
        let folders: BTreeSet<&str> =
            files.iter().filter_map(|file| file.path().split('/').nth(1)).collect();
        assert_eq!(folders, BTreeSet::from(["B\\xE4r", "B\\xE4r (2)", "B\\xF6r", "Kuh"]));
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_folder_too_deep_is_told() {
        let root = scratch("deep");
        let deep = root.join("d/".repeat(15));
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("1.jpg"), "1").unwrap();
        let mut problems = Problems::default();
        assert_eq!(DiskFile::open_telling(&root, &mut problems).unwrap(), []);
        assert!(problems.first().unwrap().reason.contains("more than 12 folders"));
        fs::remove_dir_all(root).unwrap();
    }
}
