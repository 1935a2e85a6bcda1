//! Keeps what a run has reached: after each epoch, when it is stopped, and at its end.

use std::path::{Path, PathBuf};

use anyhow::Context;
use burn::module::Module;
use resnette_engine::model::Network;
use resnette_engine::model::file::ModelFile;
use resnette_engine::model::safetensors::Precision;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_engine::train::export::export_model;
use resnette_engine::train::learner::Learner;
use resnette_spec::epoch::{EPOCH_HEADER, EpochRow};
use resnette_spec::pytorch::pytorch_snippet;

use crate::correction_args::CorrectionArgs;
use crate::output::tell;
use crate::quoted::quoted;
use crate::run_folder::{MODEL_FILE, RUN_FILE, RunFolder, RunFolderError, TABLE_FILE};

/// Where a run is kept.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct KeepArgs {
    /// Folder for the run (run.resnette), history.csv, the network (safetensors in 32 and 16 bits,
    /// burnpack) and the PyTorch that loads it. The run is saved after every epoch.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Replace the run that the folder holds.
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

/// Writes the run as it is, and the table of its epochs. A fine-tuning cannot be resumed, so its
/// network is written instead.
///
/// # Errors
/// If the run cannot be read from the device, or a file cannot be written.
pub async fn save_progress(folder: &RunFolder, learner: &mut Learner) -> anyhow::Result<()> {
    if learner.is_fine_tuning {
        let file = export_model(learner).await?;
        folder.write(MODEL_FILE, &file.write(Precision::F32)?)?;
    } else {
        folder.write(RUN_FILE, &learner.checkpoint().await?.write(0)?)?;
    }
    Ok(folder.write(TABLE_FILE, table(&learner.history).as_bytes())?)
}

/// Writes the results of a run that has ended. What cannot be written to the folder goes to a
/// folder for temporary files, so that no run is lost to a full disk.
///
/// # Errors
/// If a file could not be written to its place; the message says where it is instead.
pub async fn save_results(folder: &RunFolder, learner: &mut Learner) -> anyhow::Result<()> {
    let checkpoint = match learner.is_fine_tuning {
        true => None,
        false => Some(learner.checkpoint().await?),
    };
    let model = export_model(learner).await?;
    let files = result_files(learner, &model, checkpoint.as_ref())?;
    let mut failed = Vec::new();
    for (name, bytes) in &files {
        if let Err(error) = folder.write(name, bytes) {
            failed.push((name, bytes, error));
        }
    }
    let Some((_, _, first)) = failed.first() else { return Ok(()) };
    let reason = first.to_string();
    let rescue = std::env::temp_dir().join(format!("resnette-{}", std::process::id()));
    let rescued = RunFolder::create(&rescue, true).and_then(|rescue| {
        failed.iter().try_for_each(|(name, bytes, _)| rescue.write(name, bytes))
    });
    let names: Vec<&str> = failed.iter().map(|(name, ..)| **name).collect();
    match rescued {
        Ok(()) => anyhow::bail!(
            "{reason}. Its place is taken by {}, which has {}; move them before the system clears it",
            rescue.display(),
            names.join(", ")
        ),
        Err(error) => anyhow::bail!(
            "{reason}, and neither could it be kept elsewhere ({error}). The run after its last \
             whole epoch is in {}",
            folder.path().display()
        ),
    }
}

/// The files of the results: names and bytes.
fn result_files(
    learner: &Learner,
    model: &ModelFile,
    checkpoint: Option<&Checkpoint>,
) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    let mut files = vec![
        (TABLE_FILE, table(&learner.history).into_bytes()),
        (MODEL_FILE, model.write(Precision::F32)?),
    ];
    if let Some(checkpoint) = checkpoint {
        match checkpoint.write(0) {
            Ok(bytes) => files.push((RUN_FILE, bytes)),
            // Told before the first epoch too.
            Err(error) => tell(format_args!("{RUN_FILE} is not written: {error}")),
        }
    }
    // A number may be too large for 16 bits: that is no reason to lose the others.
    match model.write(Precision::F16) {
        Ok(bytes) => files.push(("model-f16.safetensors", bytes)),
        Err(error) => tell(format_args!("model-f16.safetensors is not written: {error}")),
    }
    // A network of torchvision needs no code of its own, since torchvision can build it.
    if let Network::Chapter(network) = learner.model.valid() {
        let snippet = pytorch_snippet(
            &model.config.net,
            model.info.classes.len(),
            model.info.size,
            MODEL_FILE,
        );
        files.push(("load.py", snippet.into_bytes()));
        files.push(("model.bpk", network.into_record().into_bytes()?.to_vec()));
    }
    Ok(files)
}

/// How to go on with a run that was stopped, for a person.
pub fn how_to_resume(folder: &Path, data: Option<&Path>, corrections: &CorrectionArgs) -> String {
    let place = |path: &Path| quoted(&path.display().to_string());
    let data = data.map_or_else(String::new, |data| format!(" --data {}", place(data)));
    let corrections = corrections.as_typed();
    format!("go on with: resnette train --resume --out {}{data}{corrections}", place(folder))
}

/// The table of epochs as comma-separated values.
fn table(history: &[EpochRow]) -> String {
    let mut csv = EPOCH_HEADER.join(",") + "\n";
    for epoch in history {
        csv += &(epoch.cells().join(",") + "\n");
    }
    csv
}

/// Reads the run of a folder, from which it goes on.
///
/// # Errors
/// If there is none, or if it cannot be read or used.
pub fn open_run(out: Option<&Path>) -> anyhow::Result<(RunFolder, Checkpoint)> {
    let out = out.context("--resume needs --out, the folder of the run")?;
    Ok(RunFolder::reopen(out)?)
}
