//! Measures in about a second how fast a network trains, one training step at a time.
//!
//! A step of a large network may take minutes. So the first steps have as few and as small pictures
//! as keep their arithmetic small, and only if they are fast the whole batch is tried. What was
//! measured is scaled by the arithmetic ([`Pace::run_seconds`]).

use burn::tensor::Device;
use resnette_spec::RunConfig;
use resnette_spec::run_time::{Pace, StepWork};
use web_time::Instant;

use crate::train::learner::LearnerError;
use crate::train::random_run::RandomRun;

/// A step that takes so many seconds is measured once.
const LONG: f64 = 0.5;
/// Multiply-adds of the first steps' forward pass, at most: a fraction of a second on one core.
const FIRST_WORK: f64 = 1e9;
/// Bytes that a measured step may need: a network that was trained, and its pictures, are in memory
/// too and must not be lost to a measurement.
const MOST_BYTES: u64 = 500_000_000;
/// The smallest batch that is measured. With fewer pictures a step is not used as in a run: on the
/// CPU vectors run over the batch.
const SMALLEST_BATCH: u32 = 8;
/// Side of the smallest pictures that are measured, in pixels.
const SMALLEST_SIZE: u32 = 32;
/// The share of a training step's time that its forward pass takes, if it is not measured.
const FORWARD_SHARE: f64 = 1.0 / 3.0;

/// What the next tick does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Train a step that does not count: memory is taken, and a GPU compiles its kernels.
    WarmUp,
    /// Train one step.
    Step,
    /// Train as many steps as a run has in flight.
    MoreSteps,
    /// Validate a batch that does not count.
    ValidWarmUp,
    /// Validate a batch.
    Validate,
}

/// A measurement under way.
pub struct Probe {
    device: Device,
    in_flight: usize,
    /// The step that is measured.
    work: StepWork,
    /// The step that is measured next if this one is fast.
    larger: Option<StepWork>,
    /// `None` before the first tick.
    run: Option<RandomRun>,
    stage: Stage,
    /// The least time of a step so far, in seconds.
    step_seconds: f64,
}

impl Probe {
    /// A measurement of this step on a plain device (without autodiff). `in_flight` is how many
    /// steps a run hands to the device before it waits for their losses. `None` if the network is
    /// too large to be trained beside whatever is in memory.
    pub fn new(work: &StepWork, device: &Device, in_flight: usize) -> Option<Self> {
        let (work, larger) = plan(work)?;
        Some(Self {
            device: device.clone(),
            in_flight: in_flight.max(1),
            work,
            larger,
            run: None,
            stage: Stage::WarmUp,
            step_seconds: f64::INFINITY,
        })
    }

    /// Ends the measurement and gives back what it holds of the device's memory.
    pub fn end(self) {
        let Self { device, run, .. } = self;
        drop(run);
        device.memory_cleanup();
    }

    /// Trains a step, or a few short ones, or validates a batch. Returns the pace once it is known.
    ///
    /// # Errors
    /// [`LearnerError::Engine`] if the device fails.
    pub async fn tick(&mut self) -> Result<Option<Pace>, LearnerError> {
        let on_gpu = resnette_kernels::runs_on_gpu(&self.device);
        match self.stage {
            Stage::WarmUp => {
                // What was measured before is dropped first: both may not fit into memory.
                self.run = None;
                self.run = Some(RandomRun::new(&self.config(), &self.device));
                let took = self.train(1).await?;
                self.stage = Stage::Step;
                // The CPU compiles nothing, so that a long first step is as long as the next one.
                if !on_gpu && took >= LONG {
                    return Ok(Some(self.by_one_step(took)));
                }
            }
            Stage::Step => {
                let took = self.train(1).await?;
                self.step_seconds = took;
                let larger = self.larger.take().filter(|larger| {
                    took * larger.multiply_adds() / self.work.multiply_adds().max(1.0) < LONG
                });
                match larger {
                    Some(larger) => (self.work, self.stage) = (larger, Stage::WarmUp),
                    None if took >= LONG => return Ok(Some(self.by_one_step(took))),
                    None => self.stage = Stage::MoreSteps,
                }
            }
            Stage::MoreSteps => {
                // As many as a run has in flight, but no more than a moment's worth.
                let fit = (LONG / self.step_seconds.max(1e-6)) as usize;
                let steps = fit.clamp(1, self.in_flight);
                let took = self.train(steps).await? / steps as f64;
                self.step_seconds = self.step_seconds.min(took);
                self.stage = if on_gpu { Stage::ValidWarmUp } else { Stage::Validate };
            }
            Stage::ValidWarmUp => {
                self.validate().await?;
                self.stage = Stage::Validate;
            }
            Stage::Validate => {
                let valid_seconds = self.validate().await? / f64::from(self.work.bs.max(1));
                let (of, step_seconds) = (self.work.clone(), self.step_seconds);
                return Ok(Some(Pace { of, step_seconds, valid_seconds }));
            }
        }
        Ok(None)
    }

    /// The settings of a run that takes such steps.
    fn config(&self) -> RunConfig {
        let mut config = RunConfig { net: self.work.net.clone(), ..RunConfig::default() };
        config.data.size = self.work.size;
        config.recipe.bs = self.work.bs;
        config
    }

    /// The pace of which one step is known.
    fn by_one_step(&self, step_seconds: f64) -> Pace {
        let valid_seconds = step_seconds * FORWARD_SHARE / f64::from(self.work.bs.max(1));
        Pace { of: self.work.clone(), step_seconds, valid_seconds }
    }

    /// Trains so many steps, and returns the seconds that they took.
    async fn train(&mut self, steps: usize) -> Result<f64, LearnerError> {
        let started = Instant::now();
        for _ in 0..steps {
            self.run = self.run.take().map(RandomRun::step);
        }
        if let Some(run) = &self.run {
            run.finish().await?;
        }
        Ok(started.elapsed().as_secs_f64())
    }

    /// Validates a batch, and returns the seconds that it took.
    async fn validate(&self) -> Result<f64, LearnerError> {
        let started = Instant::now();
        if let Some(run) = &self.run {
            run.validate().await?;
        }
        Ok(started.elapsed().as_secs_f64())
    }
}

/// The step that is measured first, and the larger one that is tried if the first is fast. `None`
/// if even the smallest step takes too much memory.
fn plan(work: &StepWork) -> Option<(StepWork, Option<StepWork>)> {
    let fits = |work: &StepWork| work.bytes() <= MOST_BYTES;
    let larger = shrunk(work, fits);
    let first = shrunk(&larger, |work| fits(work) && work.multiply_adds() <= FIRST_WORK);
    let differs = first != larger;
    fits(&first).then_some((first, differs.then_some(larger)))
}

/// A step with fewer pictures, then with smaller ones, until it is small enough or as small as it
/// gets.
fn shrunk(work: &StepWork, small_enough: impl Fn(&StepWork) -> bool) -> StepWork {
    let mut work = work.clone();
    while !small_enough(&work) && work.bs / 2 >= SMALLEST_BATCH {
        work.bs /= 2;
    }
    while !small_enough(&work) && work.size / 2 >= SMALLEST_SIZE {
        work.size /= 2;
    }
    work
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use resnette_spec::read_run;

    use super::*;

    fn work(settings: &str) -> StepWork {
        StepWork::of(&read_run(settings).0)
    }

    #[test]
    fn a_small_step_is_measured_as_it_is() {
        for settings in ["size=32&layers=1&width=8&stem=8&bs=4", "size=16&width=4&bs=2"] {
            assert_eq!(plan(&work(settings)), Some((work(settings), None)), "{settings}");
        }
    }

    #[test]
    fn a_large_step_begins_small() {
        let net = "layers=2,2,2,2&expansion=4&width=32&stem=32,32,64";
        let large = work(&format!("{net}&size=224&bs=128"));
        let (first, larger) = plan(&large).unwrap();
        let larger = larger.unwrap();
        assert!(first.bytes() <= MOST_BYTES && larger.bytes() <= MOST_BYTES);
        assert!(first.multiply_adds() <= FIRST_WORK, "{first:?}");
        assert!(first.multiply_adds() < larger.multiply_adds(), "{larger:?}");
        assert!(larger.bs < 128 && larger.net == large.net && first.net == large.net);
        assert!(first.bs >= SMALLEST_BATCH && first.size >= SMALLEST_SIZE);
    }

    #[test]
    fn a_network_that_does_not_fit_is_not_measured() {
        assert_eq!(plan(&work("layers=2,2,2,2,2,2&width=512&expansion=4&size=32&bs=8")), None);
    }

    #[cfg(feature = "cpu")]
    #[test]
    fn a_measurement_ends_with_times_after_a_few_ticks() {
        let work = work("size=32&layers=1&width=4&stem=4&bs=4");
        let mut probe = Probe::new(&work, &Device::flex(), 1).unwrap();
        let mut ticks = 0;
        let pace = loop {
            ticks += 1;
            if let Some(pace) = futures::executor::block_on(probe.tick()).unwrap() {
                break pace;
            }
        };
        assert!(ticks <= 4, "{ticks}");
        assert_eq!(pace.of, work);
        assert!(pace.step_seconds > 0.0 && pace.valid_seconds > 0.0, "{pace:?}");
    }
}
