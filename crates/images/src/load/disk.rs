//! Files and folders on disk, for the command line and the tests.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use resnette_image_parquet::source::SourceError;

use crate::load::open_file::OpenFile;

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
    /// The file at a location, or all files of the folder there and of the folders in it. Symbolic
    /// links inside a folder are not followed.
    ///
    /// # Errors
    /// [`SourceError::Unreadable`] if there is nothing at the location or a folder cannot be read.
    pub fn open(location: &Path) -> Result<Vec<Self>, SourceError> {
        let metadata = fs::metadata(location).map_err(|error| unreadable(location, error))?;
        let name = location
            .canonicalize()
            .ok()
            .and_then(|location| Some(location.file_name()?.to_string_lossy().into_owned()));
        let name = name.unwrap_or_else(|| location.display().to_string());
        if metadata.is_file() {
            let size = metadata.len();
            return Ok(vec![Self { location: location.into(), path: name, size }]);
        }
        let mut files = Vec::new();
        walk(location, &name, 0, &mut files)?;
        Ok(files)
    }
}

/// Adds the files of a folder and of the folders in it to `files`.
fn walk(
    folder: &Path,
    path: &str,
    depth: usize,
    files: &mut Vec<DiskFile>,
) -> Result<(), SourceError> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        let Ok(metadata) = entry.metadata() else { continue };
        let inner = format!("{path}/{}", entry.file_name().to_string_lossy());
        if metadata.is_dir() && depth < MAX_DEPTH {
            walk(&entry.path(), &inner, depth + 1, files)?;
        } else if metadata.is_file() && files.len() < MAX_FILES {
            files.push(DiskFile { location: entry.path(), path: inner, size: metadata.len() });
        }
    }
    Ok(())
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
