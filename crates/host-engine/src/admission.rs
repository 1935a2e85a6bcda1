//! What the host does for a page at all, decided before its session sees the request.
//!
//! Everything that comes is a stranger's. Settings go through the table of settings, and what the
//! table makes of them is what trains; a plan that needs more memory than a seat may take is
//! refused before anything of it is reserved, since no memory ends the host for everybody. What all
//! seats take together is [`crate::account`]'s. A plan whose steps are long is refused too, since
//! everybody waits for each.

use resnette_picture::classes::imagenette_names;
use resnette_protocol::persistence::{ContinueRun, SavedRunSource};
use resnette_protocol::{Command, Failure, Outcome, Request, Subsystem};
use resnette_spec::run_time::StepWork;
use resnette_spec::{DataConfig, Keep, ResizeMethod, Room, RunConfig, Source, read_run, write_run};

use crate::account::held_bytes;
use crate::limits::{
    MAX_DRAWN_BYTES, MAX_HELD_BYTES, MAX_NAME_BYTES, MAX_STEP_BYTES, MAX_STEP_MULTIPLY_ADDS,
};

/// Thousandths of a picture's area that the smallest random crop has, at least: the least that the
/// setting `min_scale` allows.
const LEAST_CROP: u16 = 80;

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
    // The pictures of a run that goes on are not named; drawn ones need no files.
    let goes_on = matches!(command, Command::Continue(_) | Command::OneMoreEpoch);
    Ok(Admitted {
        // What a reader has corrected is about files of theirs, which are not here.
        request: Request { id: request.id, command, corrections: Default::default() },
        wants_files: source == Some(Source::Files) || (goes_on && has_folder),
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
            check_name(request.explain.layer.as_deref())?;
            request.config = plan(&request.config)?;
            (Command::Predict(request), None)
        }
        Command::Watch(watching) => {
            let stage = watching.as_ref().and_then(|watching| watching.stage.as_deref());
            check_name(stage)?;
            (Command::Watch(watching), None)
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
        // Both would measure who else trains.
        Command::Benchmark(_) => {
            return refused(
                Subsystem::Training,
                "the class's host trains for many and is not measured. Choose backend=auto to \
                 measure this browser",
            );
        }
        // A page asks for an estimate by itself, and does not ask again once it was refused.
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
        | Command::Continue(_)) => (command, None),
    })
}

/// Refuses what is too long for the name of a layer or of a stage, and would only take memory.
fn check_name(name: Option<&str>) -> Result<(), Outcome> {
    match name.is_some_and(|name| name.len() > MAX_NAME_BYTES) {
        true => refused(
            Subsystem::Predicting,
            "no network has a layer or a stage with so long a name, so nothing was done",
        ),
        false => Ok(()),
    }
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
/// If the table of settings refuses one, if two do not go together, if a step or what is held
/// between steps needs more memory than a seat may take, or if a step takes too long.
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
    let (step, held) = (work.bytes(), held_bytes(&work));
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
    let multiply_adds = work.multiply_adds();
    if multiply_adds > MAX_STEP_MULTIPLY_ADDS {
        return refused(
            Subsystem::Training,
            format!(
                "a step of this run is too long for the class's host, where all others wait for \
                 it: it takes {:.1} billion multiply-adds of at most {:.0} billion. Choose fewer \
                 pictures a batch, a smaller size or a narrower network, or train in this tab \
                 (backend=auto)",
                multiply_adds / 1e9,
                MAX_STEP_MULTIPLY_ADDS / 1e9
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
mod tests;
