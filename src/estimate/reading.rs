//! What the page makes of the engine's pace: when it asks for it, and how long a run would take.

use std::rc::Rc;

use resnette_spec::architecture::Architecture;
use resnette_spec::run_time::{Pace, StepWork};

use crate::engine::benchmark_state::BenchmarkState;
use crate::engine::self_test_state::SelfTestState;
use crate::estimate::pictures::KnownPictures;
use crate::route::link::View;
use crate::settings::memory_limit::memory_limit_exceeded;
use crate::shell::state::State;

impl State {
    /// The step that the engine should be asked about now: the place Train is open, the engine that
    /// the settings ask for is up and has nothing else to do, and a step of the settings fits into
    /// memory. A link that starts by itself wants a run and no estimate.
    pub fn wanted_estimate(&self) -> Option<StepWork> {
        if self.link.view != View::Train
            || self.link.autostart
            || !self.has_engine_of_settings()
            || !self.engine_has_nothing_to_do()
        {
            return None;
        }
        let work = StepWork::of(&self.link.run);
        if !self.estimate.lacks(&work) {
            return None;
        }
        let plan = Architecture::new(&work.net, self.classes());
        let exceeded = memory_limit_exceeded(&plan, work.size, work.bs, self.limits());
        exceeded.is_none().then_some(work)
    }

    /// The pace of the engine that would train, while no run is under way.
    pub fn pace(&self) -> Option<Rc<Pace>> {
        let known = self.has_engine_of_settings() && !self.busy();
        self.estimate.pace.clone().filter(|_| known)
    }

    /// What is known of the pictures of the settings.
    pub fn known_pictures(&self) -> Option<KnownPictures> {
        let data = &self.data;
        KnownPictures::of(self.link.run.data.source, data.report.as_deref(), data.report_source)
    }

    /// The seconds that a run of the settings would take, if that can be said.
    pub fn estimated_seconds(&self) -> Option<f64> {
        let (pace, pictures) = (self.pace()?, self.known_pictures()?);
        let run = &self.link.run;
        Some(pace.run_seconds(run, pictures.counts(&run.data)))
    }

    /// Whether the engine that is up is the one that Train would use.
    fn has_engine_of_settings(&self) -> bool {
        match (&self.engine, &self.choice) {
            (Some(engine), Some(Ok(choice))) => engine.kind == choice.kind,
            _ => false,
        }
    }

    /// Whether the engine has nothing to do, and the reader nothing to decide.
    fn engine_has_nothing_to_do(&self) -> bool {
        let measuring =
            self.bench == BenchmarkState::Waiting || self.check == SelfTestState::Waiting;
        let predict = &self.predict;
        let predicting =
            predict.evaluating || predict.fetching.is_some() || !predict.pending.is_empty();
        let asking = self.question.is_some() || self.data.terms.is_some();
        !(self.busy() || self.rates.under_way() || self.lesson.busy.is_some())
            && !(measuring || predicting || asking || self.data.waiting)
    }
}

#[cfg(test)]
mod tests {
    use resnette_picture::report::{ClassReport, DataReport};
    use resnette_protocol::engine::{EngineInfo, EngineKind};
    use resnette_protocol::estimate::Estimate;
    use resnette_protocol::{Event, Outcome};
    use yew::Reducible;

    use super::*;
    use crate::data::state::DataAction;
    use crate::engine::action::EngineAction;
    use crate::engine::choice::Choice;
    use crate::engine::pending::RequestKind;
    use crate::route::action::LinkAction;
    use crate::route::link::read_link;
    use crate::run::state::RunAction;
    use crate::settings::draft::SettingsAction;
    use crate::shell::action::Action;

    fn act(state: Rc<State>, actions: Vec<Action>) -> Rc<State> {
        actions.into_iter().fold(state, |state, action| state.reduce(action))
    }

    fn event(event: Event) -> Action {
        Action::Event(Box::new(event))
    }

    fn chosen(kind: EngineKind) -> Action {
        let choice = Choice { kind, reason: String::new(), limits: None };
        Action::Engine(EngineAction::Chosen(Ok(choice)))
    }

    fn edit(key: &'static str, text: &str) -> Action {
        Action::Settings(SettingsAction::Edit(key, text.into()))
    }

    fn ready() -> Action {
        event(Event::Ready(EngineInfo { kind: EngineKind::Cpu, device: String::new() }))
    }

    /// A page of this link whose CPU engine is up.
    fn up(link: &str) -> Rc<State> {
        let (link, problems) = read_link(link);
        act(Rc::new(State::new(link, problems)), vec![chosen(EngineKind::Cpu), ready()])
    }

    /// The same after the engine has answered that a step takes a second.
    fn measured(link: &str) -> Rc<State> {
        let state = up(link);
        let asked = state.wanted_estimate().unwrap_or_else(|| StepWork::of(&state.link.run));
        let pace = Pace { of: asked.clone(), step_seconds: 1.0, valid_seconds: 0.01 };
        act(
            state,
            vec![
                Action::Engine(EngineAction::AskEstimate(asked.clone())),
                event(Event::Estimated(Estimate { asked, pace })),
                Action::RequestEnded(RequestKind::Estimate, Outcome::Answered),
            ],
        )
    }

    #[test]
    fn the_engine_is_asked_only_where_train_is_open_and_nothing_is_under_way() {
        let state = up("source=drawn");
        assert_eq!(state.wanted_estimate(), Some(StepWork::of(&state.link.run)));
        for link in ["view=data", "view=learn", "autostart=1", "size=320&bs=512"] {
            assert_eq!(up(link).wanted_estimate(), None, "{link}");
        }
        let cold = act(Rc::new(State::new(read_link("").0, vec![])), vec![chosen(EngineKind::Cpu)]);
        assert_eq!(cold.wanted_estimate(), None, "no engine is started for it");
        for busy in [
            Action::Run(RunAction::AskTrain),
            Action::Data(DataAction::AskLoad),
            Action::AskRateSearch,
            Action::Engine(EngineAction::AskBenchmark),
            Action::Engine(EngineAction::AskSelfTest),
            Action::Engine(EngineAction::Ended),
            Action::Link(LinkAction::GoTo(View::Predict)),
            chosen(EngineKind::WebGpu),
        ] {
            let words = format!("{busy:?}");
            assert_eq!(act(state.clone(), vec![busy]).wanted_estimate(), None, "{words}");
        }
    }

    #[test]
    fn only_what_changes_a_step_is_measured_again() {
        let state = measured("source=drawn&epochs=5&train=64&valid=100&bs=64");
        assert_eq!(state.wanted_estimate(), None);
        assert_eq!(state.estimated_seconds(), Some(5.0 * (10.0 + 10.0)));
        let longer = act(state.clone(), vec![edit("epochs", "10")]);
        assert_eq!((longer.wanted_estimate(), longer.estimated_seconds()), (None, Some(200.0)));
        let smaller = act(state, vec![edit("size", "32")]);
        assert!(smaller.wanted_estimate().is_some_and(|work| work.size == 32));
        // Until it is measured the arithmetic tells.
        assert!(smaller.estimated_seconds().is_some_and(|seconds| seconds < 50.0));
    }

    #[test]
    fn an_estimate_goes_with_its_engine_and_is_not_shown_during_a_run() {
        let state = measured("source=drawn");
        assert!(state.estimated_seconds().is_some());
        let running = act(state.clone(), vec![Action::Run(RunAction::AskTrain)]);
        assert_eq!(running.estimated_seconds(), None);
        let other = act(state.clone(), vec![chosen(EngineKind::WebGpu)]);
        assert_eq!(other.estimated_seconds(), None);
        let ended = act(state, vec![Action::Engine(EngineAction::Ended), ready()]);
        assert_eq!(ended.estimated_seconds(), None);
        assert!(ended.wanted_estimate().is_some());
    }

    #[test]
    fn a_refusal_is_not_told_and_not_asked_for_again() {
        let state = up("source=drawn");
        let failure = resnette_protocol::Failure {
            during: resnette_protocol::Subsystem::Training,
            message: "too large".into(),
        };
        let asked = StepWork::of(&state.link.run);
        let refused = act(
            state.clone(),
            vec![
                Action::Engine(EngineAction::AskEstimate(asked)),
                Action::RequestEnded(RequestKind::Estimate, Outcome::Refused(failure)),
            ],
        );
        assert_eq!((refused.status(), refused.wanted_estimate()), (state.status(), None));
        assert_eq!(refused.estimated_seconds(), None);
    }

    #[test]
    fn opened_files_are_counted() {
        let class = ClassReport { train: 64, valid: 0, ..ClassReport::default() };
        let report = DataReport {
            classes: vec![class.clone(), class],
            opened: Some(Default::default()),
            ..DataReport::default()
        };
        let state = measured("source=files&epochs=3&bs=64");
        assert_eq!(state.estimated_seconds(), None, "nobody knows how many there are");
        let loaded = act(state, vec![event(Event::Loaded(report))]);
        assert_eq!(loaded.estimated_seconds(), Some(6.0));
    }
}
