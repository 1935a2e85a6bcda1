//! The folder that a run is kept in: the run itself, its table and its network.
//!
//! Every file is written under another name beside the old one and then renamed, so that a program
//! that is killed, or a full disk, leaves the old file whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use resnette_engine::train::checkpoint::{Checkpoint, CheckpointError};
use resnette_protocol::saved::run_file;

/// The run, from which `--resume` goes on. The page opens it too.
pub const RUN_FILE: &str = "run.resnette";
/// The table of epochs.
pub const TABLE_FILE: &str = "history.csv";
/// The network in 32 bits.
pub const MODEL_FILE: &str = "model.safetensors";

/// Why a folder cannot be used, or a file in it cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RunFolderError {
    /// It is a link.
    #[error(
        "{0} is a link, and files are written to no other place than the one that is named; give the folder itself"
    )]
    Link(PathBuf),
    /// It is something else than a folder.
    #[error("{0} is no folder; choose another name for --out")]
    NotAFolder(PathBuf),
    /// There is a run in it already.
    #[error(
        "{folder} holds {found} already, which is kept. Choose another folder, go on with that run \
         by --resume, or replace it by --force"
    )]
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// What it holds.
        found: String,
    },
    /// The file to be replaced is a link, a pipe or a device.
    #[error(
        "{0} is no ordinary file, so it is not replaced; take it away or choose another folder"
    )]
    NotAFile(PathBuf),
    /// The system refuses.
    #[error("{path} cannot be written ({error})")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// There is nothing to resume.
    #[error("{0} holds no run ({RUN_FILE}) to go on with; leave --resume out to begin one")]
    NoRun(PathBuf),
    /// The saved run cannot be read.
    #[error("{path} cannot be read ({error})")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The saved run cannot be used.
    #[error("{path} cannot be used: {error}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: CheckpointError,
    },
}

/// A folder into which a run can be written.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes a folder ready for a new run, before anything is computed: it is made if it is not
    /// there, and a file is written to it and taken away again.
    ///
    /// # Errors
    /// [`RunFolderError`] if it cannot be written to, or if it holds a run and `replace` is false.
    pub fn create(path: &Path, replace: bool) -> Result<Self, RunFolderError> {
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_symlink() => return Err(RunFolderError::Link(path.into())),
            Ok(metadata) if !metadata.is_dir() => {
                return Err(RunFolderError::NotAFolder(path.into()));
            }
            Ok(_) => {}
            Err(_) => fs::create_dir_all(path)
                .map_err(|error| RunFolderError::Write { path: path.into(), error })?,
        }
        let folder = Self { path: path.into() };
        if !replace && let Some(found) = folder.found() {
            return Err(RunFolderError::Occupied { folder: path.into(), found });
        }
        for name in [RUN_FILE, TABLE_FILE, MODEL_FILE] {
            folder.check_target(name)?;
        }
        let probe = folder.path.join(temporary("probe"));
        fs::write(&probe, b"resnette")
            .and_then(|()| fs::remove_file(&probe))
            .map_err(|error| RunFolderError::Write { path: path.into(), error })?;
        Ok(folder)
    }

    /// Opens the folder of a run that is to go on, and reads the run.
    ///
    /// # Errors
    /// [`RunFolderError`] if there is no run, or if it cannot be read or the folder not written to.
    pub fn reopen(path: &Path) -> Result<(Self, Checkpoint), RunFolderError> {
        let file = path.join(RUN_FILE);
        let metadata =
            fs::symlink_metadata(&file).map_err(|_| RunFolderError::NoRun(path.into()))?;
        if !metadata.is_file() {
            return Err(RunFolderError::NotAFile(file));
        }
        let folder = Self::create(path, true)?;
        let unusable = |error| RunFolderError::Unusable { path: file.clone(), error };
        if metadata.len() > run_file::MAX_FILE_BYTES {
            let error = io::Error::other("it is larger than any run that is saved");
            return Err(RunFolderError::Read { path: file, error });
        }
        let bytes =
            fs::read(&file).map_err(|error| RunFolderError::Read { path: file.clone(), error })?;
        let (_, checkpoint) = Checkpoint::read(&bytes).map_err(unusable)?;
        Ok((folder, checkpoint))
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file in place of the one with this name.
    ///
    /// # Errors
    /// [`RunFolderError`]; the file that was there is whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), RunFolderError> {
        self.check_target(name)?;
        let path = self.path.join(name);
        let beside = self.path.join(temporary(name));
        let written = write_whole(&beside, bytes).and_then(|()| fs::rename(&beside, &path));
        written.map_err(|error| {
            // A rest of it would only fill the disk further.
            let _ = fs::remove_file(&beside);
            RunFolderError::Write { path, error }
        })
    }

    /// What the folder holds of a run, in a few words; `None` if it holds nothing of one.
    fn found(&self) -> Option<String> {
        let there = |name: &str| fs::symlink_metadata(self.path.join(name)).is_ok();
        let table = fs::read_to_string(self.path.join(TABLE_FILE)).unwrap_or_default();
        let epochs = table.lines().skip(1).filter(|line| !line.is_empty()).count();
        if epochs > 0 {
            return Some(format!("a run of {epochs} epochs"));
        }
        [RUN_FILE, TABLE_FILE, MODEL_FILE]
            .into_iter()
            .find(|name| there(name))
            .map(|name| format!("a run ({name})"))
    }

    /// Refuses to replace a link, a pipe or a device: somebody put it there for another purpose.
    fn check_target(&self, name: &str) -> Result<(), RunFolderError> {
        let path = self.path.join(name);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if !metadata.is_file() => Err(RunFolderError::NotAFile(path)),
            _ => Ok(()),
        }
    }
}

/// The name under which a file is written before it is renamed.
fn temporary(name: &str) -> OsString {
    format!(".{name}.{}.part", std::process::id()).into()
}

/// Writes a file and waits until the disk has it.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
