//! What the page shows of a network while it learns: after every epoch, and when somebody begins to
//! watch, a look at the network of the run, one batch between two requests.
//!
//! While nobody watches there is nothing to compute. The run waits during a look, which takes its
//! weights as they are and draws no random numbers, so that the run is the same with it and
//! without.

use resnette_engine::predict::watch::look::Look;
use resnette_engine::train::learner::LearnerError;
use resnette_protocol::Event;
use resnette_protocol::watch::{Watched, Watching};

use crate::host::{Engine, Host};
use crate::trainer::Trainer;

/// What is watched, and the look that is under way.
#[derive(Default)]
pub struct Watcher {
    /// `None` while nobody watches.
    watching: Option<Watching>,
    /// The run and the number of its complete epochs at the last look.
    seen: Option<(u32, usize)>,
    /// Whether another picture or stage is wanted than was told last.
    is_picture_due: bool,
    job: Option<Job>,
    /// The run of the last map, which the next one continues.
    run: Option<u32>,
    /// Its coordinates.
    map: Vec<[f64; 2]>,
}

struct Job {
    look: Look,
    run: u32,
    /// Whether the whole sample is asked about, and not the pinned picture alone.
    is_whole: bool,
}

impl Watcher {
    /// Whether a look is under way.
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Watches this from now on, or nothing.
    pub(crate) fn watch(&mut self, watching: Option<Watching>) {
        match watching {
            Some(watching) => {
                self.watching = Some(watching);
                self.is_picture_due = true;
            }
            None => *self = Self::default(),
        }
    }

    /// The network is about to change, by a single step: a look under way starts over behind it.
    pub(crate) fn start_over(&mut self) {
        if self.job.take().is_some_and(|job| job.is_whole) {
            self.seen = None;
        }
    }

    /// The run has been stopped: a look under way ends, and the network is seen as it is until an
    /// epoch ends, another run begins or another picture is wanted.
    pub(crate) fn stop(&mut self, trainer: &Trainer) {
        self.job = None;
        self.is_picture_due = false;
        let run = trainer.run_number();
        self.seen = trainer.learner.as_ref().map(|learner| (run, learner.history.len()));
    }

    /// Begins a look if one is due: an epoch has ended or a run has begun since the last one, or
    /// another picture is wanted. Nothing is computed before the first tick.
    pub(crate) fn follow(&mut self, trainer: &mut Trainer) {
        let run = trainer.run_number();
        // A run that has been replaced, by a saved one perhaps, is looked at no further.
        self.job.take_if(|job| job.run != run || trainer.learner.is_none());
        if self.watching.is_none() || self.job.is_some() {
            return;
        }
        let Some(learner) = trainer.learner.as_ref().filter(|learner| !learner.is_broken()) else {
            return;
        };
        let now = (run, learner.history.len());
        let is_whole = self.seen != Some(now);
        if !is_whole && !self.is_picture_due {
            return;
        }
        self.job = Some(Job { look: Look::new(learner), run, is_whole });
        self.seen = Some(now);
        self.is_picture_due = true;
        trainer.stand_aside();
    }

    /// Asks about a batch of the sample, or tells what was found. A look that fails is told, and
    /// the run goes on without it: if the device is lost, the run's own next read says so.
    pub(crate) async fn tick<H: Host>(&mut self, host: &H, engine: &Engine) {
        let advanced = self.advance(host).await;
        if let Err(error) = advanced {
            host.post(Event::Watched(self.fail(error)));
        }
        if self.job.is_none() {
            // As after an epoch: what the look took is given back.
            engine.device.memory_cleanup();
        }
    }

    /// Watches nothing any more, since the next look would fail as this one did, and says what is
    /// to be told.
    fn fail(&mut self, error: LearnerError) -> Watched {
        *self = Self::default();
        let reason = match error {
            LearnerError::Engine(reason) => reason,
            error => error.to_string(),
        };
        Watched::Failed(format!(
            "Couldn't inspect the network ({reason}). Earlier results are kept and the run \
             continues. Close this part and reopen it to try again."
        ))
    }

    async fn advance<H: Host>(&mut self, host: &H) -> Result<(), LearnerError> {
        let (Some(job), Some(watching)) = (self.job.as_mut(), self.watching.as_ref()) else {
            return Ok(());
        };
        if job.is_whole {
            if !job.look.tick().await? {
                return Ok(());
            }
            let is_new = self.run != Some(job.run);
            if is_new {
                self.map.clear();
            }
            let mut found = job.look.snapshot(&mut self.map).await?;
            if is_new {
                found.thumbnails = job.look.thumbnails();
            }
            self.run = Some(job.run);
            job.is_whole = false;
            host.post(Event::Watched(Watched::Network(Box::new(found))));
            return Ok(());
        }
        if let Some(picture) = job.look.pinned(watching).await? {
            host.post(Event::Watched(Watched::Picture(Box::new(picture))));
        }
        self.is_picture_due = false;
        self.job = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next look would fail like this one, so that none follows until somebody watches again.
    #[test]
    fn a_look_that_fails_is_told_and_not_begun_again() {
        let watching = Watching { pinned: 3, stage: None };
        let mut watcher = Watcher { seen: Some((1, 2)), ..Watcher::default() };
        watcher.watch(Some(watching.clone()));
        let error = LearnerError::Engine("the device is lost".into());
        let Watched::Failed(told) = watcher.fail(error) else { panic!("a failure") };
        assert!(told.contains("(the device is lost)"), "{told}");
        assert!(!watcher.is_busy() && watcher.watching.is_none() && watcher.seen.is_none());
        watcher.watch(Some(watching.clone()));
        assert_eq!(watcher.watching, Some(watching));
        assert!(watcher.is_picture_due);
    }
}
