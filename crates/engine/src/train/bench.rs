//! Times training steps: forward pass, loss, backward pass and Adam, on one batch of random
//! pictures. `resnette bench`, the page's "Benchmark this browser" and, through the page, `cargo
//! xtask bench` use it.
//!
//! A step that is waited for ends when its numbers are back: on a GPU the way there and back is in
//! its time. A run does not wait for every step, so several steps with one read at the end are
//! timed as well.

use burn::tensor::Device;
use resnette_spec::RunConfig;
use web_time::Instant;

use crate::train::learner::LearnerError;
use crate::train::random_run::RandomRun;

/// Most steps that are handed over before the last one is waited for.
const MOST_QUEUED: u32 = 10;

/// The times of training steps, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct StepTimes {
    /// The time of the very first step, in which kernels are compiled.
    pub first_ms: f64,
    /// The time of each step that was waited for, until its last kernel is done. On a GPU that has
    /// the way there and back in it.
    pub steps_ms: Vec<f64>,
    /// The time of each of these steps until all its work is handed to the engine. For an engine
    /// without a queue that is nearly the whole step.
    pub enqueue_ms: Vec<f64>,
    /// How many steps were handed over one after another with one read at the end, as in a run.
    pub queued_steps: u32,
    /// The time of one of them: that of all, divided by their number.
    pub queued_ms: f64,
}

impl StepTimes {
    /// Number of measured steps, waited for or not.
    pub fn measured_steps(&self) -> u32 {
        self.steps_ms.len() as u32 + self.queued_steps
    }
}

/// Trains `warm_up` steps (at least one) that are not measured, then `steps` measured ones, of
/// which each is waited for, and then as many again but at most ten, of which only the last is
/// waited for. Batch size, picture size and network are those of `config`, and the device is plain.
/// `on_start` is called before the first measured step.
///
/// # Errors
/// [`LearnerError::Engine`] if the device fails.
pub async fn measure(
    config: &RunConfig,
    device: &Device,
    warm_up: u32,
    steps: u32,
    mut on_start: impl FnMut(),
) -> Result<StepTimes, LearnerError> {
    let mut run = RandomRun::new(config, device);
    let warm_up = warm_up.max(1);
    let mut times = StepTimes { queued_steps: steps.min(MOST_QUEUED), ..StepTimes::default() };
    for step in 0..warm_up + steps {
        if step == warm_up {
            on_start();
        }
        let started = Instant::now();
        run = run.step();
        let enqueued = milliseconds(started);
        run.finish().await?;
        let took = milliseconds(started);
        if step == 0 {
            times.first_ms = took;
        }
        if step >= warm_up {
            times.enqueue_ms.push(enqueued);
            times.steps_ms.push(took);
        }
    }
    let started = Instant::now();
    for _ in 0..times.queued_steps {
        run = run.step();
    }
    run.finish().await?;
    times.queued_ms = milliseconds(started) / f64::from(times.queued_steps.max(1));
    Ok(times)
}

/// Milliseconds since a moment.
fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

#[cfg(all(test, feature = "cpu"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    /// A hundred steps of a slow adapter in one queue would be minutes that nobody can stop.
    #[test]
    fn few_steps_are_queued() {
        let mut config = RunConfig::default();
        config.data.size = 32;
        config.recipe.bs = 2;
        config.net.layers = vec![1];
        config.net.width = 4;
        let steps = block_on(measure(&config, &Device::flex(), 1, 12, || {})).unwrap();
        assert_eq!((steps.steps_ms.len(), steps.queued_steps), (12, 10));
    }

    #[test]
    fn every_measured_step_has_its_times_and_the_start_is_reported_once() {
        let mut config = RunConfig::default();
        config.data.size = 32;
        config.recipe.bs = 4;
        config.net.layers = vec![1];
        config.net.width = 4;
        let mut starts = 0;
        let steps = block_on(measure(&config, &Device::flex(), 2, 3, || starts += 1)).unwrap();
        assert_eq!((starts, steps.steps_ms.len(), steps.enqueue_ms.len()), (1, 3, 3));
        assert_eq!((steps.queued_steps, steps.measured_steps()), (3, 6));
        assert!(steps.queued_ms > 0.0);
        assert!(steps.first_ms > 0.0);
        assert!(
            steps
                .enqueue_ms
                .iter()
                .zip(&steps.steps_ms)
                .all(|(enqueue, whole)| *enqueue > 0.0 && enqueue <= whole)
        );
    }
}
