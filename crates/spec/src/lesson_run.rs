//! Settings with which a run that is too slow for a lesson fits into one.

use crate::run_config::RunConfig;
use crate::run_time::{Pace, PictureCounts};
use crate::short_run::{FEWEST_STEPS, steps};

/// The longest run that a lesson has room for, in seconds.
pub const LESSON_SECONDS: f64 = 600.0;
/// What a run should take at most that is to fit into a lesson, in seconds.
pub const FITTING_SECONDS: f64 = 300.0;

/// Numbers of pictures in a class that are proposed.
const PICTURES: [u32; 11] = [5_000, 2_000, 1_000, 500, 300, 200, 150, 100, 70, 50, 30];
/// Numbers of epochs that are proposed.
const EPOCHS: [u32; 9] = [200, 100, 50, 30, 20, 15, 10, 7, 5];
/// Sizes that are proposed, in pixels.
const SIZES: [u32; 2] = [48, 32];
/// The narrowest first stage that is proposed, in channels.
const NARROWEST: u32 = 16;

/// Settings with which a run fits into a lesson, or comes as close to it as can be.
#[derive(Clone, Debug, PartialEq)]
pub struct LessonRun {
    /// The settings that change, by their keys, with their new values.
    pub changes: Vec<(&'static str, u32)>,
    /// The seconds that the run then takes.
    pub seconds: f64,
}

/// Settings with which a run takes [`FITTING_SECONDS`] at most: fewer pictures in a class, then
/// fewer epochs, smaller pictures, a narrower network. Pictures and epochs are first reduced only
/// as far as leaves [`FEWEST_STEPS`], because a run that learns nothing fits no lesson either; if
/// that is not enough, down to 30 pictures and 5 epochs.
///
/// `pictures` tells how many pictures a run of given settings has. `None` if the run takes
/// [`LESSON_SECONDS`] at most as it is, or if nothing makes it faster.
pub fn lesson_run(
    config: &RunConfig,
    pace: &Pace,
    pictures: impl Fn(&RunConfig) -> PictureCounts,
) -> Option<LessonRun> {
    let time = |run: &RunConfig| pace.run_seconds(run, pictures(run));
    let steps_of = |run: &RunConfig| {
        steps(usize::try_from(pictures(run).train).unwrap_or(usize::MAX), &run.recipe)
    };
    let mut seconds = time(config);
    if seconds.is_nan() || seconds <= LESSON_SECONDS {
        return None;
    }
    let mut fitting = config.clone();
    let ways: [fn(&RunConfig) -> Vec<RunConfig>; 4] =
        [fewer_pictures, fewer_epochs, smaller_pictures, narrower];
    'search: for least in [FEWEST_STEPS, 0] {
        for way in ways {
            for candidate in way(&fitting) {
                if steps_of(&candidate) < least.min(steps_of(config)) {
                    break;
                }
                let faster = time(&candidate);
                if faster < seconds {
                    (fitting, seconds) = (candidate, faster);
                }
                if seconds <= FITTING_SECONDS {
                    break 'search;
                }
            }
        }
    }
    let changes = changes(config, &fitting);
    (!changes.is_empty()).then_some(LessonRun { changes, seconds })
}

/// The same run with ever fewer pictures in a class.
fn fewer_pictures(run: &RunConfig) -> Vec<RunConfig> {
    let most = run.data.train.max(run.data.valid);
    let fewer = PICTURES.into_iter().filter(|pictures| *pictures < most);
    let with = |pictures: u32| {
        let mut run = run.clone();
        run.data.train = run.data.train.min(pictures);
        run.data.valid = run.data.valid.min(pictures);
        run
    };
    fewer.map(with).collect()
}

/// The same run with ever fewer epochs.
fn fewer_epochs(run: &RunConfig) -> Vec<RunConfig> {
    let fewer = EPOCHS.into_iter().filter(|epochs| *epochs < run.recipe.epochs);
    let with = |epochs: u32| {
        let mut run = run.clone();
        run.recipe.epochs = epochs;
        run
    };
    fewer.map(with).collect()
}

/// The same run with ever smaller pictures, none smaller than a size that it begins with.
fn smaller_pictures(run: &RunConfig) -> Vec<RunConfig> {
    let least = run.recipe.grow.iter().copied().max().unwrap_or_default();
    let smaller = SIZES.into_iter().filter(|size| *size < run.data.size && *size >= least);
    let with = |size: u32| {
        let mut run = run.clone();
        run.data.size = size;
        run
    };
    smaller.map(with).collect()
}

/// The same run with an ever narrower network.
fn narrower(run: &RunConfig) -> Vec<RunConfig> {
    let halves = std::iter::successors(Some(run.net.width / 2), |width| Some(width / 2));
    let with = |width: u32| {
        let mut run = run.clone();
        run.net.width = width;
        run
    };
    halves.take_while(|width| *width >= NARROWEST).map(with).collect()
}

/// What differs between two runs of those settings that are proposed.
fn changes(from: &RunConfig, to: &RunConfig) -> Vec<(&'static str, u32)> {
    let settings = [
        ("train", from.data.train, to.data.train),
        ("valid", from.data.valid, to.data.valid),
        ("epochs", from.recipe.epochs, to.recipe.epochs),
        ("size", from.data.size, to.data.size),
        ("width", from.net.width, to.net.width),
    ];
    let changed = settings.into_iter().filter(|(_, from, to)| from != to);
    changed.map(|(key, _, to)| (key, to)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::read_run;
    use crate::run_time::StepWork;

    /// Ten classes, as many pictures in each as the settings say.
    fn ten_classes(run: &RunConfig) -> PictureCounts {
        PictureCounts {
            train: u64::from(run.data.train) * 10,
            valid: u64::from(run.data.valid) * 10,
        }
    }

    /// A pace with which the run takes so many seconds, some of them to validate.
    fn pace(run: &RunConfig, seconds: f64) -> Pace {
        let of = StepWork::of(run);
        let unit = Pace { of, step_seconds: 1.0, valid_seconds: 0.3 / f64::from(run.recipe.bs) };
        let factor = seconds / unit.run_seconds(run, ten_classes(run));
        Pace {
            step_seconds: unit.step_seconds * factor,
            valid_seconds: unit.valid_seconds * factor,
            ..unit
        }
    }

    fn proposed(settings: &str, seconds: f64) -> Option<LessonRun> {
        let run = read_run(settings).0;
        lesson_run(&run, &pace(&run, seconds), ten_classes)
    }

    const NETWORKS: [&str; 7] = [
        "",
        "layers=3,4,6,3&expansion=4&width=64&stem=32,32,64&size=128&epochs=20",
        "block=basic&width=64&epochs=200",
        "net=fcn&epochs=100",
        "size=160&train=900&valid=300&epochs=50&bs=32",
        "size=128&grow=64,96&epochs=30",
        "train=20000&valid=20000&epochs=1000&size=320&width=512&bs=512",
    ];

    #[test]
    fn a_run_that_fits_is_left_alone() {
        for settings in NETWORKS {
            assert_eq!(proposed(settings, 599.0), None, "{settings}");
        }
    }

    #[test]
    fn what_is_proposed_is_faster_accepted_and_no_more_than_it_takes() {
        for settings in NETWORKS {
            for minutes in [11.0, 20.0, 60.0, 600.0, 60_000.0] {
                let run = read_run(settings).0;
                let pace = pace(&run, minutes * 60.0);
                let Some(found) = lesson_run(&run, &pace, ten_classes) else {
                    panic!("{settings} at {minutes} minutes: nothing is proposed")
                };
                let mut set = run.clone();
                for (key, value) in &found.changes {
                    set.change(key, &value.to_string()).unwrap();
                }
                let words = format!("{settings} at {minutes} minutes: {found:?}");
                assert_eq!(changes(&run, &set), found.changes, "{words}");
                assert_eq!(pace.run_seconds(&set, ten_classes(&set)), found.seconds, "{words}");
                assert!(found.seconds < minutes * 60.0, "{words}");
                assert!(set.data.train >= 30.min(run.data.train), "{words}");
                assert!(set.recipe.epochs >= 5.min(run.recipe.epochs), "{words}");
                assert!(set.data.size >= 32.min(run.data.size), "{words}");
                assert!(set.net.width >= 16.min(run.net.width), "{words}");
                // What does not fit has been reduced as far as it goes.
                if found.seconds > FITTING_SECONDS {
                    assert_eq!((set.data.train, set.recipe.epochs), (30, 5), "{words}");
                }
            }
        }
    }

    #[test]
    fn pictures_come_first_then_epochs_then_size_then_width() {
        let keys = |seconds: f64| {
            let long = "epochs=100&train=900&valid=50&size=64&width=64";
            let found = proposed(long, seconds).unwrap();
            found.changes.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        assert_eq!(keys(900.0), ["train"]);
        assert_eq!(keys(9_000.0), ["train", "valid", "epochs"]);
        assert_eq!(keys(60_000.0), ["train", "valid", "epochs", "size"]);
        assert_eq!(keys(600_000.0), ["train", "valid", "epochs", "size", "width"]);
    }

    /// As long as smaller pictures or a narrower network help, the run keeps enough steps to learn.
    #[test]
    fn a_run_keeps_enough_steps_if_it_can() {
        let run = read_run("epochs=5&train=150&size=128&width=64").0;
        let found = lesson_run(&run, &pace(&run, 1_800.0), ten_classes).unwrap();
        assert!(found.changes.iter().all(|(key, _)| ["size", "width"].contains(key)), "{found:?}");
        assert!(found.seconds <= FITTING_SECONDS);
        // A network that cannot become smaller.
        let run = read_run("epochs=5&train=150&size=32&width=16").0;
        let found = lesson_run(&run, &pace(&run, 1_000.0), ten_classes).unwrap();
        assert!(found.changes.iter().any(|(key, _)| *key == "train"), "{found:?}");
    }

    #[test]
    fn nothing_is_proposed_where_nothing_helps() {
        assert_eq!(proposed("train=30&valid=30&epochs=5&size=32&width=16", 9_000.0), None);
        let run = RunConfig::default();
        let odd = Pace { step_seconds: f64::NAN, ..pace(&run, 900.0) };
        assert_eq!(lesson_run(&run, &odd, ten_classes), None);
    }
}
