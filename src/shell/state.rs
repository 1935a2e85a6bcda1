//! Everything the page knows, and the one place where it changes.

use std::collections::BTreeMap;
use std::rc::Rc;

use resnette_protocol::engine::{EngineInfo, Memory};
use resnette_protocol::persistence::Restored;
use resnette_protocol::saved::runs::RunList;
use resnette_protocol::{Event, Failure, Subsystem};
use resnette_spec::{Link, SettingError, read_link};
use yew::Reducible;

use crate::data::own::state::Own;
use crate::data::state::DataState;
use crate::engine::benchmark::Bench;
use crate::engine::choice::{Choice, Limits};
use crate::engine::self_test::Check;
use crate::lesson::state::LessonState;
use crate::predict::state::{PredictState, Shipped};
use crate::rate_search::state::RatesState;
use crate::run::state::{Phase, Run};
use crate::run_list::action;
use crate::saving::state::KeepState;
use crate::settings::draft::{Draft, applies, apply};
use crate::shell::action::Action;

/// Everything the page knows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// What the address bar says.
    pub link: Link,
    /// What of it was refused.
    pub problems: Vec<SettingError>,
    /// Knobs that are being typed into, by key.
    pub drafts: BTreeMap<String, Draft>,
    /// Which engine runs or would run, and why; nothing until the browser has answered.
    pub choice: Option<Result<Choice, String>>,
    /// The engine, once it is up.
    pub engine: Option<EngineInfo>,
    /// What it held after the last epoch.
    pub memory: Option<Memory>,
    /// The run.
    pub run: Rc<Run>,
    /// Pictures.
    pub data: Rc<DataState>,
    /// The reader's pictures.
    pub predict: Rc<PredictState>,
    /// Kept runs.
    pub keep: Rc<KeepState>,
    /// All runs, with their tables.
    pub runs: Rc<RunList>,
    /// Experiments of the lesson.
    pub lesson: Rc<LessonState>,
    /// Whether the engine computes right.
    pub check: Check,
    /// How fast it is.
    pub bench: Bench,
    /// The search for a learning rate.
    pub rates: Rc<RatesState>,
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
            memory: None,
            run: Rc::default(),
            data: Rc::default(),
            predict: Rc::default(),
            keep: Rc::default(),
            runs: Rc::default(),
            lesson: Rc::default(),
            check: Check::default(),
            bench: Bench::default(),
            rates: Rc::default(),
        }
    }

    /// Number of classes that the network of the settings would have.
    pub fn classes(&self) -> u32 {
        let loaded = self.data.report.as_ref().map(|report| report.classes.len() as u32);
        loaded
            .filter(|classes| *classes > 1)
            .unwrap_or(resnette_picture::classes::IMAGENETTE.len() as u32)
    }

    /// How large a tensor of the settings' run may be, where a GPU would train it.
    pub fn limits(&self) -> Option<Limits> {
        self.choice
            .as_ref()
            .and_then(|choice| choice.as_ref().ok())
            .and_then(|choice| choice.limits)
    }

    /// Whether the model that comes with the page should answer: the reader has none yet, and it
    /// was not tried.
    pub fn wants_shipped(&self) -> bool {
        let own = self.predict.model.as_ref().is_some_and(|model| model.trained);
        !own && self.run.rows.is_empty()
            && !self.run.under_way()
            && self.predict.shipped == Shipped::Untried
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Hash(link, problems) => {
                self.link = link;
                self.problems = problems;
                self.drafts.clear();
            }
            Action::Edit(key, text) => {
                let error = self.link.run.set(key, &text).err().map(|error| error.to_string());
                self.drafts.insert(key.to_string(), Draft { text, error });
            }
            Action::Leave(key) => {
                if self.drafts.get(key).is_some_and(|draft| draft.error.is_none()) {
                    self.drafts.remove(key);
                }
            }
            Action::Apply(settings) => {
                self.problems = apply(&mut self.link.run, settings);
                self.drafts.clear();
            }
            Action::Go(view) => self.link.view = view,
            Action::Present(on) => self.link.presenter = on,
            Action::Dismiss => self.problems.clear(),
            Action::Choice(choice) => self.choice = Some(choice),
            Action::AskTrain => self.ask_train(None),
            Action::AskTune => {
                self.ask_train(self.predict.model.as_ref().map(|model| model.name.clone()))
            }
            Action::AskLoad => {
                self.data_mut().begin();
                self.run_mut().ask_load();
            }
            Action::AskTerms(errand) => self.data_mut().terms = errand,
            Action::AskCheck => self.check = Check::Waiting,
            Action::AskBench => self.bench = Bench::Waiting,
            Action::AskRates => self.rates_mut().ask(),
            Action::Ask(wish) => self.run_mut().ask(wish),
            Action::EngineGone => {
                self.engine = None;
                self.memory = None;
                self.data_mut().forget();
                self.predict_mut().forget();
                self.lesson_mut().give_up();
                self.rates_mut().give_up();
                self.check = Check::default();
                self.bench.give_up();
            }
            Action::Files(count) => self.data_mut().files = count,
            Action::Own(action) => self.data_mut().own.act(action),
            Action::Opened(id, pictures) => self.predict_mut().open(id, pictures),
            Action::Pick(index) => self.predict_mut().pick(index),
            Action::Heat(on) => self.predict_mut().heat = on,
            Action::HeatOf(class) => self.predict_mut().ask_class(class),
            Action::Layer(layer) => self.predict_mut().look.layer = layer,
            Action::Pin(on) => self.predict_mut().pinned = on,
            Action::Shipped(shipped) => self.predict_mut().shipped = shipped,
            Action::AskEvaluation => self.predict_mut().ask_evaluation(),
            Action::AskBatch(number) => self.data_mut().ask_batch(number),
            Action::AskLesson(task) => self.lesson_mut().ask(task),
            Action::OtherPicture => self.lesson_mut().look = None,
            Action::Found(saved) => self.keep_mut().found(saved),
            Action::AskContinue => self.ask_continue(),
            Action::Runs(action) => action::act(self.runs_mut(), action),
            Action::Event(event) => self.hear(*event),
            Action::Failed(failure) => self.fail(failure),
        }
    }

    fn hear(&mut self, event: Event) {
        if matches!(event, Event::Started(_) | Event::Epoch(_) | Event::Opened(_)) {
            self.predict_mut().other_network(matches!(event, Event::Opened(_)));
        }
        match event {
            Event::Ready(info) => self.engine = Some(info),
            Event::Memory(held) => self.memory = Some(held),
            Event::Loaded(report) => {
                self.data_mut().loaded(report);
                self.run_mut().loaded();
            }
            Event::Refused(problems) => self.data_mut().problems = Rc::new(problems),
            Event::Batch(sheet) => self.data_mut().show_batch(sheet),
            Event::Predicted(answer) => self.predict_mut().answer(answer),
            Event::Evaluated(evaluation) => self.predict_mut().evaluated(evaluation),
            Event::Checked(test) => self.check = Check::Made(test),
            Event::Benchmarked(told) => self.bench = Bench::Made(told.into()),
            Event::Rates(told) => self.rates_mut().hear(told),
            Event::Lesson(tell) => self.lesson_mut().hear(tell),
            Event::Opened(info) => {
                self.keep_mut().failure = None;
                self.predict_mut().adopt(info);
            }
            Event::Fetching(bytes, of) => self.predict_mut().fetching = Some((bytes, of)),
            Event::Failed(failure) => self.fail(failure),
            Event::Autosaved(kept) => {
                let config = self.run.config.clone();
                self.keep_mut().hear(kept, &config);
            }
            Event::Restored(restored) => self.restore(*restored),
            // Saving is asked for and answered outside the state: bytes become a file at once.
            Event::Model { .. } => {}
            Event::Epoch(row) => {
                self.run_mut().hear(Event::Epoch(row));
                let run = self.run.clone();
                self.runs_mut().record(&run.config, &run.rows);
            }
            event => {
                // Stop while pictures are coming ends what they were wanted for.
                if event == Event::Stopped {
                    self.rates_mut().give_up();
                }
                self.run_mut().hear(event);
            }
        }
    }

    fn fail(&mut self, failure: Failure) {
        match failure.during {
            Subsystem::Predicting => {
                self.predict_mut().fail(failure.message);
                return;
            }
            Subsystem::Model => {
                self.predict_mut().fetching = None;
                self.keep_mut().failure = Some(failure.message);
                return;
            }
            Subsystem::Data => self.data_mut().failure = Some(failure.message.clone()),
            Subsystem::Engine => {
                self.predict_mut().give_up();
                self.lesson_mut().give_up();
                if matches!(self.run.phase, Phase::Compiling | Phase::Training) {
                    self.keep_mut().recover();
                }
                self.check = Check::default();
                self.bench.give_up();
            }
            Subsystem::Training => {}
        }
        self.data_mut().waiting = false;
        self.rates_mut().give_up();
        self.run_mut().fail(failure.during == Subsystem::Data, failure.message);
    }

    /// A run is to begin; `tuned` is the network that it goes on from, where it is a fine-tuning.
    fn ask_train(&mut self, tuned: Option<String>) {
        let config = self.link.run.clone();
        self.data_mut().begin();
        self.keep_mut().begin();
        self.runs_mut().begin(tuned.clone());
        self.run_mut().ask_train(config, tuned);
    }

    fn ask_continue(&mut self) {
        self.data_mut().failure = None;
        self.keep_mut().failure = None;
        self.run_mut().ask_continue();
    }

    /// A saved run takes the place of what the page shows, its settings too.
    fn restore(&mut self, restored: Restored) {
        let (link, problems) = read_link(&restored.link);
        if let Some(problem) = problems.first() {
            return self.fail(Failure {
                during: Subsystem::Model,
                message: format!("the run was not opened: {problem}"),
            });
        }
        self.link.run = link.run.clone();
        self.drafts.clear();
        let keep = self.keep_mut();
        keep.failure = None;
        keep.note = restored.note.clone().or(keep.note.take());
        self.runs_mut().restore(&link.run, &restored.rows);
        self.run_mut().restore(link.run, restored);
    }

    fn runs_mut(&mut self) -> &mut RunList {
        Rc::make_mut(&mut self.runs)
    }

    fn keep_mut(&mut self) -> &mut KeepState {
        Rc::make_mut(&mut self.keep)
    }

    fn run_mut(&mut self) -> &mut Run {
        Rc::make_mut(&mut self.run)
    }

    fn data_mut(&mut self) -> &mut DataState {
        Rc::make_mut(&mut self.data)
    }

    fn lesson_mut(&mut self) -> &mut LessonState {
        Rc::make_mut(&mut self.lesson)
    }

    fn rates_mut(&mut self) -> &mut RatesState {
        Rc::make_mut(&mut self.rates)
    }

    fn predict_mut(&mut self) -> &mut PredictState {
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
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_spec::{PRESETS, RunConfig};

    use super::*;

    fn after(actions: impl IntoIterator<Item = Action>) -> Rc<State> {
        actions.into_iter().fold(Rc::new(State::new(Link::default(), vec![])), |state, action| {
            state.reduce(action)
        })
    }

    #[test]
    fn a_knob_keeps_what_is_typed_until_it_is_left() {
        let typing = after([Action::Edit("lr", "0.".into())]);
        assert_eq!(typing.drafts["lr"].text, "0.");
        assert!(typing.drafts["lr"].error.as_ref().unwrap().contains("lr=0."));
        assert_eq!(typing.link.run.recipe.lr, RunConfig::default().recipe.lr);
        let typed = typing.reduce(Action::Edit("lr", "0.010".into()));
        assert_eq!(typed.link.run.recipe.lr, 0.01);
        assert_eq!(typed.drafts["lr"].text, "0.010");
        assert!(typed.reduce(Action::Leave("lr")).drafts.is_empty());
    }

    #[test]
    fn a_refused_text_stays_in_sight() {
        let state = after([Action::Edit("epochs", "many".into()), Action::Leave("epochs")]);
        assert!(state.drafts["epochs"].error.as_ref().unwrap().contains("many"));
    }

    #[test]
    fn presets_apply_and_are_recognised() {
        for preset in PRESETS {
            let state = after([Action::Apply(preset.settings)]);
            assert_eq!(state.problems, [], "{}", preset.name);
            assert!(applies(&state.link.run, preset.settings), "{}", preset.name);
        }
        assert!(!applies(&RunConfig::default(), PRESETS[1].settings));
    }

    #[test]
    fn a_failed_picture_does_not_end_a_run() {
        let failure = |during| Action::Failed(Failure { during, message: "broken".into() });
        let state = after([Action::AskTrain, failure(Subsystem::Predicting)]);
        assert_eq!(state.run.phase, Phase::Loading);
        assert_eq!(state.predict.failure.as_deref(), Some("broken"));
        let state = state.reduce(failure(Subsystem::Data));
        assert_eq!(state.run.status(), "Failed: broken");
        assert_eq!(state.data.failure.as_deref(), Some("broken"));
        assert_eq!(state.reduce(Action::AskTrain).data.failure, None);
    }

    #[test]
    fn an_ended_engine_takes_its_pictures_with_it() {
        let loaded =
            after([Action::AskLoad, Action::Event(Box::new(Event::Loaded(Default::default())))]);
        assert!(loaded.data.report.is_some());
        assert!(loaded.reduce(Action::EngineGone).data.report.is_none());
    }
}
