//! Commands about the pictures to train on. Every task that needs pictures begins here, because
//! files or the reader's consent to ImageNet's terms may be missing.

use resnette_picture::classes::IMAGENETTE;
use resnette_picture::report::ClassCorrections;
use resnette_protocol::Command;
use resnette_spec::architecture::Architecture;
use resnette_spec::{Backend, RunConfig, Source};

use crate::data::corrections::CorrectionAction;
use crate::data::state::{DataAction, LoadPurpose};
use crate::data::terms;
use crate::run::state::RunAction;
use crate::settings::phone_memory::{on_apples_phone, phone_limit_exceeded};
use crate::shell::action::Action;
use crate::shell::commands::Commands;
use crate::shell::question::Task;
use crate::widgets::opened_files::OpenedFile;

/// The fewest classes that there may be.
const FEWEST_CLASSES: u32 = 2;

/// How many classes the pictures of a source have. Imagenette and its drawings have ten. What the
/// reader opens has as many as it turns out to have, which is at least two: nothing that may fit is
/// refused before it was read, and training is asked about again once it was.
fn class_count(source: Source, of_files: Option<u32>) -> u32 {
    match source {
        Source::Drawn | Source::HuggingFace | Source::Url => IMAGENETTE.len() as u32,
        Source::Files => of_files.unwrap_or(FEWEST_CLASSES).max(FEWEST_CLASSES),
    }
}

/// Why this phone could not hold the pictures of a run and its steps, as a sentence for the reader.
/// Loaded without training, pictures are held as well.
fn too_large_for_this_phone(
    purpose: LoadPurpose,
    config: &RunConfig,
    of_files: Option<u32>,
) -> Option<String> {
    let classes = class_count(config.data.source, of_files);
    let bs = if purpose == LoadPurpose::Load { 1 } else { config.recipe.bs };
    let plan = Architecture::new(&config.net, classes);
    let told = on_apples_phone()
        .then(|| phone_limit_exceeded(&plan, &config.pictures(), classes, bs))
        .flatten()?;
    // A sentence of its own in Totals, a part of one here.
    let told = told.trim_end_matches('.');
    let words = told.strip_prefix('T').map(|rest| format!("t{rest}"));
    Some(words.unwrap_or_else(|| told.to_owned()))
}

impl Commands {
    /// Loads pictures without training on them.
    pub fn load(&self, config: &RunConfig) {
        self.begin(LoadPurpose::Load, config.clone());
    }

    /// Begins a task that needs pictures, unless files are missing or the reader must first agree
    /// to ImageNet's terms.
    pub fn begin(&self, purpose: LoadPurpose, config: RunConfig) {
        if self.needs_files(&config) {
            return;
        }
        if !self.trains_on_host(&config)
            && let Some(message) =
                too_large_for_this_phone(purpose, &config, self.bridge.file_classes())
        {
            return self.refuse_files(message);
        }
        if config.data.source == Source::HuggingFace && !terms::agreed() {
            return self.dispatch(Action::Data(DataAction::AskTerms(Some(purpose))));
        }
        self.begin_now(purpose, config);
    }

    /// Begins a task that needs pictures when files and consent are there.
    pub fn begin_now(&self, purpose: LoadPurpose, config: RunConfig) {
        let task = Task::Begin(purpose, Box::new(config.clone()));
        if !self.asks_about_engine(task, config.backend) {
            self.start(purpose, config);
        }
    }

    /// Begins a task that needs pictures when nothing is left to be asked.
    pub fn start(&self, purpose: LoadPurpose, config: RunConfig) {
        let backend = config.backend;
        match purpose {
            LoadPurpose::Train => {
                self.dispatch(Action::Run(RunAction::AskTrain));
                self.bridge.send(Command::Train(config), backend);
            }
            LoadPurpose::FineTune => {
                self.dispatch(Action::Run(RunAction::AskFineTune));
                self.bridge.send(Command::FineTune(config), backend);
            }
            LoadPurpose::FineTuneShipped => self.fine_tune_shipped(config),
            LoadPurpose::FindFineTuneRate => {
                self.dispatch(Action::Data(DataAction::AskLoad));
                self.dispatch(Action::AskRateSearch);
                self.bridge.send(Command::FindFineTuneRate(config), backend);
            }
            LoadPurpose::FindRate => {
                self.dispatch(Action::Data(DataAction::AskLoad));
                self.dispatch(Action::AskRateSearch);
                self.bridge.send(Command::FindRate(config), backend);
            }
            LoadPurpose::Load => {
                self.dispatch(Action::Data(DataAction::AskLoad));
                let (data, seed) = (config.pictures(), config.seed);
                self.bridge.send(Command::Load { data, seed }, backend);
            }
        }
    }

    /// Begins the task with drawn pictures in place of fetched ones.
    pub fn draw_instead(&self, purpose: LoadPurpose, config: &RunConfig) {
        let mut config = config.clone();
        config.data.source = Source::Drawn;
        self.set("source", Source::Drawn.name());
        self.begin_now(purpose, config);
    }

    /// Whether the class's host would train, on a page of a class.
    pub(crate) fn trains_on_host(&self, config: &RunConfig) -> bool {
        config.backend == Backend::Host && self.bridge.is_joined()
    }

    fn needs_files(&self, config: &RunConfig) -> bool {
        // The class's host has pictures of its own.
        let missing = config.data.source == Source::Files
            && !self.trains_on_host(config)
            && !self.bridge.has_files();
        if missing {
            self.refuse_files(
                "no files are open yet. Open pictures or archives in Data, or choose \
                               another source there"
                    .into(),
            );
        }
        missing
    }

    /// Opens files and loads them to train on.
    pub fn open_files(&self, files: Vec<OpenedFile>, config: &RunConfig) {
        if files.is_empty() {
            return self.refuse_files(
                "no file was found in what was opened; choose pictures, an archive, \
                               or a folder that holds some"
                    .into(),
            );
        }
        let mut config = config.clone();
        self.keep_files(files, &mut config);
        self.load(&config);
    }

    /// Keeps opened files for the tasks that need pictures, and makes them the source of the
    /// settings.
    pub fn keep_files(&self, files: Vec<OpenedFile>, config: &mut RunConfig) {
        self.dispatch(Action::Data(DataAction::OpenFiles(files.len())));
        self.set("source", Source::Files.name());
        self.bridge.keep_files(files);
        config.data.source = Source::Files;
    }

    /// Reads the opened files again, with these corrections of their classes and split.
    pub fn correct(&self, corrections: ClassCorrections, config: &RunConfig) {
        self.bridge.keep_corrections(corrections.clone());
        self.dispatch(Action::Data(DataAction::Correct(CorrectionAction::Send(corrections))));
        self.set("source", Source::Files.name());
        let mut config = config.clone();
        config.data.source = Source::Files;
        self.load(&config);
    }

    /// Opens what was dropped, or says why it cannot be opened.
    pub fn open_dropped(&self, files: Result<Vec<OpenedFile>, String>, config: &RunConfig) {
        match files {
            Ok(files) => self.open_files(files, config),
            Err(message) => self.refuse_files(message),
        }
    }

    /// Says why files could not be opened.
    pub fn refuse_files(&self, message: String) {
        self.dispatch(Action::Data(DataAction::Refuse(message)));
    }

    /// Requests a batch as the network sees it; `shuffle` is its number.
    pub fn show_batch(&self, config: RunConfig, shuffle: u32) {
        self.dispatch(Action::Data(DataAction::AskBatch(shuffle)));
        let backend = config.backend;
        self.bridge.send(Command::ShowBatch { config, shuffle }, backend);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opened_files_have_the_classes_that_they_turn_out_to_have() {
        for (source, of_files, classes) in [
            (Source::Drawn, Some(3), 10),
            (Source::HuggingFace, None, 10),
            // Two classes of large pictures may fit where ten would not.
            (Source::Files, None, 2),
            (Source::Files, Some(3), 3),
            (Source::Files, Some(200), 200),
            (Source::Files, Some(0), 2),
        ] {
            assert_eq!(class_count(source, of_files), classes, "{source:?} {of_files:?}");
        }
    }
}
