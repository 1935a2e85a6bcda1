//! Files on disk, for the command line and the tests.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use resnette_image_parquet::source::SourceError;

use crate::open_file::OpenFile;

/// More files than any image set of ours; ImageNet has 1.3 million in archives.
const MOST_FILES: usize = 500_000;
/// Deeper folders are a loop or none of ours.
const DEEPEST: usize = 12;

/// A file on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFile {
    place: PathBuf,
    path: String,
    size: u64,
}

impl DiskFile {
    /// The file, or all files of the folder and the folders in it, with paths from the opened one
    /// on. Links are not followed.
    ///
    /// # Errors
    /// [`SourceError::Unreadable`]
    pub fn open(place: &Path) -> Result<Vec<Self>, SourceError> {
        let about = fs::metadata(place).map_err(|error| unreadable(place, error))?;
        let name = place
            .canonicalize()
            .ok()
            .and_then(|place| Some(place.file_name()?.to_string_lossy().into_owned()));
        let name = name.unwrap_or_else(|| place.display().to_string());
        if about.is_file() {
            return Ok(vec![Self { place: place.into(), path: name, size: about.len() }]);
        }
        let mut files = Vec::new();
        walk(place, &name, 0, &mut files)?;
        Ok(files)
    }
}

fn walk(
    folder: &Path,
    path: &str,
    depth: usize,
    files: &mut Vec<DiskFile>,
) -> Result<(), SourceError> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        let Ok(about) = entry.metadata() else { continue };
        let inner = format!("{path}/{}", entry.file_name().to_string_lossy());
        if about.is_dir() && depth < DEEPEST {
            walk(&entry.path(), &inner, depth + 1, files)?;
        } else if about.is_file() && files.len() < MOST_FILES {
            files.push(DiskFile { place: entry.path(), path: inner, size: about.len() });
        }
    }
    Ok(())
}

fn unreadable(place: &Path, error: impl ToString) -> SourceError {
    SourceError::Unreadable { name: place.display().to_string(), reason: error.to_string() }
}

impl OpenFile for DiskFile {
    fn path(&self) -> &str {
        &self.path
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let failed = |error| unreadable(&self.place, error);
        let mut file = File::open(&self.place).map_err(failed)?;
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
