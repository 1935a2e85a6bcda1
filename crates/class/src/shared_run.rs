//! What is shared of a run: its settings, its epochs and how far it is.

use resnette_spec::epoch::EpochRow;
use resnette_spec::limits::MAX_EPOCHS;
use resnette_spec::{RunConfig, read_run, write_run};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits::{MAX_ROWS, MAX_SETTINGS_BYTES};

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Pictures are being loaded, or kernels compiled.
    #[default]
    Loading,
    /// It trains.
    Training,
    /// It is paused.
    Paused,
    /// It was stopped.
    Stopped,
    /// It ended as planned.
    Done,
    /// It broke. Why is not shared: the words may name files.
    Failed,
}

impl Status {
    /// In words, for the board and its file.
    pub fn words(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Training => "training",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// The numbers of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The epoch, counted from 0; less than [`MAX_EPOCHS`].
    pub epoch: u32,
    /// The smoothed training loss at its end.
    pub train_loss: f32,
    /// The mean loss over the validation pictures.
    pub valid_loss: f32,
    /// The share of validation pictures that were right, from 0 to 1.
    pub accuracy: f32,
}

impl Row {
    fn is_sound(&self) -> bool {
        // One huge epoch would squeeze everybody's curves on the board.
        self.epoch < MAX_EPOCHS
            && self.train_loss.is_finite()
            && self.valid_loss.is_finite()
            && (0.0..=1.0).contains(&self.accuracy)
    }
}

/// All that is shared of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedRun {
    /// Tells the runs of a page apart: 1 for the first that it shares, then one more for each.
    pub number: u32,
    /// The settings as a link spells them ([`write_run`]), without an address of pictures.
    pub settings: String,
    /// Whether it fine-tunes a network, which the settings do not say.
    pub tuned: bool,
    /// How far it is.
    pub status: Status,
    /// Its epochs, oldest first. Of a run with more than [`MAX_ROWS`] some are left out, never the
    /// last.
    pub rows: Vec<Row>,
}

/// Why a shared run is not taken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RunProblem {
    /// Too much of something.
    #[error("a shared run has too many settings or rows")]
    Large,
    /// Settings that the table of settings refuses, or that are spelled in another way.
    #[error("a shared run has invalid settings")]
    Settings,
    /// Numbers that are none, an epoch that no run has, or rows out of order.
    #[error("a shared run has invalid rows")]
    Rows,
}

impl SharedRun {
    /// What is shared of a run with these settings and rows. Rows of a run that has diverged, whose
    /// losses are no numbers, are left out.
    ///
    /// ```
    /// use resnette_class::{SharedRun, Status};
    /// use resnette_spec::{RunConfig, Source};
    ///
    /// let mut config = RunConfig::default();
    /// config.data.source = Source::Url;
    /// config.data.base = "http://intranet.example/photos-of-4b".into();
    /// let shared = SharedRun::of(1, &config, false, Status::Training, &[]);
    /// assert!(!shared.settings.contains("4b"));
    /// assert_eq!(shared.check(), Ok(()));
    /// ```
    pub fn of(
        number: u32,
        config: &RunConfig,
        tuned: bool,
        status: Status,
        rows: &[EpochRow],
    ) -> Self {
        let rows: Vec<Row> = rows
            .iter()
            .map(|row| Row {
                epoch: row.epoch,
                train_loss: row.train_loss,
                valid_loss: row.valid_loss,
                accuracy: row.accuracy,
            })
            .filter(Row::is_sound)
            .collect();
        Self {
            number,
            settings: shared_settings(config),
            tuned,
            status,
            rows: thinned(rows, MAX_ROWS),
        }
    }

    /// Whether it is what a page shares.
    ///
    /// # Errors
    /// [`RunProblem`]: nothing of such a run is to be used.
    pub fn check(&self) -> Result<(), RunProblem> {
        if self.settings.len() > MAX_SETTINGS_BYTES || self.rows.len() > MAX_ROWS {
            return Err(RunProblem::Large);
        }
        let (config, problems) = read_run(&self.settings);
        if !problems.is_empty() || shared_settings(&config) != self.settings {
            return Err(RunProblem::Settings);
        }
        let ascends = self.rows.windows(2).all(|pair| pair[0].epoch < pair[1].epoch);
        if !ascends || !self.rows.iter().all(Row::is_sound) {
            return Err(RunProblem::Rows);
        }
        Ok(())
    }

    /// The settings.
    pub fn config(&self) -> RunConfig {
        read_run(&self.settings).0
    }
}

/// The settings as they are shared: an address of pictures may name a school or a person, and stays
/// with the student.
fn shared_settings(config: &RunConfig) -> String {
    let mut config = config.clone();
    config.data.base = RunConfig::default().data.base;
    write_run(&config)
}

/// At most so many of the rows, evenly, with the last.
pub(crate) fn thinned(rows: Vec<Row>, most: usize) -> Vec<Row> {
    let step = rows.len().div_ceil(most).max(1);
    let last = rows.len().saturating_sub(1);
    rows.into_iter()
        .enumerate()
        .filter(|(index, _)| (last - index).is_multiple_of(step))
        .map(|(_, row)| row)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: u32) -> Vec<EpochRow> {
        (0..count)
            .map(|epoch| EpochRow { epoch, accuracy: 0.5, train_loss: 1.0, ..EpochRow::default() })
            .collect()
    }

    #[test]
    fn a_long_run_is_thinned_and_keeps_its_last_epoch() {
        for count in [0, 1, 199, 200, 201, 399, 400, 1_000] {
            let run = SharedRun::of(1, &RunConfig::default(), false, Status::Done, &rows(count));
            assert_eq!(run.check(), Ok(()));
            assert!(
                run.rows.len() <= MAX_ROWS && (count > 200 || run.rows.len() == count as usize)
            );
            assert_eq!(run.rows.last().map(|row| row.epoch), count.checked_sub(1));
        }
    }

    #[test]
    fn epochs_without_numbers_are_not_shared() {
        let mut rows = rows(3);
        rows[1].train_loss = f32::NAN;
        rows[2].valid_loss = f32::INFINITY;
        let run = SharedRun::of(1, &RunConfig::default(), false, Status::Failed, &rows);
        assert_eq!((run.rows.len(), run.check()), (1, Ok(())));
    }

    #[test]
    fn what_no_page_shares_is_refused() {
        let good = SharedRun::of(1, &RunConfig::default(), false, Status::Done, &rows(3));
        let with = |change: fn(&mut SharedRun)| {
            let mut run = good.clone();
            change(&mut run);
            run.check()
        };
        assert_eq!(with(|_| ()), Ok(()));
        assert_eq!(with(|run| run.settings = "a".repeat(3_000)), Err(RunProblem::Large));
        assert_eq!(with(|run| run.rows = vec![run.rows[0]; 201]), Err(RunProblem::Large));
        for settings in ["", "epochs=3", "nonsense=1", "lr=fast"] {
            let run = SharedRun { settings: settings.into(), ..good.clone() };
            assert_eq!(run.check(), Err(RunProblem::Settings), "{settings}");
        }
        let with_address = |run: &mut SharedRun| run.settings.push_str("&data=http://a.example/b");
        assert_eq!(with(with_address), Err(RunProblem::Settings));
        assert_eq!(with(|run| run.rows.reverse()), Err(RunProblem::Rows));
        assert_eq!(with(|run| run.rows[2].epoch = MAX_EPOCHS - 1), Ok(()));
        assert_eq!(with(|run| run.rows[2].epoch = MAX_EPOCHS), Err(RunProblem::Rows));
        assert_eq!(with(|run| run.rows[2].epoch = u32::MAX), Err(RunProblem::Rows));
        assert_eq!(with(|run| run.rows[1].accuracy = 1.5), Err(RunProblem::Rows));
        assert_eq!(with(|run| run.rows[1].accuracy = f32::NAN), Err(RunProblem::Rows));
        assert_eq!(with(|run| run.rows[0].train_loss = f32::INFINITY), Err(RunProblem::Rows));
    }
}
