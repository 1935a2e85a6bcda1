//! Commands that may have to ask the reader first.

use resnette_spec::{Backend, RunConfig, Source};

use crate::data::state::LoadPurpose;
use crate::shell::action::Action;
use crate::shell::commands::Commands;
use crate::shell::platform;
use crate::shell::question::{Question, Stake, Task, Why};

impl Commands {
    /// Starts the run of a link that wants to be started, or asks the reader first. `goes` is the
    /// unfinished run that would have to go to make room.
    pub fn autostart(&self, config: RunConfig, stake: Stake, goes: Option<String>) {
        let host = match config.data.source {
            Source::Url => platform::other_host(&config.data.address()),
            // These photos have a notice of their own.
            Source::HuggingFace | Source::Drawn | Source::Files => None,
        };
        if stake <= Stake::Kept && goes.is_none() && host.is_none() {
            return self.begin(LoadPurpose::Train, config);
        }
        let task = Task::Begin(LoadPurpose::Train, Box::new(config));
        let why = Why::Link { stake, goes, host };
        self.dispatch(Action::Ask(Some(Question { why, task })));
    }

    /// Whether a task must wait for an answer, because it needs another engine than the one that
    /// runs and something would be lost with that.
    pub fn asks_about_engine(&self, task: Task, backend: Backend) -> bool {
        let stake = self.bridge.stake();
        // Whoever starts another run does not expect to keep the network of the last one here, but
        // whoever looks at pictures does.
        let least = match task {
            Task::Begin(LoadPurpose::Load | LoadPurpose::FindRate, _) => Stake::Kept,
            _ => Stake::Unkept,
        };
        let asks = stake >= least && self.bridge.changes_engine(&task, backend);
        if asks {
            self.dispatch(Action::Ask(Some(Question { why: Why::Engine(stake), task })));
        }
        asks
    }

    /// The reader agrees: the task begins.
    pub fn agree(&self, question: Question) {
        self.dispatch(Action::Ask(None));
        // What is at stake was said, and is not asked again.
        self.bridge.set_stake(Stake::Nothing);
        match (question.task, question.why) {
            (Task::Begin(purpose, config), Why::Link { .. }) => self.begin(purpose, *config),
            (Task::Begin(purpose, config), Why::Engine(_)) => self.start(purpose, *config),
            (Task::GoOn(slot, config), _) => self.go_on_saved(slot, &config),
            (Task::Show(slot, config), _) => self.show_saved(slot, &config),
        }
    }
}
