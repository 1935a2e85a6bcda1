//! Everything that the page knows, and the reducer that is the only place where it changes.

use std::collections::BTreeMap;
use std::rc::Rc;

use resnette_protocol::engine::{EngineInfo, EngineKind, Memory};
use resnette_protocol::predict::SHIPPED;
use resnette_protocol::saved::runs::RunList;
use resnette_spec::{RunConfig, SettingError};
use yew::Reducible;

use crate::data::state::{DataAction, DataState};
use crate::engine::action::EngineAction;
use crate::engine::benchmark_state::BenchmarkState;
use crate::engine::choice::{Choice, Limits};
use crate::engine::self_test_state::SelfTestState;
use crate::estimate::state::EstimateState;
use crate::lesson::state::LessonState;
use crate::predict::state::{PredictState, Shipped};
use crate::rate_search::state::RateSearchState;
use crate::route::action::LinkAction;
use crate::route::link::Link;
use crate::run::state::{Run, RunAction};
use crate::run::status::LOADING;
use crate::run_list::action;
use crate::saving::state::SavingState;
use crate::settings::draft::{Draft, SettingsAction, apply};
use crate::shell::action::Action;
use crate::shell::question::Question;
use crate::watch::state::WatchState;

/// Everything the page knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The link in the address bar.
    pub link: Link,
    /// The settings of the link that were refused.
    pub problems: Vec<SettingError>,
    /// Fields that are being typed into, by key.
    pub drafts: BTreeMap<String, Draft>,
    /// Which engine runs or would run and why; `None` until the browser has answered.
    pub choice: Option<Result<Choice, String>>,
    /// The engine, once it has started.
    pub engine: Option<EngineInfo>,
    /// Whether the engine that was asked for is still being built on this computer.
    pub engine_being_built: bool,
    /// Whether the engine that was started is of another version than the page.
    pub other_version: bool,
    /// Whether the class's host, which trains, tells again what it has told this page before.
    pub told_again: bool,
    /// The settings at the time when a saved run was asked to continue; `None` once it has come.
    pub settings_before: Option<Box<RunConfig>>,
    /// The memory that the engine held after the last epoch.
    pub memory: Option<Memory>,
    /// The run.
    pub run: Rc<Run>,
    /// The pictures to train on.
    pub data: Rc<DataState>,
    /// The reader's pictures and what is predicted for them.
    pub predict: Rc<PredictState>,
    /// Saved runs.
    pub saving: Rc<SavingState>,
    /// All runs of this browser, with their tables.
    pub runs: Rc<RunList>,
    /// The experiments of the lesson.
    pub lesson: Rc<LessonState>,
    /// The self test of the engine.
    pub check: SelfTestState,
    /// The benchmark of the engine.
    pub bench: BenchmarkState,
    /// How fast the engine trains the network of the settings.
    pub estimate: EstimateState,
    /// The search for a learning rate.
    pub rates: Rc<RateSearchState>,
    /// What the reader must decide before a task begins.
    pub question: Option<Question>,
    /// The network of the run while it learns.
    pub watch: Rc<WatchState>,
}

impl State {
    /// The state of a page that was just opened.
    pub fn new(link: Link, problems: Vec<SettingError>) -> Self {
        Self {
            link,
            problems,
            drafts: BTreeMap::new(),
            choice: None,
            engine: None,
            engine_being_built: false,
            other_version: false,
            told_again: false,
            settings_before: None,
            memory: None,
            run: Rc::default(),
            data: Rc::default(),
            predict: Rc::default(),
            saving: Rc::default(),
            runs: Rc::default(),
            lesson: Rc::default(),
            check: SelfTestState::default(),
            bench: BenchmarkState::default(),
            estimate: EstimateState::default(),
            rates: Rc::default(),
            question: None,
            watch: Rc::default(),
        }
    }

    /// Whether a run is under way, or pictures are being loaded.
    pub fn busy(&self) -> bool {
        self.run.under_way() || self.data.loads.under_way()
    }

    /// The text of the status line: what the run says, and between runs what loading says.
    pub fn status(&self) -> String {
        let loads = &self.data.loads;
        match &loads.failure {
            _ if self.run.under_way() => self.run.status(),
            _ if loads.under_way() => LOADING.into(),
            Some(reason) => format!("Failed: {reason}"),
            None => self.run.status(),
        }
    }

    /// The number of classes that the network of the settings would have.
    pub fn classes(&self) -> u32 {
        let loaded = self.data.report.as_ref().map(|report| report.classes.len() as u32);
        loaded
            .filter(|classes| *classes > 1)
            .unwrap_or(resnette_picture::classes::IMAGENETTE.len() as u32)
    }

    /// How large a tensor of the settings' run may be, if a GPU would train it.
    pub fn limits(&self) -> Option<Limits> {
        self.choice
            .as_ref()
            .and_then(|choice| choice.as_ref().ok())
            .and_then(|choice| choice.limits)
    }

    /// Whether the class's host would train the settings' run.
    pub fn trains_on_host(&self) -> bool {
        matches!(&self.choice, Some(Ok(choice)) if choice.kind == EngineKind::Host)
    }

    /// Whether the model that comes with the page should answer: the reader has none yet, and it
    /// was not tried.
    pub fn wants_shipped(&self) -> bool {
        let own = self.predict.model.as_ref().is_some_and(|model| model.trained);
        !own && self.run.rows.is_empty() && !self.busy() && self.predict.shipped == Shipped::Untried
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Link(action) => self.on_link(action),
            Action::Settings(action) => self.on_settings(action),
            Action::Engine(action) => self.on_engine(action),
            Action::Run(action) => self.on_run(action),
            Action::Data(action) => self.on_data(action),
            Action::Predict(action) => self.predict_mut().act(action),
            Action::Lesson(action) => self.lesson_mut().act(action),
            Action::Watch(action) => self.watch_mut().act(action),
            Action::RunList(action) => action::act(self.runs_mut(), action),
            Action::AskRateSearch => self.rates_mut().ask(),
            Action::Saving(action) => self.saving_mut().act(action),
            Action::Ask(question) => self.question = question,
            Action::RequestEnded(kind, outcome) => self.request_ended(kind, outcome),
            Action::Event(event) => self.on_event(*event),
            Action::Failed(failure) => self.fail(failure),
        }
    }

    fn on_link(&mut self, action: LinkAction) {
        match action {
            LinkAction::Opened(mut link, problems) => {
                // The page stays in its class.
                link.join = link.join.take().or_else(|| self.link.join.take());
                self.link = *link;
                self.problems = problems;
                self.drafts.clear();
            }
            LinkAction::GoTo(view) => self.link.view = view,
            LinkAction::Present(on) => self.link.presenter = on,
            LinkAction::Project(on) => self.link.present = on,
            LinkAction::DismissProblems => self.problems.clear(),
        }
    }

    fn on_settings(&mut self, action: SettingsAction) {
        match action {
            SettingsAction::Edit(key, text) => {
                let error = self.link.run.change(key, &text).err().map(|error| error.to_string());
                self.drafts.insert(key.to_string(), Draft { text, error });
            }
            SettingsAction::Leave(key) => {
                if self.drafts.get(key).is_some_and(|draft| draft.error.is_none()) {
                    self.drafts.remove(key);
                }
            }
            SettingsAction::Take(run) => {
                self.link.run = *run;
                self.drafts.clear();
            }
            SettingsAction::ApplyPreset(settings) => {
                self.problems = apply(&mut self.link.run, settings);
                self.drafts.clear();
            }
        }
    }

    fn on_engine(&mut self, action: EngineAction) {
        match action {
            EngineAction::Chosen(choice) => self.choice = Some(choice),
            EngineAction::AskSelfTest => self.check = SelfTestState::Waiting,
            EngineAction::AskBenchmark => self.bench = BenchmarkState::Waiting,
            EngineAction::AskEstimate(work) => self.estimate.ask(work),
            EngineAction::OtherVersion => self.other_version = true,
            EngineAction::Away(words) => self.run_mut().refuse(words.into()),
            EngineAction::CameBack => {
                self.told_again = true;
                self.run_mut().refusal = None;
            }
            EngineAction::Ended => {
                self.engine = None;
                self.told_again = false;
                self.engine_being_built = false;
                self.memory = None;
                self.saving_mut().engine_ended();
                self.run_mut().engine_ended();
                self.data_mut().forget();
                self.predict_mut().forget();
                self.lesson_mut().give_up();
                self.watch_mut().forget();
                self.rates_mut().give_up();
                self.check = SelfTestState::default();
                self.bench.give_up();
                self.estimate.forget();
            }
        }
    }

    fn on_run(&mut self, action: RunAction) {
        match action {
            RunAction::AskTrain => self.ask_train(None),
            RunAction::AskFineTune => {
                self.ask_train(self.predict.model.as_ref().map(|model| model.name.clone()))
            }
            RunAction::AskFineTuneShipped => self.ask_train(Some(SHIPPED.into())),
            RunAction::AskContinue(slot) => self.ask_continue(slot),
            RunAction::Control(control) => self.run_mut().control(control),
        }
    }

    fn on_data(&mut self, action: DataAction) {
        match action {
            DataAction::AskLoad => {
                self.data_mut().asked_source = self.link.run.data.source;
                self.data_mut().act(action);
            }
            DataAction::Refuse(message) => self.load_failed(message),
            action => self.data_mut().act(action),
        }
    }

    pub(super) fn runs_mut(&mut self) -> &mut RunList {
        Rc::make_mut(&mut self.runs)
    }

    pub(super) fn saving_mut(&mut self) -> &mut SavingState {
        Rc::make_mut(&mut self.saving)
    }

    pub(super) fn run_mut(&mut self) -> &mut Run {
        Rc::make_mut(&mut self.run)
    }

    pub(super) fn data_mut(&mut self) -> &mut DataState {
        Rc::make_mut(&mut self.data)
    }

    pub(super) fn lesson_mut(&mut self) -> &mut LessonState {
        Rc::make_mut(&mut self.lesson)
    }

    pub(super) fn rates_mut(&mut self) -> &mut RateSearchState {
        Rc::make_mut(&mut self.rates)
    }

    pub(super) fn watch_mut(&mut self) -> &mut WatchState {
        Rc::make_mut(&mut self.watch)
    }

    pub(super) fn predict_mut(&mut self) -> &mut PredictState {
        Rc::make_mut(&mut self.predict)
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut state = Rc::unwrap_or_clone(self);
        state.act(action);
        Rc::new(state)
    }
}

#[cfg(test)]
mod tests;
