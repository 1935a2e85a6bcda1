//! What the host does for a page at all, decided before its session sees the request.
//!
//! Everything that comes is a stranger's. Settings go through the table of settings, and what the
//! table makes of them is what trains; a plan that needs more memory than a seat may take is
//! refused before anything of it is reserved, since no memory ends the host for everybody.

use resnette_picture::classes::imagenette_names;
use resnette_protocol::persistence::{ContinueRun, SavedRunSource};
use resnette_protocol::{Command, Failure, Outcome, Request, Subsystem};
use resnette_spec::run_time::StepWork;
use resnette_spec::{DataConfig, Keep, ResizeMethod, Room, RunConfig, Source, read_run, write_run};

use crate::limits::{MAX_DRAWN_BYTES, MAX_HELD_BYTES, MAX_STEP_BYTES};

/// Thousandths of a picture's area that the smallest random crop has, at least: the least that the
/// setting `min_scale` allows.
const LEAST_CROP: u16 = 80;
/// Bytes that a parameter takes between two steps: itself, its gradient and two averages.
const BYTES_PER_PARAMETER: u64 = 16;

/// A request that the seat's session gets.
#[derive(Debug, PartialEq)]
pub(crate) struct Admitted {
    /// As the host has read it.
    pub(crate) request: Request,
    /// Whether the files of the host's folder go with it.
    pub(crate) wants_files: bool,
}

/// What of a request is done. `has_folder`: whether the host has pictures of its own.
///
/// # Errors
/// How the request ends instead.
pub(crate) fn admit(request: Request, has_folder: bool) -> Result<Admitted, Outcome> {
    let (command, source) = checked(request.command)?;
    match source {
        Some(Source::HuggingFace | Source::Url) => {
            return refused(
                Subsystem::Data,
                "the class's host fetches no pictures. Choose drawn ones (source=drawn) or those \
                 that the host has (source=files), or train in this tab (backend=auto)",
            );
        }
        Some(Source::Files) if !has_folder => {
            return refused(
                Subsystem::Data,
                "the class's host has no pictures of its own, and takes none of yours: they stay on \
                 this computer. Choose drawn ones (source=drawn), or train in this tab \
                 (backend=auto)",
            );
        }
        _ => {}
    }
    Ok(Admitted {
        // What a reader has corrected is about files of theirs, which are not here.
        request: Request { id: request.id, command, corrections: Default::default() },
        wants_files: source == Some(Source::Files),
    })
}

fn refused<T>(during: Subsystem, message: impl Into<String>) -> Result<T, Outcome> {
    Err(Outcome::Refused(Failure { during, message: message.into() }))
}

/// The command with settings that the table knows, and where its pictures come from, if it needs
/// any.
fn checked(command: Command) -> Result<(Command, Option<Source>), Outcome> {
    Ok(match command {
        Command::Load { data, seed } => {
            let data = pictures(data, seed)?;
            let source = data.source;
            (Command::Load { data, seed }, Some(source))
        }
        Command::Train(config) => with_pictures(config, Command::Train)?,
        Command::FindRate(config) => with_pictures(config, Command::FindRate)?,
        Command::ShowBatch { config, shuffle } => {
            (Command::ShowBatch { config: plan(&config)?, shuffle }, None)
        }
        Command::Predict(mut request) => {
            if !request.files.is_empty() {
                return refused(
                    Subsystem::Predicting,
                    "the class's host takes no pictures of yours. Save the model, and open it on a \
                     page that trains in its tab (backend=auto) to try pictures",
                );
            }
            request.config = plan(&request.config)?;
            (Command::Predict(request), None)
        }
        Command::Continue(ContinueRun { origin: SavedRunSource::Storage(_), .. }) => {
            return refused(
                Subsystem::Training,
                "runs that this browser keeps are not sent to the class's host. Choose \
                 backend=auto to go on with it in this tab",
            );
        }
        Command::FineTune(_)
        | Command::FindFineTuneRate(_)
        | Command::OpenModel { .. }
        | Command::OpenRun { .. }
        | Command::FetchModel(_) => {
            return refused(
                Subsystem::Model,
                "the class's host opens and fetches no networks and runs. Choose backend=auto to \
                 open it in this tab",
            );
        }
        Command::Lesson(_) => {
            return refused(
                Subsystem::Predicting,
                "the lesson's experiments are not made on the class's host. Choose backend=auto to \
                 make them in this tab",
            );
        }
        // They would measure who else trains. A page asks for an estimate by itself, and does not
        // ask again once it was refused.
        Command::Benchmark(_) => return Err(Outcome::Cancelled),
        Command::Estimate(_) => {
            return refused(Subsystem::Training, "the class's host estimates no times");
        }
        command @ (Command::Pause
        | Command::Resume
        | Command::Step
        | Command::Stop
        | Command::Cancel(_)
        | Command::OneMoreEpoch
        | Command::CutSkip(_)
        | Command::KeepRunner(_)
        | Command::ScaleRate(_)
        | Command::SelfTest
        | Command::Evaluate
        | Command::SaveModel(_)
        | Command::SaveRun
        | Command::Continue(_)
        | Command::Watch(_)) => (command, None),
    })
}

fn with_pictures(
    config: RunConfig,
    command: fn(RunConfig) -> Command,
) -> Result<(Command, Option<Source>), Outcome> {
    let config = plan(&config)?;
    let source = config.data.source;
    fits(&config.pictures())?;
    Ok((command(config), Some(source)))
}

/// The settings as their link says them; what no link says is not there any more.
///
/// # Errors
/// If the table of settings refuses one, if two do not go together, or if a step or what is held
/// between steps needs more memory than a seat may take.
fn plan(config: &RunConfig) -> Result<RunConfig, Outcome> {
    let (config, problems) = read_run(&write_run(config));
    let problem = problems.first().map(ToString::to_string);
    if let Some(problem) = problem.or_else(|| config.conflict().map(|problem| problem.to_string()))
    {
        return refused(
            Subsystem::Training,
            format!("the class's host does not take these settings: {problem}. Nothing was begun"),
        );
    }
    let work = StepWork::of(&config);
    let (step, held) = (work.bytes(), work.architecture().parameters() * BYTES_PER_PARAMETER);
    if step > MAX_STEP_BYTES || held > MAX_HELD_BYTES {
        return refused(
            Subsystem::Training,
            format!(
                "this run is too large for a seat at the class's host: a step needs about {} MB of at \
                 most {}, and the network {} MB of at most {}. Choose fewer pictures a batch, a \
                 smaller size or a narrower network, or train in this tab (backend=auto)",
                step / 1_000_000,
                MAX_STEP_BYTES / 1_000_000,
                held / 1_000_000,
                MAX_HELD_BYTES / 1_000_000
            ),
        );
    }
    Ok(config)
}

/// What is wanted of pictures alone, with values that the table of settings knows.
fn pictures(data: DataConfig, seed: u32) -> Result<DataConfig, Outcome> {
    let keep = data.keep;
    let (read, problems) = read_run(&write_run(&RunConfig { data, seed, ..RunConfig::default() }));
    if !problems.is_empty() || !is_known(keep) {
        return refused(
            Subsystem::Data,
            "the class's host does not take these settings of the pictures. Nothing was loaded",
        );
    }
    let data = DataConfig { keep, ..read.data };
    fits(&data)?;
    Ok(data)
}

/// Whether a recipe may keep pictures so.
fn is_known(keep: Keep) -> bool {
    let method = keep.method != ResizeMethod::Auto;
    method
        && match keep.room {
            Room::Crops(thousandths) | Room::SmallCrops(thousandths) => {
                (LEAST_CROP..=1_000).contains(&thousandths)
            }
            Room::Plain | Room::Batch => true,
        }
}

/// Refuses drawn pictures that take too much. Those of the host's folder are bounded by what is in
/// it, and by the loader.
fn fits(data: &DataConfig) -> Result<(), Outcome> {
    let classes = imagenette_names().len() as u64;
    let [train, valid] = [data.train, data.valid].map(|each| u64::from(each) * classes);
    let bytes = data.photo_bytes(train, valid);
    if data.source == Source::Drawn && bytes > MAX_DRAWN_BYTES {
        return refused(
            Subsystem::Data,
            format!(
                "these pictures take about {} MB, and a seat at the class's host has {} MB for them. \
                 Choose fewer pictures a class or a smaller size",
                bytes / 1_000_000,
                MAX_DRAWN_BYTES / 1_000_000
            ),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_protocol::bench::BenchmarkRequest;
    use resnette_protocol::estimate::EstimateRequest;
    use resnette_protocol::predict;
    use serde_bytes::ByteBuf;

    use super::*;

    fn ask(command: Command, has_folder: bool) -> Result<Admitted, Outcome> {
        admit(Request { id: 7, command, corrections: Default::default() }, has_folder)
    }

    fn run(settings: &str) -> RunConfig {
        let (config, problems) = read_run(settings);
        assert!(problems.is_empty(), "{problems:?}");
        config
    }

    /// A run of a size that suits a class, as its lesson has it.
    const SMALL: &str = "source=drawn&train=30&valid=20&size=32&layers=1,1&width=8&stem=8&bs=32";

    fn reason(refused: Result<Admitted, Outcome>) -> String {
        let Err(Outcome::Refused(failure)) = refused else { unreachable!("{refused:?}") };
        failure.message
    }

    #[test]
    fn a_run_of_a_lesson_is_taken_as_it_is() {
        let config = run(SMALL);
        let admitted = ask(Command::Train(config.clone()), false).unwrap();
        assert_eq!(admitted.request.command, Command::Train(config.clone()));
        assert!(!admitted.wants_files && admitted.request.id == 7);
        let load = Command::Load { data: config.pictures(), seed: 3 };
        assert_eq!(ask(load.clone(), false).unwrap().request.command, load);
        let files = run(&SMALL.replace("drawn", "files"));
        assert!(ask(Command::Train(files.clone()), true).unwrap().wants_files);
        assert!(reason(ask(Command::Train(files), false)).contains("no pictures of its own"));
    }

    #[test]
    fn nothing_is_fetched_or_opened_for_strangers() {
        for source in ["huggingface", "url"] {
            let config = run(&SMALL.replace("drawn", source));
            for command in [
                Command::Train(config.clone()),
                Command::FindRate(config.clone()),
                Command::Load { data: config.pictures(), seed: 1 },
            ] {
                assert!(reason(ask(command, true)).contains("fetches no pictures"));
            }
        }
        for command in [
            Command::OpenModel { name: "a".into(), bytes: vec![0; 9] },
            Command::OpenRun { name: "a".into(), bytes: vec![0; 9] },
            Command::FetchModel("timm/resnet18.a1_in1k".into()),
            Command::FineTune(run(SMALL)),
        ] {
            assert!(reason(ask(command, true)).contains("opens and fetches no networks"));
        }
        let files = vec![("me.jpg".to_owned(), ByteBuf::from(vec![1, 2, 3]))];
        let own = predict::Request { files, config: run(SMALL), ..Default::default() };
        assert!(reason(ask(Command::Predict(own), true)).contains("takes no pictures of yours"));
    }

    /// Values that no link has are not those that train, and values that the table refuses end the
    /// request.
    #[test]
    fn settings_go_through_the_table() {
        let mut odd = run(SMALL);
        odd.data.keep.room = Room::Crops(0);
        let Command::Train(taken) = ask(Command::Train(odd), false).unwrap().request.command else {
            unreachable!()
        };
        assert_eq!(taken.data.keep, run(SMALL).data.keep);
        let changes: [fn(&mut RunConfig); 4] = [
            |config| config.recipe.bs = 0,
            |config| config.data.size = u32::MAX,
            |config| config.data.train = u32::MAX,
            |config| config.recipe.lr = f64::NAN,
        ];
        for change in changes {
            let mut config = run(SMALL);
            change(&mut config);
            assert!(ask(Command::Train(config.clone()), false).is_err(), "{config:?}");
        }
        for room in [Room::Crops(0), Room::SmallCrops(79), Room::Crops(1_001)] {
            let mut data = run(SMALL).pictures();
            data.keep.room = room;
            assert!(ask(Command::Load { data, seed: 1 }, false).is_err(), "{room:?}");
        }
    }

    #[test]
    fn plans_that_take_too_much_are_refused_before_anything_is_reserved() {
        let wide = format!("{SMALL}&layers=3,4,6,3&width=64&stem=32,32,64&expansion=4");
        assert!(reason(ask(Command::Train(run(&wide)), false)).contains("too large for a seat"));
        // Its grids are small, but not how alike its 2,048 channels are.
        let alike = "source=drawn&layers=1&width=512&expansion=4&stem=4&size=16&bs=512&sa=1";
        assert!(reason(ask(Command::Train(run(alike)), false)).contains("too large for a seat"));
        let many = format!("{SMALL}&train=900&size=224&bs=4");
        assert!(reason(ask(Command::Train(run(&many)), false)).contains("MB for them"));
    }

    #[test]
    fn nothing_is_measured() {
        let config = run(SMALL);
        let request = BenchmarkRequest { config: config.clone(), steps: 3 };
        assert_eq!(ask(Command::Benchmark(request), false), Err(Outcome::Cancelled));
        let request = EstimateRequest { work: StepWork::of(&config) };
        assert!(reason(ask(Command::Estimate(request), false)).contains("no times"));
    }
}
