//! The run as a page is told of it that was not there when it began.

use resnette_engine::train::learner::Learner;
use resnette_protocol::Event;
use resnette_protocol::persistence::Restored;
use resnette_spec::run_link;

use crate::host::Host;
use crate::saved_runs::restored;
use crate::trainer::Trainer;

impl Trainer {
    /// Tells a page that knows nothing of the run where it stands. Its next steps follow by
    /// themselves if it is under way.
    pub(crate) fn show<H: Host>(&self, host: &H) {
        let Some(learner) = &self.learner else {
            // One that was opened, and whose pictures are not there.
            if let Some(saved) = &self.saved {
                host.post(Event::Restored(Box::new(restored(saved, None))));
            }
            return;
        };
        host.post(Event::Restored(Box::new(told(learner))));
        host.post(Event::Started(learner.shape()));
        if self.is_paused() {
            host.post(Event::Paused);
        } else if !self.is_running() {
            let is_done = learner.is_done() && !learner.is_broken();
            host.post(if is_done { Event::Done } else { Event::Stopped });
        }
    }
}

/// A run that takes the place of the one that is shown.
pub(crate) fn told(learner: &Learner) -> Restored {
    Restored {
        link: run_link(&learner.config),
        shape: learner.shape(),
        rows: learner.history.clone(),
        curve: learner.curve.clone(),
        at: learner.last_step(),
        done: learner.is_done(),
        note: None,
    }
}
