//! Pictures: what is loaded, and the batch that is shown.

use std::rc::Rc;

use crate::protocol::data::{BatchSheet, DataReport};

/// What the page knows of the pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataState {
    /// What is loaded.
    pub report: Option<Rc<DataReport>>,
    /// Why loading failed last.
    pub failure: Option<String>,
    /// Names of the files that the reader opened.
    pub files: Vec<String>,
    /// A batch as the network sees it.
    pub batch: Option<Rc<BatchSheet>>,
    /// Its number.
    pub shuffle: u32,
    /// A batch is on its way.
    pub waiting: bool,
}

impl DataState {
    pub(super) fn loaded(&mut self, report: DataReport) {
        self.report = Some(Rc::new(report));
        self.failure = None;
        self.batch = None;
    }

    pub(super) fn ask_batch(&mut self, number: u32) {
        self.shuffle = number;
        self.waiting = true;
    }

    pub(super) fn show_batch(&mut self, sheet: BatchSheet) {
        self.batch = Some(Rc::new(sheet));
        self.waiting = false;
    }

    pub(super) fn forget(&mut self) {
        self.report = None;
        self.batch = None;
        self.waiting = false;
    }
}
