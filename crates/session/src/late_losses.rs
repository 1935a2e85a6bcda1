//! Losses that are told when somebody is about to look at the run, and not with a unit of work.
//!
//! Where losses are read late, as on a GPU, some are on their way between two units of work. A
//! pause, Stop, a file of the run, and what begins and ends a race wait for them: then the page has
//! every loss, and one that is not a number has ended the run before it is saved or split.

use resnette_engine::train::learner::{Learner, LearnerError, Tick};
use resnette_protocol::Event;
use resnette_protocol::race::Race as Told;
use resnette_protocol::run::StepReport;

use crate::host::Host;
use crate::trainer::Trainer;

impl Trainer {
    /// Waits for the losses of a run under way, or of a paused one, that are still on their way
    /// from the device, and tells them. `false` if one of them ended the run, which is told too.
    pub(crate) async fn read_losses<H: Host>(&mut self, host: &H) -> bool {
        let is_under_way = self.is_running() || self.is_paused();
        let Some(learner) = self.learner.as_mut().filter(|_| is_under_way) else { return true };
        let read = learner.read_losses().await;
        self.tell_late(host);
        match read {
            // If the device is lost, the run's own next read says so.
            Ok(()) | Err(LearnerError::Engine(_)) => self.read_rival_losses(host).await,
            Err(error) => {
                self.fail(error, host);
                return false;
            }
        }
        true
    }

    /// Tells the losses that have been read and are in no report yet.
    pub(crate) fn tell_late<H: Host>(&mut self, host: &H) {
        let late = self.learner.as_mut().and_then(Learner::unreported);
        if let Some(Tick::Trained { epoch, batch, steps, gradients }) = late {
            let rate = self.pace.rate();
            host.post(Event::Steps(StepReport { epoch, batch, steps, rate, gradients }));
        }
    }

    /// The same for the network without the skip, if there is a race.
    async fn read_rival_losses<H: Host>(&mut self, host: &H) {
        let Some(race) = self.race.as_mut() else { return };
        let read = race.learner.read_losses().await;
        self.tell_late_rival(host);
        match read {
            Ok(()) | Err(LearnerError::Engine(_)) => {}
            Err(error) => self.fail_rival(error, host),
        }
    }

    /// Tells the losses of the network without the skip that have been read and are in no report
    /// yet.
    pub(crate) fn tell_late_rival<H: Host>(&mut self, host: &H) {
        let late = self.race.as_mut().and_then(|race| race.learner.unreported());
        if let Some(Tick::Trained { steps, .. }) = late
            && !steps.is_empty()
        {
            host.post(Event::Race(Told::Steps(steps)));
        }
    }
}
