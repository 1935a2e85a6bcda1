//! Keeps what a run has reached: after each epoch, when it is stopped, and at its end.

use std::path::{Path, PathBuf};

use resnette_engine::model::Network;
use resnette_engine::model::file::{ModelFile, SaveError};
use resnette_engine::model::safetensors::{ContainerError, Precision};
use resnette_engine::train::checkpoint::CheckpointError;
use resnette_engine::train::export::export_model;
use resnette_engine::train::learner::Learner;
use resnette_spec::epoch::{EPOCH_HEADER, EpochRow};
use resnette_spec::limits::MAX_RUN_BYTES;
use resnette_spec::pytorch::{pytorch_snippet, torchvision_snippet};

use crate::output::tell;
use crate::rescue::{Rescue, rescue};
use crate::run_folder::{
    BURN_FILE, HALF_FILE, MODEL_FILE, RUN_FILE, RunFolder, RunFolderError, SNIPPET_FILE, TABLE_FILE,
};
use crate::whole_file::WriteError;

/// Where a run is kept.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct KeepArgs {
    /// Folder for the run (run.resnette), history.csv, the network (safetensors in 32 and 16 bits,
    /// burnpack) and the PyTorch that loads it. The run is saved after every epoch.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Replace the files of a run that the folder holds. They stay until the new run is saved for
    /// the first time, before its first step.
    #[arg(long, requires = "out")]
    pub force: bool,
}

impl KeepArgs {
    /// Makes the folder ready, if there is one.
    ///
    /// # Errors
    /// [`RunFolderError`].
    pub fn folder(&self) -> Result<Option<RunFolder>, RunFolderError> {
        self.out.as_deref().map(|out| RunFolder::create(out, self.force)).transpose()
    }
}

/// Why a run is not kept, or not where it should be.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The run cannot be taken from the engine, or is of no use.
    #[error(
        "the run cannot be saved as it is now: {error}. {}",
        still_there(.folder, .holds.as_deref())
    )]
    Run {
        /// The folder of the run.
        folder: PathBuf,
        /// What the folder holds, in a few words.
        holds: Option<String>,
        /// Why.
        error: Box<RunError>,
    },
    /// A file cannot be written to the folder.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Files that cannot be written to the folder are elsewhere, or nowhere.
    #[error("{reason}. {}{}", moved(.rescue), lost(.rescue, .folder, .holds.as_deref()))]
    Moved {
        /// The folder of the run.
        folder: PathBuf,
        /// What the folder holds, in a few words.
        holds: Option<String>,
        /// Why the first of them could not be written.
        reason: WriteError,
        /// Where they are.
        rescue: Box<Rescue>,
    },
    /// Some of the results cannot be made. Each has been told with its reason.
    #[error(
        "{} could not be made, for the reasons above; {} holds the other results",
        .names.join(", "),
        .folder.display()
    )]
    Incomplete {
        /// The folder of the run.
        folder: PathBuf,
        /// The files that are not there.
        names: Vec<&'static str>,
    },
}

/// Why a run or its network cannot be put into a file.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run cannot be taken from the engine, or is of no use.
    #[error(transparent)]
    Run(#[from] CheckpointError),
    /// The network cannot be taken from the engine, or is of no use.
    #[error(transparent)]
    Network(#[from] SaveError),
    /// The file of the network cannot be made.
    #[error(transparent)]
    File(#[from] ContainerError),
}

/// What is in a folder when something new cannot be written to it.
fn still_there(folder: &Path, holds: Option<&str>) -> String {
    match holds {
        Some(holds) => format!("{} holds {holds}, as it was saved before", folder.display()),
        None => format!("{} holds nothing of it", folder.display()),
    }
}

fn moved(rescue: &Rescue) -> String {
    let mut text = String::new();
    for (folder, names) in &rescue.kept {
        let (folder, listed) = (folder.display(), names.join(", "));
        text += &format!(
            "Written to {folder} instead, which only you can open: {listed}. Move that folder \
             before the system clears it"
        );
        if names.contains(&RUN_FILE) {
            text += &format!("; the run goes on from there by --resume --out {folder}");
        }
    }
    text
}

fn lost(rescue: &Rescue, folder: &Path, holds: Option<&str>) -> String {
    if rescue.lost.is_empty() {
        return String::new();
    }
    let before = if rescue.kept.is_empty() { "" } else { ". " };
    format!(
        "{before}No place could be found for {}. {}",
        rescue.lost.join(", "),
        still_there(folder, holds)
    )
}

/// What of a run can be saved while it is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of it: it can go on.
    Run,
    /// Its network as it is: a fine-tuning cannot go on, nor can a run whose file would be larger
    /// than what is opened.
    Network,
}

impl Kept {
    /// What can be saved of this run.
    pub fn of(learner: &Learner) -> Self {
        match learner.is_fine_tuning || learner.file_sizes().run > MAX_RUN_BYTES {
            true => Self::Network,
            false => Self::Run,
        }
    }

    /// The files that [`save_progress`] writes.
    pub fn files(self) -> [&'static str; 2] {
        match self {
            Self::Run => [RUN_FILE, TABLE_FILE],
            Self::Network => [MODEL_FILE, TABLE_FILE],
        }
    }
}

/// Writes the run as it is, or its network, and the table of its epochs.
///
/// # Errors
/// [`KeepError::Run`] or [`KeepError::Write`]; what was saved before is whole.
pub async fn save_progress(folder: &RunFolder, learner: &mut Learner) -> Result<Kept, KeepError> {
    let kept = Kept::of(learner);
    for (name, bytes) in progress(folder, learner, kept).await? {
        folder.write(name, &bytes)?;
    }
    Ok(kept)
}

/// The same for a run that ends now, so that there is no later time: what the folder does not take
/// goes elsewhere.
///
/// # Errors
/// [`KeepError::Run`], or [`KeepError::Moved`] with the place.
pub async fn save_at_stop(folder: &RunFolder, learner: &mut Learner) -> Result<Kept, KeepError> {
    let kept = Kept::of(learner);
    write_or_rescue(folder, progress(folder, learner, kept).await?)?;
    Ok(kept)
}

/// Writes the results of a run that has ended. What the folder does not take goes elsewhere, so
/// that no run is lost to a full disk; a file that cannot be made does not hinder the others.
///
/// # Errors
/// [`KeepError::Moved`] with the place, or [`KeepError::Incomplete`].
pub async fn save_results(folder: &RunFolder, learner: &mut Learner) -> Result<(), KeepError> {
    let mut results = Results::default();
    // The run comes first: all else can be made from it.
    if Kept::of(learner) == Kept::Run {
        results.add(RUN_FILE, run_file(learner).await);
    }
    results.files.push((TABLE_FILE, table(&learner.history).into_bytes()));
    // Exporting the network may take as long as a validation. Should the program be ended during
    // that, the last epoch must not be lost. What cannot be written now is tried again with the
    // rest.
    results.files.retain(|(name, bytes)| folder.write(name, bytes).is_err());
    match export_model(learner).await {
        Ok(model) => results.add_network(&model, matches!(learner.model, Network::Chapter(_))),
        Err(error) => results.add(MODEL_FILE, Err(error.into())),
    }
    write_or_rescue(folder, results.files)?;
    match results.missing {
        names if names.is_empty() => Ok(()),
        names => Err(KeepError::Incomplete { folder: folder.path().into(), names }),
    }
}

/// The files of the results, and which could not be made.
#[derive(Default)]
struct Results {
    files: Vec<(&'static str, Vec<u8>)>,
    missing: Vec<&'static str>,
}

impl Results {
    fn add(&mut self, name: &'static str, made: Result<Vec<u8>, RunError>) {
        match made {
            Ok(bytes) => self.files.push((name, bytes)),
            Err(error) => {
                tell(format_args!("{name} is not written: {error}"));
                self.missing.push(name);
            }
        }
    }

    fn add_network(&mut self, model: &ModelFile, is_chapter: bool) {
        self.add(MODEL_FILE, model.write(Precision::F32).map_err(RunError::from));
        // A number may be too large for 16 bits, which is no fault of the run.
        match model.write(Precision::F16) {
            Ok(bytes) => self.files.push((HALF_FILE, bytes)),
            Err(error) => tell(format_args!("{HALF_FILE} is not written: {error}")),
        }
        let (classes, size) = (model.info.classes.len(), model.info.size);
        let keep = model.info.keep;
        // A network of torchvision with its own head needs no code, since torchvision can build it.
        let snippet = match is_chapter {
            true => Some(pytorch_snippet(&model.config.net, classes, size, keep, MODEL_FILE)),
            false => torchvision_snippet(&model.architecture, size, keep, MODEL_FILE),
        };
        self.files.extend(snippet.map(|snippet| (SNIPPET_FILE, snippet.into_bytes())));
        if is_chapter {
            self.add(BURN_FILE, model.write_burnpack().map_err(RunError::from));
        }
    }
}

/// The files that keep a run as it is now.
async fn progress(
    folder: &RunFolder,
    learner: &mut Learner,
    kept: Kept,
) -> Result<[(&'static str, Vec<u8>); 2], KeepError> {
    let made = match kept {
        Kept::Run => run_file(learner).await,
        Kept::Network => model_file(learner).await,
    };
    let bytes = made.map_err(|error| KeepError::Run {
        folder: folder.path().into(),
        holds: folder.holds(),
        error: error.into(),
    })?;
    let [first, second] = kept.files();
    Ok([(first, bytes), (second, table(&learner.history).into_bytes())])
}

async fn run_file(learner: &mut Learner) -> Result<Vec<u8>, RunError> {
    Ok(learner.checkpoint().await?.write(0)?)
}

async fn model_file(learner: &Learner) -> Result<Vec<u8>, RunError> {
    Ok(export_model(learner).await?.write(Precision::F32)?)
}

/// Writes files to the folder, and to another place what it does not take.
fn write_or_rescue(
    folder: &RunFolder,
    files: impl IntoIterator<Item = (&'static str, Vec<u8>)>,
) -> Result<(), KeepError> {
    let (mut reason, mut refused) = (None, Vec::new());
    for (name, bytes) in files {
        if let Err(error) = folder.write(name, &bytes) {
            reason.get_or_insert(error);
            refused.push((name, bytes));
        }
    }
    let Some(reason) = reason else { return Ok(()) };
    let rescue = Box::new(rescue(&refused));
    Err(KeepError::Moved { folder: folder.path().into(), holds: folder.holds(), reason, rescue })
}

/// The table of epochs as comma-separated values.
fn table(history: &[EpochRow]) -> String {
    let mut csv = EPOCH_HEADER.join(",") + "\n";
    for epoch in history {
        csv += &(epoch.cells().join(",") + "\n");
    }
    csv
}
