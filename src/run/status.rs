//! The run in words and shares: status line, bars, time left.

use crate::run::state::{Phase, Run};

impl Run {
    /// What the status line says, exactly.
    pub fn status(&self) -> String {
        match &self.phase {
            Phase::Ready => "Ready".into(),
            Phase::Loading => "Loading pictures …".into(),
            Phase::Compiling => "Compiling kernels …".into(),
            Phase::Training => format!("Training {}", self.place()),
            Phase::Paused if self.at.is_some() => format!("Paused at {}", self.place()),
            Phase::Paused => "Paused".into(),
            Phase::Stopped if self.at.is_some() && !self.fresh => {
                format!("Stopped at {}", self.place())
            }
            Phase::Stopped => "Stopped".into(),
            Phase::Done => "Done".into(),
            Phase::Failed(reason) => format!("Failed: {reason}"),
        }
    }

    /// `epoch E of N, batch B of M`, from 1.
    fn place(&self) -> String {
        let (epoch, batch) = self.at.unwrap_or_default();
        let (epochs, batches) =
            self.shape.as_ref().map_or((0, 0), |shape| (shape.epochs, shape.batches));
        format!("epoch {} of {epochs}, batch {} of {batches}", epoch + 1, batch + 1)
    }

    /// Share of the epoch that is done, training and validation together.
    pub fn epoch_share(&self) -> f64 {
        let (Some(shape), Some((epoch, batch))) = (&self.shape, self.at) else { return 0.0 };
        if self.phase == Phase::Done
            || (self.validating.is_none() && self.rows.last().is_some_and(|row| row.epoch >= epoch))
        {
            return 1.0;
        }
        // A validation batch has no backward pass: it counts as a third.
        let valid = f64::from(shape.valid_batches) / 3.0;
        let whole = f64::from(shape.batches.max(1)) + valid;
        let seen = self
            .validating
            .map_or(0.0, |(batch, of)| valid * f64::from(batch + 1) / f64::from(of.max(1)));
        ((f64::from(batch + 1) + seen) / whole).clamp(0.0, 1.0)
    }

    /// Share of the run that is done.
    pub fn run_share(&self) -> f64 {
        let (Some(shape), Some((epoch, _))) = (&self.shape, self.at) else { return 0.0 };
        ((f64::from(epoch) + self.epoch_share()) / f64::from(shape.epochs.max(1))).clamp(0.0, 1.0)
    }

    /// Seconds of a training step, over the last few.
    pub fn step_seconds(&self) -> Option<f64> {
        let bs = self.shape.as_ref()?.bs;
        (self.rate > 0.0).then(|| f64::from(bs) / f64::from(self.rate))
    }

    /// Seconds until the end, from the last epochs or, in the first, from the rate.
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

#[cfg(test)]
mod tests {
    use resnette_protocol::Event;
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
        run.hear(steps(0, 0, 100.0));
        assert_eq!(run.status(), "Training epoch 1 of 5, batch 1 of 10");
        run.hear(steps(0, 9, 100.0));
        run.hear(Event::Validating { epoch: 0, batch: 0, batches: 3 });
        assert_eq!(run.status(), "Training epoch 1 of 5, batch 10 of 10");
        run.hear(Event::Paused);
        assert_eq!(run.status(), "Paused at epoch 1 of 5, batch 10 of 10");
        run.hear(Event::Resumed);
        run.hear(Event::Stopped);
        assert_eq!(run.status(), "Stopped at epoch 1 of 5, batch 10 of 10");
        run.hear(Event::Done);
        assert_eq!(run.status(), "Done");
        run.fail(false, "no".into());
        assert_eq!(run.status(), "Failed: no");
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
                run.hear(event);
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
        run.hear(steps(0, 9, 64.0));
        // 11 batches' worth an epoch, one second each; 10 are done.
        assert!(
            run.time_left().is_some_and(|seconds| (seconds - 45.0).abs() < 1e-6),
            "{:?}",
            run.time_left()
        );
        run.hear(row(0, 8.0));
        assert!(
            run.time_left().is_some_and(|seconds| (seconds - 32.0).abs() < 1e-6),
            "{:?}",
            run.time_left()
        );
    }
}
