//! A rank's part in a run, from its start to its end.

use std::time::Duration;

use resnette_engine::train::checkpoint::Checkpoint;
use resnette_engine::train::learner::{Learner, Tick};
use resnette_engine::train::team::check_settings;

use super::WAIT;
use super::ranks::Ranks;
use crate::arguments::settings_from;
use crate::output::{set_quiet, tell};
use crate::resume::{go_on, reopen};
use crate::run::{RunPlace, run};
use crate::stop;
use crate::stop::Stopped;
use crate::train::{TrainArgs, begin};

/// Trains a network together with the other ranks. Rank 0 prints the table of epochs and keeps the
/// run. An error of any rank ends all of them.
///
/// # Errors
/// If MPI does not start; [`Stopped`] if a signal ended the run, which is saved then.
pub async fn train(args: &TrainArgs) -> anyhow::Result<()> {
    let ranks = Ranks::start(Duration::from_secs(args.team.team_wait.unwrap_or(WAIT)))?;
    set_quiet(ranks.rank() > 0);
    let (learner, place) = match prepare(args, &ranks).await {
        Ok(prepared) => prepared,
        Err(error) => ranks.end_all(&error),
    };
    let ended = match ranks.rank() {
        0 => run(learner, place).await,
        _ => train_along(learner).await,
    };
    match ended {
        // All of them have stopped at the same step.
        Err(error) if !error.is::<Stopped>() => ranks.end_all(&error),
        ended => {
            // A rank that has gone would take the others with it, and rank 0 may still be saving.
            ranks.wait_for_all();
            ended
        }
    }
}

/// Loads the pictures, and the saved run if this one goes on with it, and joins the team.
async fn prepare(args: &TrainArgs, ranks: &Ranks) -> anyhow::Result<(Learner, RunPlace)> {
    stop::listen()?;
    let seat = ranks.seat();
    tell(format_args!(
        "{} ranks train together, {} of them on this computer, on {} threads each",
        ranks.size(),
        ranks.on_this_computer(),
        seat.threads
    ));
    let is_first = ranks.rank() == 0;
    let (mut learner, folder) = if args.resume {
        // Rank 0 alone needs the folder: the others may be on computers that do not have it.
        let (folder, mut saved) = match is_first {
            true => {
                let (folder, checkpoint) = reopen(&args.keep)?;
                (Some(folder), checkpoint.write(0)?)
            }
            false => (None, Vec::new()),
        };
        ranks.broadcast(&mut saved);
        let (_, checkpoint) = Checkpoint::read(&saved)?;
        check_settings(ranks.size(), &checkpoint.config)?;
        (go_on(&args.common, &args.stream, &checkpoint, seat).await?, folder)
    } else {
        let config = settings_from(&args.common.settings)?;
        check_settings(ranks.size(), &config)?;
        let folder = if is_first { args.keep.folder()? } else { None };
        (begin(&args.common, &args.stream, config, seat).await?, folder)
    };
    // One computer may read its pictures much faster than another.
    ranks.wait_for_pictures();
    learner.join(Box::new(ranks.team())).await?;
    let place = RunPlace {
        stream: args.stream.clone(),
        ranks: ranks.size(),
        team_wait: args.team.team_wait,
        ..RunPlace::of(&args.common, folder)
    };
    Ok((learner, place))
}

/// Trains to the end without a word.
///
/// # Errors
/// If the engine fails; [`Stopped`] if a signal of any rank ended the run.
async fn train_along(mut learner: Learner) -> anyhow::Result<()> {
    loop {
        if learner.stops(stop::is_requested()) {
            return Err(Stopped.into());
        }
        if let Tick::Done = learner.tick().await? {
            return Ok(());
        }
    }
}
