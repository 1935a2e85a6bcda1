//! What the page knows about saved runs: the one in the browser's storage, and what became of the
//! last file.

use resnette_protocol::persistence::AutosaveOutcome;
use resnette_protocol::saved::{RunHeader, RunHeaderError};
use resnette_spec::RunConfig;

/// How often a lost engine is started again before an epoch has ended.
const TRIES: u32 = 2;

/// The run in the browser's storage.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedRun {
    /// Its settings.
    pub config: RunConfig,
    /// The epoch with which it would go on, from 0.
    pub epoch: u32,
    /// Whether it has ended.
    pub done: bool,
}

impl SavedRun {
    /// The saved run that a header describes.
    ///
    /// # Errors
    /// A [`RunHeaderError`] if its settings cannot be read.
    pub fn of(head: &RunHeader) -> Result<Self, RunHeaderError> {
        Ok(Self { config: head.config()?, epoch: head.epoch, done: head.is_done() })
    }
}

/// What the page knows about saved runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavingState {
    /// The run in the browser's storage, if there is one.
    pub saved: Option<SavedRun>,
    /// Why the run under way is not saved, or a note on the one that was opened.
    pub note: Option<String>,
    /// Why the last file was not written or read.
    pub failure: Option<String>,
    /// Counts the times that the page is to continue by itself after the engine was lost.
    pub recoveries: u32,
    /// Recoveries since the last epoch.
    tries: u32,
    /// Whether the saved run is the one that this page shows.
    own: bool,
    /// Whether this page has saved a run since its worker started: the worker holds the lock on the
    /// storage from then on.
    pub holds_lock: bool,
}

impl SavingState {
    /// A run was found in the browser's storage.
    pub fn found(&mut self, saved: SavedRun) {
        // A run of this page may have been saved while the browser's storage was searched.
        if !self.own {
            self.saved = Some(saved);
        }
    }

    /// Another run begins.
    pub fn begin(&mut self) {
        self.own = false;
        self.tries = 0;
        self.note = None;
        self.failure = None;
    }

    /// The worker has saved the run, or has failed to.
    pub fn autosaved(&mut self, outcome: AutosaveOutcome, config: &RunConfig) {
        match outcome {
            AutosaveOutcome::Saved { epoch, done } => {
                self.saved = Some(SavedRun { config: config.clone(), epoch, done });
                self.own = true;
                self.holds_lock = true;
                self.tries = 0;
                self.note = None;
            }
            AutosaveOutcome::Failed(reason) => {
                self.note = Some(format!("This run is not kept: {reason}."))
            }
        }
    }

    /// The engine was lost during a run. Returns whether the page continues from the last save by
    /// itself.
    pub fn recover(&mut self) -> bool {
        let can =
            self.own && self.saved.as_ref().is_some_and(|saved| !saved.done) && self.tries < TRIES;
        if can {
            self.tries += 1;
            self.recoveries += 1;
            self.note = Some("The engine was lost; the run goes on from its last save.".into());
        }
        can
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_engine_is_started_again_twice_and_no_more() {
        let mut keep = SavingState::default();
        let config = RunConfig::default();
        assert!(!keep.recover(), "there is nothing to go on from");
        keep.autosaved(AutosaveOutcome::Saved { epoch: 3, done: false }, &config);
        assert!(keep.holds_lock, "its worker has saved");
        assert!(keep.recover() && keep.recover() && !keep.recover());
        assert_eq!(keep.recoveries, 2);
        keep.autosaved(AutosaveOutcome::Saved { epoch: 4, done: false }, &config);
        assert!(keep.recover(), "an epoch later it may");
        keep.autosaved(AutosaveOutcome::Saved { epoch: 5, done: true }, &config);
        assert!(!keep.recover(), "the run has ended");
    }

    #[test]
    fn another_runs_save_is_not_gone_on_with_by_itself() {
        let mut keep = SavingState::default();
        keep.found(SavedRun { config: RunConfig::default(), epoch: 2, done: false });
        keep.begin();
        assert!(!keep.recover());
        keep.autosaved(
            AutosaveOutcome::Failed("the browser's storage is full".into()),
            &RunConfig::default(),
        );
        assert_eq!(keep.saved.as_ref().map(|saved| saved.epoch), Some(2));
        assert!(keep.note.is_some_and(|note| note.contains("not kept")));
    }
}
