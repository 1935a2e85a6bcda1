//! What the page knows about saved runs: those in the browser's storage, and what became of the
//! last file.

use std::collections::BTreeSet;

use resnette_protocol::persistence::{AutosaveOutcome, Kept, NotKept};
use resnette_protocol::saved::slots::{self, SlotId, SlotState};
use resnette_protocol::saved::{RunHeader, RunHeaderError};
use resnette_spec::RunConfig;

/// How often a lost engine is started again before an epoch has ended.
const TRIES: u32 = 2;

/// A run in the browser's storage.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedRun {
    /// Where it is kept.
    pub slot: SlotId,
    /// Its settings.
    pub config: RunConfig,
    /// The epoch with which it would go on, from 0.
    pub epoch: u32,
    /// Whether it has ended.
    pub done: bool,
    /// When it was saved last, in milliseconds since 1970.
    pub saved: u64,
    /// Whether another tab works on it.
    pub elsewhere: bool,
    /// Whether it was the last one that was continued.
    pub continued: bool,
}

impl SavedRun {
    /// The saved run that a header describes.
    ///
    /// # Errors
    /// A [`RunHeaderError`] if its settings cannot be read.
    pub fn of(slot: SlotId, saved: u64, head: &RunHeader) -> Result<Self, RunHeaderError> {
        let (config, epoch, done) = (head.config()?, head.epoch, head.is_done());
        Ok(Self { slot, config, epoch, done, saved, elsewhere: false, continued: false })
    }

    /// The run in a few words.
    pub fn words(&self) -> String {
        let epochs = self.config.recipe.epochs;
        let layers: Vec<_> = self.config.net.layers.iter().map(u32::to_string).collect();
        let at = match self.done {
            true => format!("all {epochs} epochs"),
            false => format!("{} of {epochs} epochs", self.epoch),
        };
        format!(
            "{at}, {} px, source {}, layers {}, lr {}",
            self.config.data.size,
            self.config.data.source.name(),
            layers.join(","),
            self.config.recipe.lr
        )
    }
}

/// What can happen to saved runs.
#[derive(Clone, Debug)]
pub enum SavingAction {
    /// The browser's storage was searched, and these runs are in it.
    Found(Vec<SavedRun>),
    /// The same, but not all of it could be read, or not in time: what was known before stays.
    FoundSome(Vec<SavedRun>),
    /// The reader deleted a run.
    Deleted(SlotId),
    /// A deleted run is back.
    Restored(SlotId),
    /// A run could not be deleted or brought back, for this reason.
    Refused(String),
}

/// What the page knows about saved runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavingState {
    /// The runs in the browser's storage, newest first.
    pub saved: Vec<SavedRun>,
    /// Whether the browser's storage has been searched.
    pub searched: bool,
    /// The run that the reader deleted last; it can come back.
    pub deleted: Option<SavedRun>,
    /// Why the run under way is not saved, or a note on the one that was opened.
    pub note: Option<String>,
    /// The runs that had to go to make room for the one under way, in words.
    pub gone: Vec<String>,
    /// Why the last file was not written or read.
    pub failure: Option<String>,
    /// Counts the times that the page is to continue by itself after the engine was lost.
    pub recoveries: u32,
    /// Counts the times that the storage must be searched again.
    pub searches: u32,
    /// Recoveries since the last epoch.
    tries: u32,
    /// Whether the worker has read or saved a run since it started: it holds the lock of the run's
    /// slot from then on.
    pub holds_lock: bool,
    /// The slot of the run that this page shows, once it is saved.
    pub own: Option<SlotId>,
    /// Whether the last save of this run failed.
    pub unkept: bool,
    /// The slot of the run that the page has asked the worker for.
    asked: Option<SlotId>,
    /// The slots that this tab's worker has worked on: if one is locked, then by this worker.
    mine: BTreeSet<SlotId>,
}

impl SavingState {
    /// Applies what happened to saved runs.
    pub fn act(&mut self, action: SavingAction) {
        match action {
            SavingAction::Found(runs) => self.found(runs),
            SavingAction::FoundSome(mut runs) => {
                let seen: Vec<SlotId> = runs.iter().map(|run| run.slot).collect();
                runs.extend(self.saved.iter().filter(|run| !seen.contains(&run.slot)).cloned());
                self.found(runs);
            }
            SavingAction::Deleted(slot) => {
                self.failure = None;
                if let Some(at) = self.saved.iter().position(|run| run.slot == slot) {
                    self.deleted = Some(self.saved.remove(at));
                }
            }
            SavingAction::Restored(slot) => {
                self.failure = None;
                if let Some(run) = self.deleted.take_if(|run| run.slot == slot) {
                    self.saved.push(run);
                    self.sort();
                }
            }
            SavingAction::Refused(reason) => self.failure = Some(reason),
        }
    }

    /// Runs were found in the browser's storage.
    fn found(&mut self, runs: Vec<SavedRun>) {
        self.searched = true;
        // The run of this page may have been saved while the browser's storage was searched.
        let own = self.own.and_then(|slot| self.saved.iter().find(|run| run.slot == slot).cloned());
        let deleted = self.deleted.as_ref().map(|run| run.slot);
        self.saved = runs;
        self.saved.retain(|run| Some(run.slot) != deleted);
        for run in &mut self.saved {
            run.elsewhere &= !self.mine.contains(&run.slot);
        }
        if let Some(own) = own {
            self.saved.retain(|run| run.slot != own.slot);
            self.saved.push(own);
        }
        self.sort();
    }

    fn sort(&mut self) {
        self.saved.sort_by_key(|run| std::cmp::Reverse((run.saved, run.slot)));
    }

    /// The newest run that this page can go on with.
    pub fn newest(&self) -> Option<&SavedRun> {
        self.saved.iter().find(|run| !run.elsewhere)
    }

    /// The run that goes first when another one needs its slot, if all slots are taken.
    pub fn next_to_go(&self) -> Option<&SavedRun> {
        let states = self.saved.iter().map(|run| SlotState {
            slot: run.slot,
            saved: run.saved,
            deleted: false,
            spared: run.elsewhere || run.continued,
        });
        let going = slots::first_to_go(&states.collect::<Vec<_>>());
        let slot = going.first().filter(|_| slots::surplus(self.saved.len()) > 0)?;
        self.saved.iter().find(|run| run.slot == *slot)
    }

    /// Another run begins.
    pub fn begin(&mut self) {
        self.own = None;
        self.asked = None;
        self.unkept = false;
        self.tries = 0;
        self.note = None;
        self.gone.clear();
        self.failure = None;
    }

    /// The worker was asked to go on with the run in this slot, or with the one that was opened.
    pub fn ask_continue(&mut self, slot: Option<SlotId>) {
        self.asked = slot.or(self.asked);
        self.failure = None;
    }

    /// The worker does not go on with the run that it was asked for.
    pub fn not_continued(&mut self) {
        self.asked = None;
    }

    /// The worker has read a run; `note` is what the reader should know about it. It keeps the lock
    /// of one that is not `done`.
    pub fn restored(&mut self, note: Option<String>, done: bool) {
        self.own = self.asked.take();
        self.mine.extend(self.own);
        self.holds_lock |= self.own.is_some() && !done;
        self.unkept = false;
        for run in &mut self.saved {
            run.continued = self.own == Some(run.slot);
        }
        self.failure = None;
        self.note = note.or(self.note.take());
    }

    /// The worker has saved a run, or has failed to. `config` are the settings of the run that the
    /// page shows; `None` if it was the run before.
    pub fn autosaved(&mut self, outcome: AutosaveOutcome, config: Option<RunConfig>) {
        match outcome {
            AutosaveOutcome::Saved { epoch, done, kept } => {
                self.holds_lock = true;
                let Kept { slot, saved, removed } = kept;
                self.removed(removed);
                // A run that goes on after its save was deleted is saved again.
                self.deleted.take_if(|run| run.slot == slot);
                self.mine.insert(slot);
                let known = self.saved.iter().position(|run| run.slot == slot);
                let known = known.map(|at| self.saved.remove(at));
                let current = config.is_some();
                let Some(config) = config.or(known.as_ref().map(|run| run.config.clone())) else {
                    self.searches += 1;
                    return;
                };
                let continued = known.is_some_and(|run| run.continued);
                let elsewhere = false;
                self.saved.push(SavedRun {
                    slot,
                    config,
                    epoch,
                    done,
                    saved,
                    elsewhere,
                    continued,
                });
                self.sort();
                if current {
                    self.own = Some(slot);
                    self.unkept = false;
                    self.tries = 0;
                    self.note = None;
                }
            }
            AutosaveOutcome::Failed(NotKept { reason, removed }) => {
                self.removed(removed);
                if config.is_some() {
                    self.unkept = true;
                    self.note = Some(format!("This run is not kept: {reason}."));
                } else {
                    self.note = Some(format!("The run before this one was not kept: {reason}."));
                }
            }
        }
    }

    /// Saved runs had to go to make room.
    fn removed(&mut self, slots: Vec<SlotId>) {
        for gone in slots {
            // What the reader has deleted was to go.
            let deleted = self.deleted.take_if(|run| run.slot == gone).is_some();
            match self.saved.iter().position(|run| run.slot == gone) {
                Some(at) => self.gone.push(self.saved.remove(at).words()),
                None if deleted => {}
                None => self.gone.push("one that another tab has saved or deleted".into()),
            }
        }
    }

    /// The worker has ended, and its locks with it.
    pub fn engine_ended(&mut self) {
        self.holds_lock = false;
        self.mine.clear();
    }

    /// The engine was lost during a run. Returns whether the page continues from the last save by
    /// itself.
    pub fn recover(&mut self) -> bool {
        let can = self.own_run().is_some_and(|run| !run.done) && self.tries < TRIES;
        if can {
            self.tries += 1;
            self.recoveries += 1;
            self.note = Some("The engine was lost; the run goes on from its last save.".into());
        }
        can
    }

    /// The save of the run that this page shows.
    pub fn own_run(&self) -> Option<&SavedRun> {
        self.saved.iter().find(|run| self.own == Some(run.slot))
    }
}

#[cfg(test)]
mod tests;
