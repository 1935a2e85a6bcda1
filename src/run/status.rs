//! The run in words and shares: the status line, the progress bars and the time left.

use resnette_spec::best_epoch::rows_of_fit;

use crate::run::rival::BOTH;
use crate::run::state::{Phase, Run, SingleStep};

/// What the status line says while pictures are on their way.
pub const LOADING: &str = "Loading pictures …";

impl Run {
    /// What the status line says of the run. Scripts that drive the page rely on the exact words.
    pub fn status(&self) -> String {
        match &self.phase {
            Phase::Ready => "Ready".into(),
            Phase::Loading { .. } => LOADING.into(),
            Phase::Compiling => "Compiling kernels …".into(),
            Phase::Training if self.race.is_some() => format!("Training {}, {BOTH}", self.place()),
            Phase::Training => format!("Training {}", self.place()),
            Phase::Paused => match self.single_step {
                Some(step) => format!("Paused after {}", done(step)),
                None if self.at.is_some() => format!("Paused at {}", self.place()),
                None => "Paused".into(),
            },
            Phase::Stopped { before_start: false } if self.at.is_some() => {
                format!("Stopped at {}", self.place())
            }
            Phase::Stopped { .. } => "Stopped".into(),
            Phase::Done => {
                let ending = self.ending().map_or(String::new(), |words| format!(": {words}"));
                format!("Done{ending}")
            }
            Phase::Failed { reason, .. } => format!("Failed: {reason}"),
        }
    }

    /// The position as `epoch E of N, batch B of M`: epochs from 0, as in the table and in the
    /// book, batches from 1.
    fn place(&self) -> String {
        let (epoch, batch) = self.at.unwrap_or_default();
        let (epochs, batches) =
            self.shape.as_ref().map_or((0, 0), |shape| (shape.epochs, shape.batches));
        format!("epoch {epoch} of {epochs}, batch {} of {batches}", batch + 1)
    }

    /// The epoch whose network the run has, if it has ended and kept its best one.
    pub fn kept_epoch(&self) -> Option<u32> {
        let rows = rows_of_fit(&self.rows, self.tuned.is_some());
        self.config.recipe.best_epoch(rows).filter(|_| self.ended())
    }

    /// How the run ended and whose network it kept, if its settings leave that to the table.
    fn ending(&self) -> Option<String> {
        let recipe = &self.config.recipe;
        let rows = rows_of_fit(&self.rows, self.tuned.is_some());
        recipe.ending(rows, recipe.epochs as usize)
    }

    /// The share of the epoch that is done, training and validation together, from 0 to 1.
    pub fn epoch_share(&self) -> f64 {
        if self.ended() {
            return 1.0;
        }
        let (Some(shape), Some((epoch, batch))) = (&self.shape, self.at) else { return 0.0 };
        if self.validating.is_none() && self.rows.last().is_some_and(|row| row.epoch >= epoch) {
            return 1.0;
        }
        // A validation batch has no backward pass, so it counts as a third of a training batch.
        let valid = f64::from(shape.valid_batches) / 3.0;
        let whole = f64::from(shape.batches.max(1)) + valid;
        let seen = self
            .validating
            .map_or(0.0, |(batch, of)| valid * f64::from(batch + 1) / f64::from(of.max(1)));
        ((f64::from(batch + 1) + seen) / whole).clamp(0.0, 1.0)
    }

    /// Whether the run has ended as planned; its last steps may not have been told.
    fn ended(&self) -> bool {
        self.phase == Phase::Done
    }

    /// The share of the run that is done, from 0 to 1.
    pub fn run_share(&self) -> f64 {
        if self.ended() {
            return 1.0;
        }
        let (Some(shape), Some((epoch, _))) = (&self.shape, self.at) else { return 0.0 };
        ((f64::from(epoch) + self.epoch_share()) / f64::from(shape.epochs.max(1))).clamp(0.0, 1.0)
    }

    /// Seconds for a training step, averaged over the last few.
    pub fn step_seconds(&self) -> Option<f64> {
        let bs = self.shape.as_ref()?.bs;
        (self.rate > 0.0).then(|| f64::from(bs) / f64::from(self.rate))
    }

    /// Seconds until the end, estimated from the last epochs or, in the first epoch, from the rate.
    pub fn time_left(&self) -> Option<f64> {
        let shape = self.shape.as_ref()?;
        let (epoch, _) = self.at?;
        let recent = &self.rows[self.rows.len().saturating_sub(3)..];
        let epoch_seconds = if recent.is_empty() {
            if self.rate <= 0.0 {
                return None;
            }
            let validation = f64::from(shape.valid_batches) / 3.0;
            (f64::from(shape.batches) + validation) * f64::from(shape.bs) / f64::from(self.rate)
        } else {
            recent.iter().map(|row| f64::from(row.seconds)).sum::<f64>() / recent.len() as f64
        };
        Some(
            (f64::from(shape.epochs.saturating_sub(epoch)) - self.epoch_share()).max(0.0)
                * epoch_seconds,
        )
    }
}

/// What a single step did. Steps and epochs are counted from 0, as in the tables.
fn done(step: SingleStep) -> String {
    match step {
        SingleStep::Trained(step) => format!("step {}, loss {:.3}", step.step, step.loss),
        SingleStep::Validated(batch, of) => format!("validation batch {} of {of}", batch + 1),
        SingleStep::Ended(epoch) => format!("epoch {epoch}"),
    }
}

#[cfg(test)]
mod tests {
    use resnette_protocol::{Event, Subsystem};
    use resnette_spec::RunConfig;

    use super::*;
    use crate::run::state::tests::{row, started, steps};

    #[test]
    fn the_status_says_the_contracts_words() {
        let mut run = Run::default();
        assert_eq!(run.status(), "Ready");
        run.ask_train(RunConfig::default(), None);
        assert_eq!(run.status(), "Loading pictures …");
        let mut run = started();
        assert_eq!(run.status(), "Compiling kernels …");
        run.on_event(steps(0, 0, 100.0));
        assert_eq!(run.status(), "Training epoch 0 of 5, batch 1 of 10");
        run.on_event(steps(0, 9, 100.0));
        run.on_event(Event::Validating { epoch: 0, batch: 0, batches: 3 });
        assert_eq!(run.status(), "Training epoch 0 of 5, batch 10 of 10");
        run.on_event(Event::Paused);
        assert_eq!(run.status(), "Paused at epoch 0 of 5, batch 10 of 10");
        run.on_event(Event::Resumed);
        run.on_event(Event::Stopped);
        assert_eq!(run.status(), "Stopped at epoch 0 of 5, batch 10 of 10");
        run.on_event(Event::Done);
        assert_eq!(run.status(), "Done");
        run.fail(Subsystem::Training, "no".into());
        assert_eq!(run.status(), "Failed: no");
    }

    #[test]
    fn a_run_that_is_done_is_done_whole() {
        let mut run = started();
        run.on_event(steps(0, 8, 1.0));
        run.on_event(Event::Done);
        assert_eq!((run.epoch_share(), run.run_share()), (1.0, 1.0));
    }

    /// Whoever uses neither setting reads the contract's word alone.
    #[test]
    fn the_end_of_a_run_says_which_network_was_kept() {
        let mut run = started();
        for epoch in 0..3 {
            run.on_event(row(epoch, 8.0));
        }
        run.on_event(Event::Done);
        assert_eq!(run.status(), "Done");
        // The rows are equal, so that none is better than the first.
        run.config = resnette_spec::read_run("epochs=5&save=accuracy&stop=accuracy").0;
        assert_eq!(
            run.status(),
            "Done: stopped early, no better accuracy since epoch 0; the network is that of epoch \
             0, the best by accuracy"
        );
        assert_eq!(run.kept_epoch(), Some(0));
    }

    #[test]
    fn progress_moves_forward_and_ends_at_one() {
        let mut run = started();
        let mut shares = vec![(run.epoch_share(), run.run_share())];
        for epoch in 0..5 {
            for event in [
                steps(epoch, 0, 1.0),
                steps(epoch, 9, 1.0),
                Event::Validating { epoch, batch: 2, batches: 3 },
                row(epoch, 8.0),
            ] {
                run.on_event(event);
                shares.push((run.epoch_share(), run.run_share()));
            }
        }
        assert!(shares.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{shares:?}");
        assert_eq!(shares.last(), Some(&(1.0, 1.0)));
        assert_eq!(run.time_left(), Some(0.0));
    }

    #[test]
    fn the_time_left_comes_from_epochs_as_soon_as_there_are_any() {
        let mut run = started();
        assert_eq!(run.time_left(), None);
        run.on_event(steps(0, 9, 64.0));
        // An epoch takes as long as 11 training batches of one second each, and 10 are done.
        assert!(
            run.time_left().is_some_and(|seconds| (seconds - 45.0).abs() < 1e-6),
            "{:?}",
            run.time_left()
        );
        run.on_event(row(0, 8.0));
        assert!(
            run.time_left().is_some_and(|seconds| (seconds - 32.0).abs() < 1e-6),
            "{:?}",
            run.time_left()
        );
    }
}
