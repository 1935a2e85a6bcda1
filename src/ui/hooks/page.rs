//! What every component may do: change the state, and ask the worker.

use wasm_bindgen_futures::spawn_local;
use web_sys::File;
use yew::prelude::*;

use super::worker::Bridge;
use crate::config::{Backend, RunConfig, Source};
use crate::protocol::lesson::Ask;
use crate::protocol::predict::{Explain, Request};
use crate::protocol::{Command, Failure, Stage};
use crate::ui::opened::OpenedFile;
use crate::ui::platform;
use crate::ui::state::{Action, OpenPicture, State, Wish};

/// Largest picture that is read, in bytes.
const LARGEST: f64 = 40e6;
/// Most pictures at once.
const MOST: usize = 24;

/// Handles on the state and on the worker; the same for the life of the page.
#[derive(Clone, PartialEq)]
pub struct Page {
    /// Changes the state.
    pub state: UseReducerDispatcher<State>,
    /// Speaks to the worker.
    pub bridge: Bridge,
}

/// The page's handles. The application provides them; outside of it every act would be lost.
#[hook]
pub fn use_page() -> Page {
    match use_context::<Page>() {
        Some(page) => page,
        // Only `App` draws components, and it provides the context around all of them.
        None => unreachable!("a component outside of App"),
    }
}

impl Page {
    /// Changes the state.
    pub fn act(&self, action: Action) {
        self.state.dispatch(action);
    }

    /// Loads what is missing and trains.
    pub fn train(&self, config: RunConfig) {
        if self.needs_files(config.data.source) {
            return;
        }
        self.act(Action::AskTrain);
        self.bridge.send(Command::Train(config.clone()), config.backend);
    }

    /// Loads pictures only.
    pub fn load(&self, config: &RunConfig) {
        if self.needs_files(config.data.source) {
            return;
        }
        self.act(Action::AskLoad);
        self.bridge.send(Command::Load { data: config.data.clone(), seed: config.seed }, config.backend);
    }

    /// Loads what is missing and searches for a learning rate.
    pub fn find_rate(&self, config: RunConfig) {
        if self.needs_files(config.data.source) {
            return;
        }
        self.act(Action::AskLoad);
        self.act(Action::AskRates);
        let backend = config.backend;
        self.bridge.send(Command::FindRate(config), backend);
    }

    fn needs_files(&self, source: Source) -> bool {
        let missing = source == Source::Files && !self.bridge.has_files();
        if missing {
            self.refuse_files("no files are open yet. Open pictures or archives in Data, or choose another source there".into());
        }
        missing
    }

    /// Holds, goes on or ends.
    pub fn ask(&self, wish: Wish) {
        self.act(Action::Ask(wish));
        self.bridge.tell(match wish {
            Wish::Pause => Command::Pause,
            Wish::Resume => Command::Resume,
            Wish::Stop => Command::Stop,
        });
    }

    /// Opens files to train on.
    pub fn open_files(&self, files: Vec<OpenedFile>, config: &RunConfig) {
        if files.is_empty() {
            return self
                .refuse_files("no file was found in what was opened; choose pictures, an archive, or a folder that holds some".into());
        }
        self.act(Action::Files(files.len()));
        self.act(Action::Edit("source", Source::Files.name().into()));
        self.act(Action::Leave("source"));
        self.bridge.keep_files(files);
        let mut config = config.clone();
        config.data.source = Source::Files;
        self.load(&config);
    }

    /// Tells why files could not be opened.
    pub fn refuse_files(&self, message: String) {
        self.act(Action::Failed(Failure { during: Stage::Data, message }));
    }

    /// Asks for a batch as the network sees it.
    pub fn show_batch(&self, config: RunConfig, shuffle: u32) {
        self.act(Action::AskBatch(shuffle));
        let backend = config.backend;
        self.bridge.send(Command::ShowBatch { config, shuffle }, backend);
    }

    /// Trains one epoch more, after a run has ended.
    pub fn one_more_epoch(&self) {
        self.bridge.tell(Command::OneMoreEpoch);
    }

    /// Begins an experiment of the lesson, on the engine that runs or else on the CPU; ends it with [`Ask::Cancel`].
    pub fn experiment(&self, ask: Ask) {
        match ask.task() {
            Some(task) => {
                self.act(Action::AskLesson(task));
                self.bridge.send(Command::Lesson(ask), Backend::Cpu);
            }
            None => self.bridge.tell(Command::Lesson(ask)),
        }
    }

    /// Measures the network.
    pub fn evaluate(&self) {
        self.act(Action::AskEvaluation);
        self.bridge.tell(Command::Evaluate);
    }

    /// Reads pictures and asks the network about them.
    pub fn predict(&self, files: Vec<File>, config: &RunConfig) {
        let (page, config) = (self.clone(), config.clone());
        spawn_local(async move { page.read_and_predict(files, config).await });
    }

    async fn read_and_predict(&self, files: Vec<File>, config: RunConfig) {
        let refuse = |message| self.act(Action::Failed(Failure { during: Stage::Predicting, message }));
        if files.len() > MOST {
            return refuse(format!("{} pictures are too many at once; open at most {MOST}", files.len()));
        }
        let mut read = Vec::new();
        let mut pictures = Vec::new();
        for file in files {
            let name = file.name();
            if file.size() > LARGEST {
                return refuse(format!("{name} is larger than 40 MB; open a smaller copy of it"));
            }
            match platform::read(&file).await {
                Ok(bytes) => read.push((name.clone(), serde_bytes::ByteBuf::from(bytes))),
                Err(message) => return refuse(message),
            }
            pictures.push(OpenPicture { name, url: platform::object_url(&file) });
        }
        if read.is_empty() {
            return;
        }
        let id = self.bridge.next_id();
        self.act(Action::Opened(id, pictures));
        let explain = Explain { heat: true, ..Explain::default() };
        let backend = config.backend;
        self.bridge.send(Command::Predict(Request { id, files: read, explain, config }), backend);
    }
}
