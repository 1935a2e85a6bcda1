//! What can happen to the page.

use resnette_protocol::lesson::Task;
use resnette_protocol::{Event, Failure};
use resnette_spec::link::View;
use resnette_spec::{Link, SettingError};

use crate::data::own::state::OwnAction;
use crate::data::state::Errand;
use crate::engine::choice::Choice;
use crate::predict::state::{OpenPicture, Shipped};
use crate::run_list::action::RunsAction;
use crate::saving::state::SavedRun;

/// What can happen.
#[derive(Clone, Debug)]
pub enum Action {
    /// The address bar changed.
    Hash(Link, Vec<SettingError>),
    /// The reader typed into a knob.
    Edit(&'static str, String),
    /// The reader left a knob.
    Leave(&'static str),
    /// The reader chose a preset, a piece of a link.
    Apply(&'static str),
    /// The reader went to another place.
    Go(View),
    /// Large type for a class, or not.
    Present(bool),
    /// The reader has read the list of refused settings.
    Dismiss,
    /// It is known which engine would run.
    Choice(Result<Choice, String>),
    /// A worker was asked to train.
    AskTrain,
    /// A worker was asked to fine-tune the opened network.
    AskTune,
    /// A worker was asked for pictures only.
    AskLoad,
    /// The reader must agree to ImageNet's terms before this, or need no longer.
    AskTerms(Option<Errand>),
    /// A worker was asked to search for a learning rate.
    AskRates,
    /// The engine is being checked.
    AskCheck,
    /// The engine is being measured.
    AskBench,
    /// The run was asked to hold, go on, or end.
    Ask(Wish),
    /// The worker was ended by the page; what it held is gone.
    EngineGone,
    /// The reader opened so many files to train on.
    Files(usize),
    /// About classes that the reader makes.
    Own(OwnAction),
    /// Pictures are on their way to the network.
    Opened(u32, Vec<OpenPicture>),
    /// The reader picked one of the opened pictures.
    Pick(usize),
    /// The reader wants to see the heat map, or not.
    Heat(bool),
    /// The reader wants the heat map of a class, or of the first guess.
    HeatOf(Option<u32>),
    /// The reader wants the activations of a layer, or none.
    Layer(Option<String>),
    /// The open picture is to be asked about after every epoch, or not.
    Pin(bool),
    /// What became of the model that comes with the page.
    Shipped(Shipped),
    /// The network is being measured.
    AskEvaluation,
    /// Another batch was asked for: its number.
    AskBatch(u32),
    /// An experiment of the lesson was asked for.
    AskLesson(Task),
    /// The lesson looks at another picture: what was found in the old one goes.
    OtherPicture,
    /// The browser's storage holds a run.
    Found(SavedRun),
    /// The worker was asked to go on with a saved run.
    AskContinue,
    /// About the list of runs.
    Runs(RunsAction),
    /// The worker said something.
    Event(Box<Event>),
    /// Something failed on the page or between page and worker.
    Failed(Failure),
}

/// What a reader may want of a run under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Hold.
    Pause,
    /// Go on.
    Resume,
    /// End.
    Stop,
}
