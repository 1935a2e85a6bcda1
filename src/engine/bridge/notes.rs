//! What the bridge notes for the commands to come: files, corrections, threads, what is at stake.

use resnette_picture::report::ClassCorrections;

use super::Bridge;
use crate::shell::question::Stake;
use crate::widgets::opened_files::OpenedFile;

impl Bridge {
    /// Keeps the reader's files for [`Source::Files`](resnette_spec::Source::Files). Corrections of
    /// earlier files are forgotten.
    pub fn keep_files(&self, files: Vec<OpenedFile>) {
        let mut inner = self.0.borrow_mut();
        inner.files = files;
        inner.corrections = ClassCorrections::default();
        inner.file_classes = None;
    }

    /// How many classes the reader's files have; `None` if they were not read yet, or not
    /// with these corrections.
    pub fn file_classes(&self) -> Option<u32> {
        self.0.borrow().file_classes
    }

    /// Keeps what the reader corrected about the classes of these files: it goes with every request
    /// that loads them.
    pub fn keep_corrections(&self, corrections: ClassCorrections) {
        let mut inner = self.0.borrow_mut();
        inner.corrections = corrections;
        inner.file_classes = None;
    }

    /// Keeps how many threads the next CPU engine gets: the setting `threads`.
    pub fn keep_threads(&self, threads: u32) {
        self.0.borrow_mut().threads = threads;
    }

    /// Whether the reader has opened files to train on.
    pub fn has_files(&self) -> bool {
        !self.0.borrow().files.is_empty()
    }

    /// Notes what would be lost with the network that the worker holds.
    pub fn set_stake(&self, stake: Stake) {
        self.0.borrow_mut().stake = stake;
    }

    /// What would be lost with the network that the worker holds.
    pub fn stake(&self) -> Stake {
        self.0.borrow().stake
    }

    /// A number that no other prediction has.
    pub fn next_id(&self) -> u32 {
        let mut inner = self.0.borrow_mut();
        inner.last_id += 1;
        inner.last_id
    }

    /// A run begins that asks the worker for nothing yet. Answers with its [`Self::turn`].
    pub fn next_turn(&self) -> u32 {
        let mut inner = self.0.borrow_mut();
        inner.turns = inner.turns.wrapping_add(1);
        inner.turns
    }

    /// Another number once a run was asked for or stopped.
    pub fn turn(&self) -> u32 {
        self.0.borrow().turns
    }
}
