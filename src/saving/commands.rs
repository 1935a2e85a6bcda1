//! Commands that save and open models and runs as files.

use resnette_protocol::persistence::ModelFormat;
use resnette_protocol::saved::run_file;
use resnette_protocol::saved::slots::SlotId;
use resnette_protocol::{Command, Failure, Subsystem};
use resnette_spec::RunConfig;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::saving::state::SavingAction;
use crate::saving::storage;
use crate::shell::action::Action;
use crate::shell::commands::Commands;
use crate::shell::platform;

impl Commands {
    /// Saves the network as a file.
    pub fn save_model(&self, format: ModelFormat) {
        self.bridge.tell(Command::SaveModel(format));
    }

    /// Offers bytes to the reader as a download, and says so under Keep if the browser refuses.
    pub fn save_file(&self, name: &str, mime: &str, bytes: &[u8]) {
        if let Err(message) = platform::save(name, mime, bytes) {
            self.dispatch(Action::Failed(Failure { during: Subsystem::Model, message }));
        }
    }

    /// Deletes a saved run in the browser's storage; it can come back for a while. `own` says that
    /// it is the run that this page shows.
    pub fn delete_saved(&self, slot: SlotId, own: bool) {
        let commands = self.clone();
        spawn_local(async move {
            commands.dispatch(Action::Saving(match storage::delete(slot, own).await {
                Ok(()) => SavingAction::Deleted(slot),
                Err(reason) => SavingAction::Refused(reason),
            }));
        });
    }

    /// Brings back a saved run that was deleted.
    pub fn undelete_saved(&self, slot: SlotId) {
        let commands = self.clone();
        spawn_local(async move {
            commands.dispatch(Action::Saving(match storage::undelete(slot).await {
                Ok(()) => SavingAction::Restored(slot),
                Err(reason) => SavingAction::Refused(reason),
            }));
        });
    }

    /// Saves the whole run as a file.
    pub fn save_run(&self) {
        self.bridge.tell(Command::SaveRun);
    }

    /// Opens a model or a run, depending on the first bytes of the file. A run does not replace one
    /// that is under way.
    pub fn open_saved(&self, files: Vec<File>, config: &RunConfig, busy: bool) {
        let (commands, backend) = (self.clone(), config.backend);
        let Some(file) = files.into_iter().next() else { return };
        spawn_local(async move {
            let name = file.name();
            let refuse = |message: String| {
                commands.dispatch(Action::Failed(Failure { during: Subsystem::Model, message }))
            };
            if file.size() > run_file::MAX_FILE_BYTES as f64 {
                return refuse(format!(
                    "{name} was not opened: it is larger than {} MB",
                    run_file::MAX_FILE_BYTES / 1_000_000
                ));
            }
            let bytes = match platform::read(&file).await {
                Ok(bytes) => bytes,
                Err(message) => return refuse(message),
            };
            let command = match bytes.starts_with(run_file::MAGIC) {
                true if busy => {
                    return refuse(format!(
                        "{name} was not opened: a run is under way. Stop it first, then open the \
                         other"
                    ));
                }
                true => Command::OpenRun { name, bytes },
                false => Command::OpenModel { name, bytes },
            };
            commands.bridge.send(command, backend);
        });
    }
}
