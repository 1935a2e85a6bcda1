//! The folder that a run is kept in: the run itself, its table, its network.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnette_engine::train::checkpoint::{Checkpoint, CheckpointError};
use resnette_protocol::saved::run_file;
use resnette_spec::epoch::EPOCH_HEADER;

use crate::whole_file::{self, WriteError, whole_name};

/// The run, from which `--resume` goes on. The page opens it too.
pub const RUN_FILE: &str = "run.resnette";
/// The table of epochs.
pub const TABLE_FILE: &str = "history.csv";
/// The network in 32 bits.
pub const MODEL_FILE: &str = "model.safetensors";
/// The network in 16 bits.
pub const HALF_FILE: &str = "model-f16.safetensors";
/// The network in Burn's format.
pub const BURN_FILE: &str = "model.bpk";
/// The PyTorch that loads the network.
pub const SNIPPET_FILE: &str = "load.py";

/// Every file that is written to the folder of a run. One rule holds for all: none that is there is
/// replaced unasked, none that is no ordinary file is replaced at all.
pub const OUTPUTS: [&str; 6] =
    [RUN_FILE, TABLE_FILE, MODEL_FILE, HALF_FILE, BURN_FILE, SNIPPET_FILE];

/// The name with which it is tried whether files can be written.
const PROBE: &str = "probe";
/// The largest table that is read to count its epochs, in bytes: a thousand epochs have a twentieth
/// of that.
const MAX_TABLE_BYTES: u64 = 1_000_000;

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
    /// Another process writes its run there.
    #[error(
        "{0} is used by another resnette, whose run is kept there. Choose another folder, or wait \
         until it has ended"
    )]
    InUse(PathBuf),
    /// There is a run in it already, or another file with a name that would be written.
    #[error("{folder} holds {found} already, which is kept. {}", way_out(*.is_run))]
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// What it holds.
        found: String,
        /// Whether that is a run that can go on.
        is_run: bool,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
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

/// What to do about a folder that holds something already.
fn way_out(is_run: bool) -> &'static str {
    if is_run {
        "Choose another folder, go on with that run by --resume, or replace it by --force"
    } else {
        "Choose another folder, or replace what a run writes by --force"
    }
}

/// A folder into which a run can be written. As long as it is there, no other process uses it.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// What is locked; `None` where folders cannot be, as on some network drives.
    _lock: Option<Arc<File>>,
    /// Whether it holds files of another run, which this one is to replace.
    replaces: bool,
}

impl RunFolder {
    /// Makes a folder ready for a new run, before anything is computed: it is made if it is not
    /// there, and a file is written to it and taken away again. What it holds stays until
    /// [`Self::remove_others`].
    ///
    /// # Errors
    /// [`RunFolderError`] if it cannot be written to, or if it holds files that would be replaced
    /// and `replace` is false.
    pub fn create(path: &Path, replace: bool) -> Result<Self, RunFolderError> {
        let mut folder = Self::prepare(path)?;
        match folder.holds() {
            Some(found) if !replace => {
                let is_run = folder.has(RUN_FILE);
                return Err(RunFolderError::Occupied { folder: folder.path, found, is_run });
            }
            found => folder.replaces = found.is_some(),
        }
        folder.probe()?;
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
        let folder = Self::prepare(path)?;
        folder.probe()?;
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

    /// Whether it holds files of another run, which this one is to replace.
    pub fn replaces(&self) -> bool {
        self.replaces
    }

    /// Writes a file in place of the one with this name.
    ///
    /// # Errors
    /// [`WriteError`]; the file that was there is whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        whole_file::write(&self.path.join(name), bytes)
    }

    /// Takes away the files that the run before has left, once this one has written some of its
    /// own. Nobody can then go on with a run that was replaced, or take its network for this one's.
    ///
    /// # Errors
    /// [`WriteError`] if one cannot be taken away.
    pub fn remove_others(&mut self, written: &[&str]) -> Result<(), WriteError> {
        for name in OUTPUTS.into_iter().filter(|name| !written.contains(name) && self.has(name)) {
            let path = self.path.join(name);
            whole_file::check_target(&path)?;
            fs::remove_file(&path).map_err(|error| WriteError::System { path, error })?;
        }
        self.replaces = false;
        Ok(())
    }

    /// What the folder holds of a run, in a few words; `None` if it holds nothing that a run would
    /// replace.
    pub fn holds(&self) -> Option<String> {
        let epochs = self.epochs();
        let is_run = self.has(RUN_FILE) || self.has(MODEL_FILE);
        match OUTPUTS.into_iter().find(|name| self.has(name))? {
            _ if is_run && epochs == 1 => Some("a run of 1 epoch".into()),
            _ if is_run && epochs > 1 => Some(format!("a run of {epochs} epochs")),
            name if is_run => Some(format!("a run ({name})")),
            name => Some(name.into()),
        }
    }

    /// How many epochs the table has; 0 if there is none, or another file of this name.
    fn epochs(&self) -> usize {
        let path = self.path.join(TABLE_FILE);
        // A pipe would never end.
        let is_read = fs::symlink_metadata(&path)
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_TABLE_BYTES);
        let table =
            if is_read { fs::read_to_string(path).unwrap_or_default() } else { String::new() };
        let mut lines = table.lines();
        match lines.next() {
            Some(header) if header == EPOCH_HEADER.join(",") => {
                lines.filter(|line| !line.is_empty()).count()
            }
            _ => 0,
        }
    }

    fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.path.join(name)).is_ok()
    }

    /// Makes the folder if it is not there, locks it and looks at what would be replaced.
    fn prepare(path: &Path) -> Result<Self, RunFolderError> {
        // What stands behind a link and a slash is the place that the link leads to.
        let path: PathBuf = path.components().collect();
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => return Err(RunFolderError::Link(path)),
            Ok(metadata) if !metadata.is_dir() => return Err(RunFolderError::NotAFolder(path)),
            Ok(_) => {}
            Err(_) => fs::create_dir_all(&path)
                .map_err(|error| WriteError::System { path: path.clone(), error })?,
        }
        let lock = lock(&path)?;
        for name in OUTPUTS {
            whole_file::check_target(&path.join(name))?;
        }
        let folder = Self { path, _lock: lock, replaces: false };
        if folder._lock.is_some() {
            folder.remove_parts();
        }
        Ok(folder)
    }

    /// Tries whether files can be written.
    fn probe(&self) -> Result<(), WriteError> {
        let path = self.path.clone();
        whole_file::probe(&path.join(PROBE)).map_err(|error| WriteError::System { path, error })
    }

    /// Takes away what programs that were killed have left of files that they were writing. Nobody
    /// else writes here.
    fn remove_parts(&self) {
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let whole = name.to_str().and_then(whole_name);
            if whole.is_some_and(|name| name == PROBE || OUTPUTS.contains(&name))
                && entry.file_type().is_ok_and(|kind| kind.is_file())
            {
                // It is in nobody's way.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Locks a folder for this process; `None` where folders cannot be locked. The system takes the
/// lock back when the process has ended, however it ends.
fn lock(path: &Path) -> Result<Option<Arc<File>>, RunFolderError> {
    let Ok(folder) = File::open(path) else { return Ok(None) };
    match folder.try_lock() {
        Ok(()) => Ok(Some(Arc::new(folder))),
        Err(TryLockError::WouldBlock) => Err(RunFolderError::InUse(path.into())),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}
