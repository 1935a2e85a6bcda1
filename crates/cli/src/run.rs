//! A run from its first step to its last: trained, shown, saved.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use resnette_engine::train::learner::{Learner, LearnerError, Tick};
use resnette_spec::epoch::EPOCH_HEADER;
use resnette_spec::limits::MAX_MODEL_BYTES;

use crate::arguments::{Common, EngineChoice};
use crate::correction_args::CorrectionArgs;
use crate::keep::{KeepError, Kept, save_at_stop, save_progress, save_results};
use crate::output::{print_line, tell};
use crate::quoted::quoted;
use crate::run_folder::{MODEL_FILE, RUN_FILE, RunFolder};
use crate::stop;
use crate::stop::Stopped;
use crate::stream::StreamArgs;

/// Where a run comes from and where it is kept.
#[derive(Clone, Debug)]
pub(super) struct RunPlace {
    /// The pictures, as the command line names them; `None` if they are drawn.
    pub(super) data: Option<PathBuf>,
    /// What is corrected about them.
    pub(super) corrections: CorrectionArgs,
    /// The engine that computes.
    pub(super) engine: EngineChoice,
    /// Whether the pictures are read when they are needed.
    pub(super) stream: StreamArgs,
    /// The folder; `None` if nothing is kept.
    pub(super) folder: Option<RunFolder>,
    /// How many processes train it together.
    pub(super) ranks: u32,
    /// Seconds that each waits for the others, if another number was asked for.
    pub(super) team_wait: Option<u64>,
}

impl RunPlace {
    /// The place of a run that the arguments ask for.
    pub(super) fn of(common: &Common, folder: Option<RunFolder>) -> Self {
        let Common { data, corrections, engine, .. } = common.clone();
        let stream = StreamArgs::default();
        Self { data, corrections, engine, stream, folder, ranks: 1, team_wait: None }
    }
}

/// Trains to the end and prints each epoch when it is complete. The run is saved after every epoch
/// and when a signal ends it, and at the end the results are.
///
/// # Errors
/// If the engine fails, or a file cannot be written; [`Stopped`] if a signal ended it.
pub(super) async fn run(mut learner: Learner, mut place: RunPlace) -> anyhow::Result<()> {
    let shape = learner.shape();
    tell(format_args!("{} parameters, {} steps an epoch", shape.parameters, shape.batches));
    if let Some(ranks) = learner.unordered_ranks() {
        tell(format_args!(
            "{ranks} ranks have summed this run's gradients in no fixed order, so the last digits \
             may differ if it is repeated"
        ));
    }
    match &mut place.folder {
        None => tell(format_args!("nothing is kept of this run: --out FOLDER keeps it")),
        Some(folder) => begin_to_keep(folder, &mut learner).await?,
    }
    let place = &place;
    let mut table = Table { is_read: true, is_kept: place.folder.is_some() };
    table.row(&EPOCH_HEADER.map(String::from))?;
    for epoch in &learner.history {
        table.row(&epoch.cells())?;
    }
    let bar = ProgressBar::new(u64::from(shape.batches + shape.valid_batches));
    bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {eta}")?);
    loop {
        if learner.stops(stop::is_requested()) {
            bar.finish_and_clear();
            return end_early(place, &mut learner).await;
        }
        let tick = match learner.tick().await {
            Ok(tick) => tick,
            Err(error) => {
                bar.finish_and_clear();
                let told = match matches!(error, LearnerError::Stream(_)) {
                    true => end_without_pictures(place, &mut learner).await,
                    false => what_is_kept(place),
                };
                return Err(anyhow::Error::new(error).context(told));
            }
        };
        match tick {
            Tick::Trained { batch, steps, .. } => {
                bar.set_position(u64::from(batch + 1));
                if let Some(step) = steps.last() {
                    bar.set_message(format!("loss {:.4}", step.smooth));
                }
            }
            Tick::Validated { batch, .. } => bar.set_position(u64::from(shape.batches + batch + 1)),
            Tick::Epoch(epoch) => {
                bar.suspend(|| table.row(&epoch.cells()))?;
                bar.reset();
                if let Some(folder) = place.folder.as_ref().filter(|_| !learner.is_done())
                    && let Err(error) = save_progress(folder, &mut learner).await
                {
                    // The next epoch, or the end, may find room again.
                    bar.suspend(|| {
                        tell(format_args!("the run is not saved after this epoch: {error:#}"))
                    });
                }
            }
            Tick::Done => break,
        }
    }
    bar.finish_and_clear();
    let kept = learner.kept_epoch();
    let row = learner.history.iter().rfind(|row| kept.is_none_or(|epoch| row.epoch == epoch));
    if let Some(row) = row {
        tell(format_args!("top-5 accuracy {:.6}", row.top5));
    }
    if let Some(ending) = learner.ending() {
        tell(ending);
    }
    match &place.folder {
        Some(folder) => Ok(save_results(folder, &mut learner).await?),
        None => Ok(()),
    }
}

/// Says before the first step what cannot be kept. A run that replaces another is saved as it
/// begins: from then on nobody can go on with the other by mistake.
///
/// # Errors
/// If not even the network can be kept, or if a run is to be replaced and this one cannot be saved;
/// the other is kept then.
async fn begin_to_keep(folder: &mut RunFolder, learner: &mut Learner) -> anyhow::Result<()> {
    if let Some(reason) = learner.file_sizes().too_large() {
        anyhow::ensure!(
            learner.file_sizes().model <= MAX_MODEL_BYTES,
            "{reason}, or leave out --out to train it all the same"
        );
        tell(format_args!(
            "{reason}. After every epoch, and when it is stopped, {MODEL_FILE} is written in place \
             of {RUN_FILE}"
        ));
    }
    if folder.replaces() {
        let kept = save_progress(folder, learner)
            .await
            .context("the run that replaces another cannot be saved, so it does not begin")?;
        folder.remove_others(&kept.files())?;
    }
    Ok(())
}

/// Saves a run that a signal ends.
async fn end_early(place: &RunPlace, learner: &mut Learner) -> anyhow::Result<()> {
    let Some(folder) = &place.folder else {
        tell(format_args!("stopped; nothing is kept, since there was no --out"));
        return Err(Stopped.into());
    };
    match save_at_stop(folder, learner).await? {
        Kept::Run => {
            tell(format_args!("stopped and saved; {}", how_to_resume(folder.path(), place)))
        }
        Kept::Network => tell(format_args!("stopped; {}", only_the_network(folder, learner))),
    }
    Err(Stopped.into())
}

/// Saves a run whose pictures cannot be read any more, for it is whole, and says for a person what
/// is kept. Of a team that is what was saved before: its ranks do not fail at the same batch.
async fn end_without_pictures(place: &RunPlace, learner: &mut Learner) -> String {
    let Some(folder) = &place.folder else { return what_is_kept(place) };
    let again =
        format!("once its pictures are there again, {}", how_to_resume(folder.path(), place));
    let mut told = what_is_kept(place);
    if place.ranks == 1 {
        match save_at_stop(folder, learner).await {
            Ok(Kept::Run) => return format!("the run stopped and is saved; {again}"),
            Ok(Kept::Network) => {
                return format!("the run stopped; {}", only_the_network(folder, learner));
            }
            // It says where the files are instead, and how to go on with them.
            Err(error @ KeepError::Moved { .. }) => return format!("the run broke, and {error}"),
            // It says what the folder holds.
            Err(error) => told = format!("the run broke, and {error}"),
        }
    }
    if folder.path().join(RUN_FILE).exists() {
        told += &format!("; {again}");
    }
    told
}

/// Where the network of a run that cannot be resumed is kept, for a person.
fn only_the_network(folder: &RunFolder, learner: &Learner) -> String {
    let why = match learner.is_fine_tuning {
        true => "A fine-tuning cannot be resumed",
        false => "A run as large as this one cannot be resumed",
    };
    let network = match learner.best_so_far() {
        Some(epoch) => format!("the network of epoch {epoch}, the best so far,"),
        None => "the network as it is now".into(),
    };
    format!("{network} is in {}. {why}", folder.path().join(MODEL_FILE).display())
}

/// How to go on with a run that was stopped and is in `folder`, for a person.
fn how_to_resume(folder: &Path, place: &RunPlace) -> String {
    let path = |path: &Path| quoted(&path.display().to_string());
    let mut command = format!("resnette train --resume --out {}", path(folder));
    if let Some(data) = &place.data {
        command += &format!(" --data {}", path(data));
    }
    command += &place.corrections.as_typed();
    command += &place.stream.as_typed();
    if place.engine != EngineChoice::default()
        && let Some(engine) = place.engine.to_possible_value()
    {
        command += &format!(" --engine {}", engine.get_name());
    }
    if place.ranks > 1 {
        command = format!("mpirun -n {} {command} --team", place.ranks);
        if let Some(seconds) = place.team_wait {
            command += &format!(" --team-wait {seconds}");
        }
    }
    format!("go on with: {command}")
}

/// What is left of a run that broke, for a person.
fn what_is_kept(place: &RunPlace) -> String {
    match place.folder.as_ref().map(|folder| (folder, folder.holds())) {
        Some((folder, Some(holds))) => {
            format!(
                "the run broke; {} holds {holds}, as it was saved before",
                folder.path().display()
            )
        }
        Some((folder, None)) => format!(
            "the run broke before it was saved for the first time; {} holds nothing of it",
            folder.path().display()
        ),
        None => "the run broke, and nothing of it is kept, since there was no --out".into(),
    }
}

/// The table of epochs on standard output.
struct Table {
    /// Whether anybody still reads it.
    is_read: bool,
    /// Whether the run is kept, so that it is of use even if nobody reads the table.
    is_kept: bool,
}

impl Table {
    /// Prints a row. A run that is kept goes on when nobody reads the table any more, as after
    /// `| head`.
    fn row(&mut self, cells: &[String; 5]) -> anyhow::Result<()> {
        if self.is_read
            && let Err(closed) = print_line(aligned(cells))
        {
            if !self.is_kept {
                return Err(closed.into());
            }
            self.is_read = false;
            tell(format_args!("{closed}; the run goes on, and is saved"));
        }
        Ok(())
    }
}

/// A row with aligned columns. Two spaces stand between them, however long a loss or a time is.
fn aligned([epoch, train_loss, valid_loss, accuracy, time]: &[String; 5]) -> String {
    format!("{epoch:<8}  {train_loss:>10}  {valid_loss:>10}  {accuracy:>10}  {time:>6}")
}

#[cfg(test)]
mod tests {
    use resnette_spec::epoch::EpochRow;

    use super::*;

    #[test]
    fn a_team_goes_on_as_it_was_started() {
        let place = RunPlace {
            data: None,
            corrections: CorrectionArgs::default(),
            engine: EngineChoice::default(),
            stream: StreamArgs::default(),
            folder: None,
            ranks: 1,
            team_wait: None,
        };
        let told = |place: &RunPlace| how_to_resume(Path::new("out"), place);
        let alone = "go on with: resnette train --resume --out out";
        assert_eq!(told(&place), alone);
        let team = RunPlace { ranks: 4, ..place };
        let of_team = "go on with: mpirun -n 4 resnette train --resume --out out --team";
        assert_eq!(told(&team), of_team);
        let patient = RunPlace { team_wait: Some(300), ..team };
        assert_eq!(told(&patient), format!("{of_team} --team-wait 300"));
    }

    #[test]
    fn columns_never_run_together() {
        let header = aligned(&EPOCH_HEADER.map(String::from));
        assert_eq!(header, "epoch     train_loss  valid_loss    accuracy    time");
        for (epoch, loss, seconds) in
            [(0, 2.5, 7.0), (12, 12.345_678, 4_000.0), (999, 123_456.78, 1e6), (7, 3e38, 1e9)]
        {
            let row = EpochRow {
                epoch,
                train_loss: loss,
                valid_loss: loss,
                accuracy: 1.0,
                top5: 1.0,
                seconds,
            };
            let text = aligned(&row.cells());
            let cells: Vec<&str> = text.split("  ").filter(|cell| !cell.is_empty()).collect();
            assert_eq!(cells.len(), 5, "{text}");
            assert!(cells.iter().map(|cell| cell.trim()).eq(row.cells()), "{text}");
            assert!(loss > 1_000.0 || text.len() == header.len(), "{text}");
        }
    }
}
