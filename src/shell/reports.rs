//! What the worker reports, and what becomes of requests: which features hear of it.

use std::rc::Rc;

use resnette_protocol::persistence::Restored;
use resnette_protocol::race::Race;
use resnette_protocol::saved::slots::SlotId;
use resnette_protocol::{Event, Failure, Outcome, Subsystem};
use resnette_spec::read_run;

use crate::engine::benchmark_state::BenchmarkState;
use crate::engine::pending::RequestKind;
use crate::engine::self_test_state::SelfTestState;
use crate::run::state::Phase;
use crate::shell::state::State;

impl State {
    /// The worker reported something.
    pub(super) fn on_event(&mut self, event: Event) {
        if matches!(event, Event::Started(_) | Event::Epoch(_) | Event::Opened(_)) {
            self.predict_mut().other_network(matches!(event, Event::Opened(_)));
        }
        match event {
            Event::Ready(info) => {
                self.engine = Some(info);
                self.engine_being_built = false;
            }
            Event::Building => self.engine_being_built = true,
            Event::Memory(held) => self.memory = Some(held),
            Event::Loaded(report) => {
                self.data_mut().loaded(report);
            }
            Event::Refused(problems) => self.data_mut().problems = Rc::new(problems),
            Event::Batch(sheet) => self.data_mut().show_batch(sheet),
            Event::Predicted(answer) => self.predict_mut().answer(answer),
            Event::Evaluated(evaluation) => self.predict_mut().evaluated(evaluation),
            Event::Checked(test) => self.check = SelfTestState::Made(test),
            Event::Benchmarked(figures) => self.bench = BenchmarkState::Made(figures.into()),
            Event::Estimated(estimate) => self.estimate.answered(estimate),
            Event::Rates(event) => self.rates_mut().on_event(event),
            Event::Lesson(event) => self.lesson_mut().on_event(event),
            Event::Race(told) => self.race_told(told),
            Event::Watched(watched) => self.watch_mut().told(watched),
            Event::Opened(info) => {
                self.saving_mut().failure = None;
                self.predict_mut().adopt(info);
            }
            Event::Fetching(bytes, of) => self.predict_mut().fetching = Some((bytes, of)),
            Event::Failed(failure) => self.fail(failure),
            Event::Loading(progress) => {
                self.data_mut().loads.progress = progress.clone();
                if !self.data.loads.under_way() {
                    self.run_mut().on_event(Event::Loading(progress));
                }
            }
            Event::Waiting(waiting) => self.data_mut().loads.waiting = waiting,
            Event::Autosaved(outcome) => {
                // While another run is being loaded this is of the one before.
                let begins = matches!(self.run.phase, Phase::Loading { .. });
                let config = (!begins).then(|| self.run.config.clone());
                self.saving_mut().autosaved(outcome, config);
            }
            Event::Restored(restored) => self.restore(*restored),
            // Saving does not pass through the state: the bridge turns the bytes into a file at
            // once.
            Event::Model { .. } => {}
            Event::Epoch(row) if !matches!(self.run.phase, Phase::Loading { .. }) => {
                self.run_mut().on_event(Event::Epoch(row));
                let run = self.run.clone();
                self.runs_mut().record(&run.config, &run.rows);
            }
            event => {
                // Stop during loading ends the task that the pictures were wanted for.
                if event == Event::Stopped {
                    self.rates_mut().give_up();
                    self.data_mut().not_loaded();
                }
                let begins = matches!(event, Event::Started(_));
                self.run_mut().on_event(event);
                // One that goes on has rows.
                if begins && self.run.rows.is_empty() {
                    self.watch_mut().begin_run();
                }
            }
        }
    }

    /// Something was told of a race. If the network without the skip is kept, the settings follow
    /// where they were those of the run.
    fn race_told(&mut self, told: Race) {
        let is_other = matches!(&told, Race::Ended { kept: Some(_), .. });
        let follows = self.link.run.net == self.run.config.net;
        self.run_mut().race_told(told);
        if !is_other {
            return;
        }
        let run = self.run.clone();
        if follows {
            self.link.run.net = run.config.net.clone();
            self.drafts.remove("cut");
        }
        self.predict_mut().other_network(false);
        if !run.rows.is_empty() {
            self.runs_mut().record(&run.config, &run.rows);
        }
    }

    /// A request has ended: nothing waits for it any more.
    pub(super) fn request_ended(&mut self, kind: RequestKind, outcome: Outcome) {
        if kind == RequestKind::Estimate {
            self.estimate.request_ended(&outcome);
            // The reader has not asked for it, so that only a lost engine is told.
            if !matches!(&outcome, Outcome::Refused(why) if why.during == Subsystem::Engine) {
                return;
            }
        }
        let answered = outcome == Outcome::Answered;
        if !answered && kind.ends_with_stop() {
            self.data_mut().not_loaded();
        }
        match kind {
            RequestKind::Load | RequestKind::FindRate => self.data_mut().loads.request_ended(),
            RequestKind::Run => {
                self.settings_before = None;
                self.run_mut().request_ended(outcome == Outcome::Cancelled);
                if !answered {
                    self.saving_mut().not_continued();
                }
            }
            _ => {}
        }
        if let Outcome::Refused(failure) = outcome {
            self.fail_of(Some(kind), failure);
        }
        match kind {
            RequestKind::Control => self.run_mut().control_ended(),
            // The search goes on after it has begun, and reports its own end.
            RequestKind::FindRate if answered => {}
            RequestKind::FindRate => self.rates_mut().give_up(),
            RequestKind::SelfTest if self.check == SelfTestState::Waiting => {
                self.check = SelfTestState::default()
            }
            RequestKind::Benchmark => self.bench.give_up(),
            RequestKind::Predict(id) => self.predict_mut().request_ended(id),
            RequestKind::Evaluate => self.predict_mut().evaluating = false,
            RequestKind::ShowBatch => self.data_mut().waiting = false,
            RequestKind::FetchModel => self.predict_mut().fetching = None,
            // Runs and loading report their progress as events. Files and experiments leave nothing
            // that waits.
            RequestKind::Load
            | RequestKind::Run
            | RequestKind::SelfTest
            | RequestKind::Estimate
            | RequestKind::OpenFile
            | RequestKind::SaveFile
            | RequestKind::Lesson
            | RequestKind::Watch => {}
        }
    }

    /// Something failed: it is shown where it belongs, and nothing waits for it.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.fail_of(None, failure);
    }

    /// What the reader opened or asked for could not be loaded. A run that does not wait for it
    /// goes on.
    pub(super) fn load_failed(&mut self, message: String) {
        let quiet = self.run.under_way();
        let data = self.data_mut();
        data.loads.failure = (!quiet).then(|| message.clone());
        data.failure = Some(message);
        data.waiting = false;
        data.not_loaded();
    }

    /// Something failed: a request of this kind, or what nobody asked for.
    fn fail_of(&mut self, kind: Option<RequestKind>, failure: Failure) {
        let of_run = match kind {
            Some(kind) => kind == RequestKind::Run,
            None => matches!(self.run.phase, Phase::Loading { .. }),
        };
        match failure.during {
            Subsystem::Predicting => {
                self.predict_mut().fail(failure.message);
                return;
            }
            Subsystem::Model => {
                self.predict_mut().fetching = None;
                self.saving_mut().failure = Some(failure.message);
                return;
            }
            Subsystem::Data if of_run => self.data_mut().failure = Some(failure.message.clone()),
            Subsystem::Data => return self.load_failed(failure.message),
            // A search that cannot begin beside a paused run is no fault of the run.
            Subsystem::Training if kind == Some(RequestKind::FindRate) => {
                return self.load_failed(failure.message);
            }
            // The run is as it was: it was not paused, say, when a single step was asked for.
            Subsystem::Training
                if matches!(kind, Some(RequestKind::Control | RequestKind::Benchmark)) =>
            {
                return self.run_mut().refuse(failure.message);
            }
            Subsystem::Engine => {
                self.predict_mut().give_up();
                self.lesson_mut().give_up();
                if matches!(self.run.phase, Phase::Compiling | Phase::Training) {
                    self.saving_mut().recover();
                }
                self.check = SelfTestState::default();
                self.bench.give_up();
                self.estimate.forget();
            }
            Subsystem::Training => {}
        }
        let data = self.data_mut();
        data.waiting = false;
        data.loads.failure = None;
        if failure.during == Subsystem::Engine {
            data.loads.forget();
        }
        data.not_loaded();
        self.rates_mut().give_up();
        self.run_mut().fail(failure.during, failure.message);
    }

    /// A run begins; `tuned` is the network that it fine-tunes, if any.
    pub(super) fn ask_train(&mut self, tuned: Option<String>) {
        // What was asked about is no longer as it was.
        self.question = None;
        let config = self.link.run.clone();
        self.data_mut().begin();
        self.data_mut().asked_source = config.data.source;
        self.saving_mut().begin();
        self.runs_mut().begin(tuned.clone());
        self.run_mut().ask_train(config, tuned);
    }

    /// A saved run goes on: the one in this slot, or the one that was opened.
    pub(super) fn ask_continue(&mut self, slot: Option<SlotId>) {
        self.question = None;
        self.settings_before = Some(Box::new(self.link.run.clone()));
        self.data_mut().failure = None;
        self.data_mut().loads.begin();
        self.saving_mut().ask_continue(slot);
        self.run_mut().ask_continue();
    }

    /// A saved run replaces what the page shows, its settings too: unless the reader has chosen
    /// others since it was asked for, or it is told once more after a broken connection, while the
    /// reader may prepare the next run.
    fn restore(&mut self, restored: Restored) {
        let (run, problems) = read_run(&restored.link);
        if let Some(problem) = problems.first() {
            return self.fail(Failure {
                during: Subsystem::Model,
                message: format!("the run was not opened: {problem}"),
            });
        }
        let are_newer = self.settings_before.take().is_some_and(|before| *before != self.link.run);
        if !self.told_again && !are_newer {
            self.link.run = run.clone();
            self.drafts.clear();
        }
        self.data_mut().asked_source = run.data.source;
        self.saving_mut().restored(restored.note.clone(), restored.done);
        self.runs_mut().restore(&run, &restored.rows);
        // It has no network to watch before it goes on.
        self.watch_mut().forget();
        self.run_mut().restore(run, restored);
    }
}
