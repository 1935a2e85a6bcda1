//! How long a run takes, from what one training step took.
//!
//! The time of a step is scaled by its arithmetic, so that a step of one network says something
//! about another one, and multiplied with the steps of the run.
//!
//! ```
//! use resnette_spec::RunConfig;
//! use resnette_spec::run_time::{Pace, PictureCounts, StepWork};
//!
//! let run = RunConfig::default();
//! let pace = Pace { of: StepWork::of(&run), step_seconds: 0.5, valid_seconds: 0.002 };
//! // Five epochs of 23 batches, and of 500 pictures to validate with.
//! let seconds = pace.run_seconds(&run, PictureCounts { train: 1_500, valid: 500 });
//! assert!((seconds - 5.0 * (23.0 * 0.5 + 500.0 * 0.002)).abs() < 1e-6);
//! ```

use crate::architecture::Architecture;
use crate::net::NetConfig;
use crate::run_config::RunConfig;
use crate::schedule::picture_size;
use crate::short_run::full_batches;

/// As many classes as Imagenette has. Their number changes the head alone, which costs little.
const CLASSES: u32 = 10;

/// How many pictures a run has, all classes together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PictureCounts {
    /// Those that it trains on.
    pub train: u64,
    /// Those that it validates with.
    pub valid: u64,
}

/// What decides how long a training step takes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StepWork {
    /// The network.
    pub net: NetConfig,
    /// Side of the pictures, in pixels.
    pub size: u32,
    /// The batch size.
    pub bs: u32,
}

impl StepWork {
    /// A step of a run at its full size.
    pub fn of(config: &RunConfig) -> Self {
        Self { net: config.net.clone(), size: config.data.size, bs: config.recipe.bs }
    }

    /// The network, with as many classes as Imagenette has, and with convolutions in one group: the
    /// engine computes those in several groups as such.
    pub fn architecture(&self) -> Architecture {
        Architecture::new(&NetConfig { groups: 1, ..self.net.clone() }, CLASSES)
    }

    /// Multiply-adds of the step's forward pass.
    pub fn multiply_adds(&self) -> f64 {
        self.architecture().multiply_adds(self.size) as f64 * f64::from(self.bs)
    }

    /// Bytes that the step needs, roughly ([`Architecture::training_bytes`]).
    pub fn bytes(&self) -> u64 {
        self.architecture().training_bytes(self.size, self.bs)
    }
}

/// How fast an engine has trained a network.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Pace {
    /// The step that was measured.
    pub of: StepWork,
    /// Its duration, in seconds.
    pub step_seconds: f64,
    /// The time that a picture takes in validation, in seconds.
    pub valid_seconds: f64,
}

impl Pace {
    /// The seconds that a run of these settings takes on so many pictures, loading not counted.
    pub fn run_seconds(&self, config: &RunConfig, pictures: PictureCounts) -> f64 {
        let bs = config.recipe.bs.max(1);
        let train = usize::try_from(pictures.train).unwrap_or(usize::MAX);
        let seen = u64::from(full_batches(train, bs)) * pictures.train.min(bs.into());
        let train_seconds = self.step_seconds / f64::from(self.of.bs.max(1));
        let epoch = seen as f64 * train_seconds + pictures.valid as f64 * self.valid_seconds;
        let architecture = StepWork::of(config).architecture();
        let measured = self.of.architecture().multiply_adds(self.of.size).max(1) as f64;
        let shares = epochs_by_size(config).into_iter().map(|(size, epochs)| {
            f64::from(epochs) * architecture.multiply_adds(size) as f64 / measured
        });
        epoch * shares.sum::<f64>()
    }
}

/// The sizes of a run's pictures, each with the number of epochs that have it.
fn epochs_by_size(config: &RunConfig) -> Vec<(u32, u32)> {
    let (recipe, full) = (&config.recipe, config.data.size);
    if recipe.grow.is_empty() {
        return vec![(full, recipe.epochs)];
    }
    let mut sizes: Vec<(u32, u32)> = Vec::new();
    for epoch in 0..recipe.epochs {
        let size = picture_size(&recipe.grow, full, epoch, recipe.epochs);
        match sizes.iter_mut().find(|(other, _)| *other == size) {
            Some((_, epochs)) => *epochs += 1,
            None => sizes.push((size, 1)),
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_run;

    const PICTURES: PictureCounts = PictureCounts { train: 640, valid: 100 };

    fn pace(settings: &str) -> Pace {
        let of = StepWork::of(&read_run(settings).0);
        Pace { of, step_seconds: 0.32, valid_seconds: 0.001 }
    }

    fn seconds(settings: &str, pictures: PictureCounts) -> f64 {
        pace("bs=64").run_seconds(&read_run(settings).0, pictures)
    }

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9 * other.abs().max(1.0)
    }

    #[test]
    fn steps_and_validation_are_multiplied_and_added() {
        assert!(close(seconds("bs=64&epochs=1", PICTURES), 10.0 * 0.32 + 0.1));
        assert!(close(seconds("bs=64&epochs=7", PICTURES), 7.0 * (10.0 * 0.32 + 0.1)));
        // The last, partial batch is dropped, unless it is the only one.
        let more = PictureCounts { train: 700, valid: 0 };
        assert!(close(seconds("bs=64&epochs=1", more), 10.0 * 0.32));
        let few = PictureCounts { train: 16, valid: 0 };
        assert!(close(seconds("bs=64&epochs=1", few), 0.25 * 0.32));
        assert!(close(seconds("bs=64", PictureCounts::default()), 0.0));
    }

    #[test]
    fn another_batch_size_changes_the_number_of_steps_and_their_time() {
        assert!(close(seconds("bs=32&epochs=1", PICTURES), seconds("bs=64&epochs=1", PICTURES)));
    }

    #[test]
    fn time_grows_with_the_work_of_a_picture() {
        let work = |settings: &str| StepWork::of(&read_run(settings).0).multiply_adds();
        for other in
            ["size=128", "size=32", "width=64", "layers=1,1,1,1", "block=basic", "groups=8"]
        {
            let ratio = work(other) / work("");
            assert!(close(seconds(other, PICTURES), ratio * seconds("", PICTURES)), "{other}");
        }
        assert!(work("size=128") > 3.0 * work("size=64"));
    }

    #[test]
    fn epochs_of_smaller_pictures_take_less() {
        let config = read_run("size=64&grow=32&epochs=4").0;
        assert_eq!(epochs_by_size(&config), [(32, 2), (64, 2)]);
        let grown = seconds("size=64&grow=32&epochs=4", PICTURES);
        let halves = seconds("size=64&epochs=2", PICTURES) + seconds("size=32&epochs=2", PICTURES);
        assert!(close(grown, halves), "{grown} and {halves}");
    }

    /// A network that was measured with fewer and smaller pictures says as much of its run.
    #[test]
    fn a_smaller_batch_that_was_measured_is_scaled() {
        let whole = pace("bs=64");
        let part = StepWork { bs: 16, ..whole.of.clone() };
        let part = Pace { of: part, step_seconds: whole.step_seconds / 4.0, ..whole.clone() };
        let run = read_run("epochs=3").0;
        assert!(close(part.run_seconds(&run, PICTURES), whole.run_seconds(&run, PICTURES)));
    }
}
