//! Everything that can change what the page knows.

use resnette_protocol::{Event, Failure, Outcome};

use crate::data::state::DataAction;
use crate::engine::action::EngineAction;
use crate::engine::pending::RequestKind;
use crate::lesson::state::LessonAction;
use crate::predict::state::PredictAction;
use crate::route::action::LinkAction;
use crate::run::state::RunAction;
use crate::run_list::action::RunListAction;
use crate::saving::state::SavingAction;
use crate::settings::draft::SettingsAction;
use crate::shell::question::Question;
use crate::watch::state::WatchAction;

/// One change of the [`State`](crate::shell::state::State): what a reader does, by feature, and
/// what the worker or the browser reports.
#[derive(Clone, Debug)]
pub enum Action {
    /// About the link in the address bar.
    Link(LinkAction),
    /// About the settings.
    Settings(SettingsAction),
    /// About the engine.
    Engine(EngineAction),
    /// About the run.
    Run(RunAction),
    /// About the pictures to train on.
    Data(DataAction),
    /// About the pictures to predict.
    Predict(PredictAction),
    /// About the lesson.
    Lesson(LessonAction),
    /// About the network while it learns.
    Watch(WatchAction),
    /// About the list of runs.
    RunList(RunListAction),
    /// A worker was asked to search for a learning rate.
    AskRateSearch,
    /// About the saved runs in the browser's storage.
    Saving(SavingAction),
    /// The reader must decide this before a task begins; `None` once it is settled.
    Ask(Option<Question>),
    /// A request of this kind has ended, or its worker is gone.
    RequestEnded(RequestKind, Outcome),
    /// The worker reported something.
    Event(Box<Event>),
    /// Something failed on the page, or between the page and the worker.
    Failed(Failure),
}
