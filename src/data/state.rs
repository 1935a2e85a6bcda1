//! Pictures: what is loaded, and the batch that is shown.

use std::rc::Rc;

use resnette_picture::report::{BatchPreview, DataReport, Problem};

use crate::data::own::state::Own;

/// What the page knows of the pictures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataState {
    /// What is loaded.
    pub report: Option<Rc<DataReport>>,
    /// Why loading failed last.
    pub failure: Option<String>,
    /// What was refused when pictures were loaded last.
    pub problems: Rc<Vec<Problem>>,
    /// What waits until the reader has agreed to ImageNet's terms.
    pub terms: Option<Errand>,
    /// How many files the reader opened.
    pub files: usize,
    /// Classes that the reader makes.
    pub own: Own,
    /// A batch as the network sees it.
    pub batch: Option<Rc<BatchPreview>>,
    /// Its number.
    pub shuffle: u32,
    /// A batch is on its way.
    pub waiting: bool,
}

/// What a reader wants pictures for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To train on them.
    Train,
    /// To search for a learning rate with them.
    FindRate,
    /// To fine-tune the opened network on them.
    FineTune,
    /// To have them.
    Load,
}

impl DataState {
    /// Loading begins: what the last one came to is told no longer.
    pub fn begin(&mut self) {
        self.failure = None;
        self.problems = Rc::default();
        self.terms = None;
    }

    pub fn loaded(&mut self, report: DataReport) {
        self.problems = Rc::new(report.problems.clone());
        self.report = Some(Rc::new(report));
        self.failure = None;
        self.batch = None;
    }

    pub fn ask_batch(&mut self, number: u32) {
        self.shuffle = number;
        self.waiting = true;
    }

    pub fn show_batch(&mut self, sheet: BatchPreview) {
        self.batch = Some(Rc::new(sheet));
        self.waiting = false;
    }

    pub fn forget(&mut self) {
        self.report = None;
        self.batch = None;
        self.waiting = false;
    }
}
