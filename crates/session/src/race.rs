//! A race: the run is split in two, of which one goes on without a skip connection. Both train on
//! the same batches, one batch each in turn, until the reader keeps one.
//!
//! The run with the skip is the run: it is what is saved, watched and asked about pictures, and it
//! keeps every bit. Whatever ends the race early keeps it.

use resnette_engine::train::cut_skip::CutError;
use resnette_engine::train::learner::{Learner, LearnerError, Tick};
use resnette_protocol::Event;
use resnette_protocol::race::{Race as Told, Runner};
use resnette_spec::BlockPlace;

use crate::host::Host;
use crate::rival::Race;
use crate::shown::told;
use crate::trainer::Trainer;

/// Why no skip was cut, or no network was kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RaceError {
    /// Nothing trains.
    #[error("no skip was cut, because no run is under way or paused here. Press Train first")]
    NotUnderWay,
    /// There is one already.
    #[error("no skip was cut, because two networks are already racing. Keep one of them first")]
    Racing,
    /// It cannot be cut.
    #[error("no skip was cut: {0}. The run is as it was")]
    Cut(#[from] CutError),
    /// One of the losses that were waited for ended the run.
    #[error("nothing was changed, because the run has just ended; its message says why")]
    Ended,
    /// There is nothing to choose from.
    #[error("nothing was changed, because no two networks are racing")]
    NoRace,
}

impl Trainer {
    /// Splits the run under way, or a paused one.
    ///
    /// # Errors
    /// [`RaceError`]. The run is as it was, unless it has [`Ended`](RaceError::Ended).
    pub(crate) async fn cut_skip<H: Host>(
        &mut self,
        host: &H,
        place: BlockPlace,
    ) -> Result<(), RaceError> {
        if self.race.is_some() {
            return Err(RaceError::Racing);
        }
        // One of them may end the run.
        if !self.read_losses(host).await {
            return Err(RaceError::Ended);
        }
        let is_under_way = self.is_running() || self.is_paused();
        let learner = self.learner.as_mut().filter(|_| is_under_way);
        let learner = learner.ok_or(RaceError::NotUnderWay)?;
        learner.pause_clock();
        let copy = learner.without_skip(place).await?;
        host.post(Event::Race(Told::Begun { place, steps: copy.steps() }));
        self.race = Some(Race { learner: copy, place, due: Vec::new() });
        self.stand_aside();
        Ok(())
    }

    /// Ends the race. The one that is kept is the run from then on, and is saved if it is another.
    ///
    /// # Errors
    /// [`RaceError::NoRace`] or [`RaceError::Ended`]
    pub(crate) async fn keep_runner<H: Host>(
        &mut self,
        host: &H,
        runner: Runner,
    ) -> Result<(), RaceError> {
        // What is kept has its losses to the last one, and one of them may end the run or the race.
        if !self.read_losses(host).await {
            return Err(RaceError::Ended);
        }
        let mut race = self.race.take().ok_or(RaceError::NoRace)?;
        race.apply_due();
        let Race { learner, place, .. } = race;
        let words = place.words();
        if runner == Runner::WithSkip {
            let note = format!("The run keeps the skip of {words}, as if nothing had been cut.");
            host.post(Event::Race(Told::Ended { kept: None, note }));
            return Ok(());
        }
        let note = format!("The run goes on without the skip of {words}.");
        let kept = Some(Box::new(told(&learner)));
        self.replace(learner);
        host.post(Event::Race(Told::Ended { kept, note }));
        // A run that had ended early may give its place to one that has not.
        self.pause_unended(host);
        self.autosave(host).await;
        Ok(())
    }

    /// Ends the race, if there is one, because something else ends or begins. `why` is the
    /// beginning of a sentence.
    pub(crate) fn end_race<H: Host>(&mut self, host: &H, why: &str) {
        if let Some(Race { place, .. }) = self.race.take() {
            let note = format!("{why}. The network with the skip of {} is kept.", place.words());
            host.post(Event::Race(Told::Ended { kept: None, note }));
        }
    }

    /// Whether the network without the skip has its turn.
    pub(crate) fn is_rival_behind(&self) -> bool {
        match (&self.learner, &self.race) {
            (Some(learner), Some(race)) => learner.is_ahead_of(&race.learner),
            _ => false,
        }
    }

    /// Whether the network without the skip has fewer epochs than the run.
    fn has_rival_fewer_epochs(&self) -> bool {
        match (&self.learner, &self.race) {
            (Some(learner), Some(race)) => learner.history.len() > race.learner.history.len(),
            _ => false,
        }
    }

    /// After a single step of the run: the network without the skip does as much. A run that has
    /// ended early by its table waits for no further epochs.
    pub(crate) async fn follow_single_step<H: Host>(&mut self, host: &H) {
        let is_done = self.learner.as_ref().is_none_or(Learner::is_done);
        while self.is_rival_behind() && (!is_done || self.has_rival_fewer_epochs()) {
            self.tick_rival(host, true).await;
        }
    }

    /// One unit of work of the network without the skip. In single steps its loss is told at once.
    pub(crate) async fn tick_rival<H: Host>(&mut self, host: &H, is_single_step: bool) {
        if let Some(learner) = self.learner.as_mut() {
            // Each of the two has a clock of its own.
            learner.pause_clock();
        }
        let Some(race) = self.race.as_mut() else { return };
        let done = match is_single_step {
            true => race.learner.tick_and_read().await,
            false => race.learner.tick().await,
        };
        race.learner.pause_clock();
        if let Some(run) = &self.learner {
            race.catch_up(run);
        }
        match done {
            Ok(Tick::Trained { steps, .. }) => {
                if !steps.is_empty() {
                    host.post(Event::Race(Told::Steps(steps)));
                }
            }
            Ok(Tick::Epoch(row)) => host.post(Event::Race(Told::Epoch(row))),
            Ok(Tick::Validated { .. } | Tick::Done) => {}
            Err(error) => {
                self.tell_late_rival(host);
                self.fail_rival(error, host);
            }
        }
    }

    /// The network without the skip cannot go on, and with it the race ends.
    pub(crate) fn fail_rival<H: Host>(&mut self, error: LearnerError, host: &H) {
        match error {
            error @ LearnerError::Engine(_) => self.fail(error, host),
            LearnerError::Diverged(loss, step) => {
                let why = format!("Without the skip the loss became {loss} at step {step}");
                self.end_race(host, &why);
            }
            error => self.end_race(host, &format!("Without the skip: {error}")),
        }
    }
}
