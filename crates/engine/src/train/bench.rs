//! Times training steps: forward pass, loss, backward pass and Adam, on one batch of random
//! pictures. `resnette bench`, the page's "Benchmark this browser" and, through the page, `cargo
//! xtask bench` use it.

use burn::tensor::Device;
use resnette_spec::RunConfig;
use web_time::Instant;

use crate::train::learner::LearnerError;
use crate::train::random_run::RandomRun;

/// The times of training steps, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct StepTimes {
    /// The time of the very first step, in which kernels are compiled.
    pub first_ms: f64,
    /// The time of each measured step, until its last kernel is done.
    pub steps_ms: Vec<f64>,
    /// The time of each measured step until all its work is handed to the engine. For an engine
    /// without a queue that is nearly the whole step.
    pub enqueue_ms: Vec<f64>,
}

/// Trains `warm_up` steps (at least one) that are not measured and then `steps` measured ones, with
/// the batch size, picture size and network of `config`, on a plain device. `on_start` is called
/// before the first measured step.
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
    let mut times = StepTimes::default();
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
