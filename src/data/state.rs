//! What the page knows about the pictures to train on, and about the batch that is shown.

use std::rc::Rc;

use resnette_picture::report::{BatchPreview, DataReport, Problem};
use resnette_spec::Source;

use crate::data::corrections::{CorrectionAction, Corrections};
use crate::data::loads::Loads;
use crate::data::own::state::{Own, OwnAction};

/// What the page knows about the pictures to train on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataState {
    /// What is loaded.
    pub report: Option<Rc<DataReport>>,
    /// The source of what is loaded.
    pub report_source: Source,
    /// The source that pictures were asked of last.
    pub asked_source: Source,
    /// Pictures that are on their way.
    pub loads: Loads,
    /// Why loading failed last.
    pub failure: Option<String>,
    /// The files and pictures that were refused when pictures were loaded last.
    pub problems: Rc<Vec<Problem>>,
    /// The task that waits until the reader has agreed to ImageNet's terms.
    pub terms: Option<LoadPurpose>,
    /// The number of files that the reader opened.
    pub files: usize,
    /// What the reader corrects about the classes and the split of these files.
    pub corrections: Rc<Corrections>,
    /// The classes that the reader makes.
    pub own: Rc<Own>,
    /// A batch as the network sees it.
    pub batch: Option<Rc<BatchPreview>>,
    /// The number of that batch.
    pub shuffle: u32,
    /// Whether a batch was requested and has not come yet.
    pub waiting: bool,
}

/// The task that a reader wants pictures for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadPurpose {
    /// Training.
    Train,
    /// A search for a learning rate.
    FindRate,
    /// Fine-tuning the opened network.
    FineTune,
    /// A search for the learning rate of that.
    FindFineTuneRate,
    /// Fine-tuning the model that comes with the page.
    FineTuneShipped,
    /// Only looking at them.
    Load,
}

/// A change of the pictures to train on, or a request about them.
#[derive(Clone, Debug)]
pub enum DataAction {
    /// A worker was asked for pictures that no run waits for.
    AskLoad,
    /// What the reader opened cannot be loaded, for this reason. No worker was asked.
    Refuse(String),
    /// The reader must agree to ImageNet's terms before this can begin; `None` once that is
    /// settled.
    AskTerms(Option<LoadPurpose>),
    /// The reader opened so many files to train on.
    OpenFiles(usize),
    /// The reader changed the classes that they make.
    OwnClasses(OwnAction),
    /// The reader corrected classes or split of the opened files.
    Correct(CorrectionAction),
    /// The batch with this number was asked for.
    AskBatch(u32),
}

impl DataState {
    /// Applies what is asked for about pictures.
    pub fn act(&mut self, action: DataAction) {
        match action {
            DataAction::AskLoad => {
                self.begin();
                self.loads.ask();
            }
            // Whether the status line says it depends on the run, so the state takes it.
            DataAction::Refuse(_) => {}
            DataAction::AskTerms(purpose) => self.terms = purpose,
            DataAction::OpenFiles(count) => {
                self.files = count;
                // Corrections belong to the files that they were made for.
                self.corrections = Rc::default();
            }
            DataAction::Correct(action) => Rc::make_mut(&mut self.corrections).act(action),
            DataAction::OwnClasses(action) => Rc::make_mut(&mut self.own).act(action),
            DataAction::AskBatch(number) => self.ask_batch(number),
        }
    }

    /// Loading begins, so the outcome of the last loading is forgotten.
    pub fn begin(&mut self) {
        self.failure = None;
        self.loads.begin();
        self.problems = Rc::default();
        self.terms = None;
    }

    /// Pictures are loaded; a batch of the old ones is not shown any more.
    pub fn loaded(&mut self, report: DataReport) {
        // A saved run that goes on brings its own source.
        self.report_source =
            if report.opened.is_some() { Source::Files } else { self.asked_source };
        if self.can_be_corrected() {
            Rc::make_mut(&mut self.corrections).loaded(&report);
        }
        self.problems = Rc::new(report.problems.clone());
        self.report = Some(Rc::new(report));
        self.failure = None;
        self.batch = None;
    }

    /// Whether what is loaded comes from opened files, whose classes the reader can correct.
    pub fn can_be_corrected(&self) -> bool {
        self.report_source == Source::Files
    }

    /// Pictures that were asked for did not come.
    pub fn not_loaded(&mut self) {
        if self.corrections.sent() != self.corrections.applied() {
            Rc::make_mut(&mut self.corrections).refused();
        }
    }

    fn ask_batch(&mut self, number: u32) {
        self.shuffle = number;
        self.waiting = true;
    }

    /// The batch that was requested has come.
    pub fn show_batch(&mut self, sheet: BatchPreview) {
        self.batch = Some(Rc::new(sheet));
        self.waiting = false;
    }

    /// The engine is gone, and with it the pictures that it held.
    pub fn forget(&mut self) {
        self.report = None;
        self.batch = None;
        self.waiting = false;
    }
}
