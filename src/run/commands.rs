//! Commands about a run: start, pause, resume, stop, continue and change it.

use resnette_protocol::Command;
use resnette_protocol::persistence::{ContinueRun, SavedRunSource};
use resnette_spec::{RunConfig, Source};

use crate::data::state::LoadPurpose;
use crate::run::state::{PendingControl, RunAction};
use crate::shell::action::Action;
use crate::shell::commands::Commands;

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

    /// Continues a saved run of these settings.
    pub fn go_on(&self, origin: SavedRunSource, config: &RunConfig) {
        let source = config.data.source;
        if source == Source::Files && !self.bridge.has_files() {
            let message = "this run was trained on files of yours, which the page cannot open by \
                           itself. Open the same pictures in Data, then continue";
            return self.refuse_files(message.into());
        }
        self.dispatch(Action::Run(RunAction::AskContinue));
        self.bridge.send(Command::Continue(ContinueRun { origin, source }), config.backend);
    }

    /// Shows a saved run that has ended, for which no pictures are needed.
    pub fn show_saved(&self, config: &RunConfig) {
        self.dispatch(Action::Run(RunAction::AskContinue));
        self.bridge.send(
            Command::Continue(ContinueRun {
                origin: SavedRunSource::Storage,
                source: Source::Drawn,
            }),
            config.backend,
        );
    }

    /// Pauses, resumes or stops the run.
    pub fn control(&self, control: PendingControl) {
        self.dispatch(Action::Run(RunAction::Control(control)));
        self.bridge.tell(match control {
            PendingControl::Pause => Command::Pause,
            PendingControl::Resume => Command::Resume,
            PendingControl::Stop => Command::Stop,
        });
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
