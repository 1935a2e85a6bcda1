//! Commands about a run: start, pause, resume, stop, continue and change it.

use resnette_protocol::Command;
use resnette_protocol::persistence::{ContinueRun, SavedRunSource};
use resnette_protocol::saved::slots::SlotId;
use resnette_spec::{RunConfig, Source};

use crate::data::state::LoadPurpose;
use crate::route::action::LinkAction;
use crate::run::state::{PendingControl, RunAction};
use crate::shell::action::Action;
use crate::shell::commands::Commands;
use crate::shell::question::Task;

impl Commands {
    /// Loads the pictures that are missing and trains.
    pub fn train(&self, config: RunConfig) {
        self.begin(LoadPurpose::Train, config);
    }

    /// Fine-tunes the opened network on the pictures of the settings.
    pub fn fine_tune(&self, config: RunConfig) {
        self.begin(LoadPurpose::FineTune, config);
    }

    /// Loads the pictures that are missing and searches for a learning rate.
    pub fn find_rate(&self, config: RunConfig) {
        self.begin(LoadPurpose::FindRate, config);
    }

    /// Loads the pictures that are missing and searches for the learning rate of fine-tuning the
    /// opened network on them.
    pub fn find_fine_tune_rate(&self, config: RunConfig) {
        self.begin(LoadPurpose::FindFineTuneRate, config);
    }

    /// Continues the run of these settings that is saved in this slot, after a question if
    /// something would be lost.
    pub fn go_on_saved_run(&self, slot: SlotId, config: &RunConfig) {
        let task = Task::GoOn(slot, Box::new(config.clone()));
        if !self.asks_about_engine(task, config.backend) {
            self.go_on_saved(slot, config);
        }
    }

    /// Continues the run of these settings that is saved in this slot.
    pub fn go_on_saved(&self, slot: SlotId, config: &RunConfig) {
        self.go_on(SavedRunSource::Storage(slot), config);
    }

    /// Continues a saved run of these settings.
    pub fn go_on(&self, origin: SavedRunSource, config: &RunConfig) {
        let source = config.data.source;
        if source == Source::Files && !self.trains_on_host(config) && !self.bridge.has_files() {
            let message = "this run was trained on files of yours, which the page cannot open by \
                           itself. Open the same pictures in Data, then continue";
            return self.refuse_files(message.into());
        }
        let slot = match origin {
            SavedRunSource::Storage(slot) => Some(slot),
            SavedRunSource::Opened => None,
        };
        self.dispatch(Action::Run(RunAction::AskContinue(slot)));
        self.bridge.send(Command::Continue(ContinueRun { origin, source }), config.backend);
    }

    /// Shows the run that is saved in this slot and has ended, after a question if something would
    /// be lost.
    pub fn show_saved_run(&self, slot: SlotId, config: &RunConfig) {
        let task = Task::Show(slot, Box::new(config.clone()));
        if !self.asks_about_engine(task, config.backend) {
            self.show_saved(slot, config);
        }
    }

    /// Shows the run that is saved in this slot and has ended, for which no pictures are needed.
    pub fn show_saved(&self, slot: SlotId, config: &RunConfig) {
        self.dispatch(Action::Run(RunAction::AskContinue(Some(slot))));
        let (origin, source) = (SavedRunSource::Storage(slot), Source::Drawn);
        self.bridge.send(Command::Continue(ContinueRun { origin, source }), config.backend);
    }

    /// Pauses, resumes or stops the run, takes a single step, splits the run or ends a race.
    pub fn control(&self, control: PendingControl) {
        self.dispatch(Action::Run(RunAction::Control(control)));
        self.bridge.tell(match control {
            PendingControl::Pause => Command::Pause,
            PendingControl::Resume => Command::Resume,
            PendingControl::Step => Command::Step,
            PendingControl::Stop => Command::Stop,
            PendingControl::Cut(place) => Command::CutSkip(place),
            PendingControl::Keep(runner) => Command::KeepRunner(runner),
        });
    }

    /// Shows the run to a class, or the whole of Train again.
    pub fn project(&self, on: bool) {
        self.dispatch(Action::Link(LinkAction::Project(on)));
    }

    /// Multiplies the learning rate of the rest of the run.
    pub fn scale_rate(&self, factor: f64) {
        self.bridge.tell(Command::ScaleRate(factor));
    }

    /// Trains one more epoch after a run has ended.
    pub fn one_more_epoch(&self) {
        self.bridge.tell(Command::OneMoreEpoch);
    }
}
