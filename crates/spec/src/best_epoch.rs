//! Which epoch of a run is its best, and whether the run ends before its last: fastai's
//! `SaveModelCallback` and `EarlyStoppingCallback`, which are both a `TrackerCallback`.
//!
//! All of it follows from the rows of the epoch table, so that a run that goes on after a break
//! decides as the run that never stopped.

use crate::epoch::EpochRow;
use crate::epoch_choice::{SaveEpoch, StopEarly};
use crate::fine_tune::FROZEN_EPOCHS;
use crate::recipe::Recipe;

/// The column of the epoch table that is watched: fastai's `monitor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Monitor {
    /// Lower is better: fastai's `comp` is `np.less`.
    ValidLoss,
    /// Higher is better: fastai's `comp` is `np.greater`.
    Accuracy,
}

impl Monitor {
    fn name(self) -> &'static str {
        match self {
            Self::ValidLoss => "valid_loss",
            Self::Accuracy => "accuracy",
        }
    }

    fn value(self, row: &EpochRow) -> f32 {
        match self {
            Self::ValidLoss => row.valid_loss,
            Self::Accuracy => row.accuracy,
        }
    }
}

/// fastai's `TrackerCallback` after some epochs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tracker {
    /// The best epoch; `None` if no value was a number.
    best: Option<u32>,
    /// Epochs since then: `wait` of fastai's `EarlyStoppingCallback`.
    wait: u32,
}

impl Tracker {
    /// An epoch is better if `comp(value − min_delta, best)`, where fastai turns the sign of
    /// `min_delta` for losses. All in 32 bits, as PyTorch computes with the values.
    fn after(monitor: Monitor, min_delta: f64, rows: &[EpochRow]) -> Self {
        let min_delta = min_delta as f32;
        let (mut tracker, mut best) = (Self::default(), None::<f32>);
        for row in rows {
            let value = monitor.value(row);
            let is_better = match monitor {
                Monitor::ValidLoss => value + min_delta < best.unwrap_or(f32::INFINITY),
                Monitor::Accuracy => value - min_delta > best.unwrap_or(f32::NEG_INFINITY),
            };
            if is_better {
                best = Some(value);
                tracker = Self { best: Some(row.epoch), wait: 0 };
            } else {
                tracker.wait += 1;
            }
        }
        tracker
    }
}

/// The rows of the fit that is under way or was the last one. fastai's `fine_tune` is two fits, and
/// each starts tracking again (`reset_on_fit`).
pub fn rows_of_fit(rows: &[EpochRow], is_fine_tuning: bool) -> &[EpochRow] {
    let frozen = FROZEN_EPOCHS as usize;
    if is_fine_tuning && rows.len() > frozen { &rows[frozen..] } else { rows }
}

impl Recipe {
    fn saved_by(&self) -> Option<Monitor> {
        match self.save {
            SaveEpoch::Last => None,
            SaveEpoch::ValidLoss => Some(Monitor::ValidLoss),
            SaveEpoch::Accuracy => Some(Monitor::Accuracy),
        }
    }

    fn stopped_by(&self) -> Option<Monitor> {
        match self.stop {
            StopEarly::Never => None,
            StopEarly::ValidLoss => Some(Monitor::ValidLoss),
            StopEarly::Accuracy => Some(Monitor::Accuracy),
        }
    }

    /// The number of the epoch whose network a fit with these rows is left with, if it keeps its
    /// best one; `None` if it keeps the last, or has no rows yet.
    ///
    /// ```
    /// use resnette_spec::epoch::EpochRow;
    /// use resnette_spec::read_run;
    ///
    /// let row = |(epoch, valid_loss)| EpochRow { epoch, valid_loss, ..EpochRow::default() };
    /// let rows = [(0, 1.9), (1, 1.2), (2, 1.3)].map(row);
    /// assert_eq!(read_run("save=valid_loss").0.recipe.best_epoch(&rows), Some(1));
    /// assert_eq!(read_run("").0.recipe.best_epoch(&rows), None);
    /// ```
    pub fn best_epoch(&self, rows: &[EpochRow]) -> Option<u32> {
        Tracker::after(self.saved_by()?, self.min_delta, rows).best
    }

    /// Whether a fit with these rows ends early, because the last ones brought nothing better.
    pub fn stops_early(&self, rows: &[EpochRow]) -> bool {
        self.stopped_by().is_some_and(|monitor| {
            Tracker::after(monitor, self.min_delta, rows).wait >= self.patience
        })
    }

    /// How a fit of at most `epochs` rows ended, and whose network it has, in words that go on from
    /// “Done” or “the run has ended”; `None` if it trained all of its epochs and kept the last.
    pub fn ending(&self, rows: &[EpochRow], epochs: usize) -> Option<String> {
        let stopped = self.stopped_by().filter(|_| rows.len() < epochs && self.stops_early(rows));
        let stopped = stopped.map(|monitor| {
            let best = Tracker::after(monitor, self.min_delta, rows).best;
            let since = best.map_or(String::new(), |epoch| format!(" since epoch {epoch}"));
            format!("stopped early, no better {}{since}", monitor.name())
        });
        let kept = self.saved_by().zip(self.best_epoch(rows)).map(|(monitor, epoch)| {
            format!("the network is that of epoch {epoch}, the best by {}", monitor.name())
        });
        let words: Vec<String> = stopped.into_iter().chain(kept).collect();
        (!words.is_empty()).then(|| words.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_run;

    fn rows(values: &[(f32, f32)]) -> Vec<EpochRow> {
        let row = |(&(valid_loss, accuracy), epoch)| EpochRow {
            epoch,
            valid_loss,
            accuracy,
            ..EpochRow::default()
        };
        values.iter().zip(0..).map(row).collect()
    }

    fn recipe(settings: &str) -> Recipe {
        let (run, problems) = read_run(settings);
        assert_eq!(problems, []);
        run.recipe
    }

    const RUN: [(f32, f32); 6] =
        [(2.0, 0.2), (1.5, 0.5), (1.45, 0.5), (1.6, 0.49), (1.4, 0.6), (1.7, 0.61)];

    #[test]
    fn each_column_has_its_best_epoch() {
        let rows = rows(&RUN);
        for (settings, wanted) in [
            ("", [None; 6]),
            ("save=last&stop=valid_loss", [None; 6]),
            ("save=valid_loss", [0, 1, 2, 2, 4, 4].map(Some)),
            // An equal value is no better one.
            ("save=accuracy", [0, 1, 1, 1, 4, 5].map(Some)),
            ("save=valid_loss&min_delta=0.06", [0, 1, 1, 1, 4, 4].map(Some)),
            ("save=accuracy&min_delta=0.05", [0, 1, 1, 1, 4, 4].map(Some)),
        ] {
            let recipe = recipe(settings);
            let found: Vec<_> = (1..=6).map(|count| recipe.best_epoch(&rows[..count])).collect();
            assert_eq!(found, wanted, "{settings}");
            assert_eq!(recipe.best_epoch(&[]), None);
        }
    }

    #[test]
    fn a_run_stops_when_its_patience_is_at_an_end() {
        let rows = rows(&RUN);
        let stop = |settings: &str| {
            let recipe = recipe(settings);
            (1..=6).find(|&count| recipe.stops_early(&rows[..count]))
        };
        assert_eq!(stop(""), None);
        assert_eq!(stop("patience=1&save=valid_loss"), None);
        assert_eq!(stop("stop=valid_loss"), Some(4));
        assert_eq!(stop("stop=valid_loss&patience=2"), None);
        assert_eq!(stop("stop=accuracy"), Some(3));
        assert_eq!(stop("stop=accuracy&patience=2"), Some(4));
        assert_eq!(stop("stop=accuracy&patience=3"), None);
        assert_eq!(stop("stop=accuracy&patience=4&min_delta=0.5"), Some(5));
    }

    #[test]
    fn the_ending_is_told_in_words() {
        let rows = rows(&RUN);
        let told = |settings: &str, count: usize| recipe(settings).ending(&rows[..count], 6);
        assert_eq!(told("", 6), None);
        assert_eq!(
            told("save=valid_loss", 6).as_deref(),
            Some("the network is that of epoch 4, the best by valid_loss")
        );
        assert_eq!(
            told("stop=accuracy", 3).as_deref(),
            Some("stopped early, no better accuracy since epoch 1")
        );
        // With the last epoch it has trained them all.
        assert_eq!(told("stop=valid_loss", 6), None);
        assert_eq!(
            told("stop=valid_loss&save=accuracy", 4).as_deref(),
            Some(
                "stopped early, no better valid_loss since epoch 2; the network is that of epoch 1, \
                 the best by accuracy"
            )
        );
    }

    /// fastai's two fits each begin with no best epoch.
    #[test]
    fn the_frozen_epoch_of_a_fine_tuning_does_not_count() {
        let rows = rows(&[(1.0, 0.9), (2.0, 0.3), (1.5, 0.5)]);
        assert_eq!(rows_of_fit(&rows, false).len(), 3);
        assert_eq!(rows_of_fit(&rows[..1], true).len(), 1);
        assert_eq!(recipe("save=accuracy").best_epoch(rows_of_fit(&rows, true)), Some(2));
    }

    #[test]
    fn what_is_no_number_is_never_better() {
        let rows = rows(&[(f32::NAN, f32::NAN), (f32::INFINITY, 0.0)]);
        assert_eq!(recipe("save=valid_loss").best_epoch(&rows), None);
        assert!(recipe("stop=valid_loss").stops_early(&rows[..1]));
        assert_eq!(recipe("save=accuracy").best_epoch(&rows), Some(1));
    }
}
