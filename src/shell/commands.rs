//! What every component may do: change the state, and ask the worker.

use resnette_protocol::persistence::{ContinueRun, ModelFormat, SavedRunSource};
use resnette_protocol::predict::{Explain, Request, SHIPPED};
use resnette_protocol::saved::run_file;
use resnette_protocol::{Command, Failure, Subsystem, lesson};
use resnette_spec::recorded::RecordedRun;
use resnette_spec::{Backend, RunConfig, Source, pretrained};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;
use yew::prelude::*;

use crate::data::state::Errand;
use crate::data::terms;
use crate::engine::bridge::Bridge;
use crate::predict::drawn_sample;
use crate::predict::state::{OpenPicture, Shipped};
use crate::shell::action::{Action, Wish};
use crate::shell::platform;
use crate::shell::state::State;
use crate::widgets::opened_files::OpenedFile;

/// Largest picture that is read, in bytes.
const LARGEST: f64 = 40e6;
/// Where the model that comes with the page lies, beside the page, and how large it may be in
/// bytes.
const SHIPPED_FILE: &str = "models/imagenette.safetensors";
const SHIPPED_MOST: u32 = 8_000_000;
/// Its recorded run.
pub const RECORD_FILE: &str = "models/imagenette.json";
/// And how large that may be.
pub const RECORD_MOST: u32 = 200_000;
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
        self.fetch_for(Errand::Train, config);
    }

    /// Loads pictures only.
    pub fn load(&self, config: &RunConfig) {
        self.fetch_for(Errand::Load, config.clone());
    }

    /// Goes on an errand, unless something must be had or asked first.
    fn fetch_for(&self, errand: Errand, config: RunConfig) {
        if self.needs_files(config.data.source) {
            return;
        }
        if config.data.source == Source::HuggingFace && !terms::agreed() {
            return self.act(Action::AskTerms(Some(errand)));
        }
        self.do_errand(errand, config);
    }

    /// Goes on an errand that nothing stands in the way of.
    pub fn do_errand(&self, errand: Errand, config: RunConfig) {
        let backend = config.backend;
        match errand {
            Errand::Train => {
                self.act(Action::AskTrain);
                self.bridge.send(Command::Train(config), backend);
            }
            Errand::FineTune => {
                self.act(Action::AskTune);
                self.bridge.send(Command::FineTune(config), backend);
            }
            Errand::FindRate => {
                self.act(Action::AskLoad);
                self.act(Action::AskRates);
                self.bridge.send(Command::FindRate(config), backend);
            }
            Errand::Load => {
                self.act(Action::AskLoad);
                self.bridge.send(Command::Load { data: config.data, seed: config.seed }, backend);
            }
        }
    }

    /// Goes on the errand with drawn pictures.
    pub fn draw_instead(&self, errand: Errand, config: &RunConfig) {
        let mut config = config.clone();
        config.data.source = Source::Drawn;
        self.act(Action::Edit("source", Source::Drawn.name().into()));
        self.act(Action::Leave("source"));
        self.do_errand(errand, config);
    }

    /// Loads what is missing and searches for a learning rate.
    pub fn find_rate(&self, config: RunConfig) {
        self.fetch_for(Errand::FindRate, config);
    }

    fn needs_files(&self, source: Source) -> bool {
        let missing = source == Source::Files && !self.bridge.has_files();
        if missing {
            self.refuse_files("no files are open yet. Open pictures or archives in Data, or choose another source there".into());
        }
        missing
    }

    /// Goes on with a saved run of these settings.
    pub fn go_on(&self, origin: SavedRunSource, config: &RunConfig) {
        let source = config.data.source;
        if source == Source::Files && !self.bridge.has_files() {
            let message = "this run was trained on files of yours, which the page cannot open by itself. Open the same pictures in Data, then continue";
            return self.refuse_files(message.into());
        }
        self.act(Action::AskContinue);
        self.bridge.send(Command::Continue(ContinueRun { origin, source }), config.backend);
    }

    /// Shows a saved run that has ended: it needs no pictures.
    pub fn show_saved(&self, config: &RunConfig) {
        self.act(Action::AskContinue);
        self.bridge.send(
            Command::Continue(ContinueRun {
                origin: SavedRunSource::Storage,
                source: Source::Drawn,
            }),
            config.backend,
        );
    }

    /// Asks for the network as a file.
    pub fn save_model(&self, format: ModelFormat) {
        self.bridge.tell(Command::SaveModel(format));
    }

    /// Asks for the whole run as a file.
    pub fn save_run(&self) {
        self.bridge.tell(Command::SaveRun);
    }

    /// Multiplies the learning rate of what is left of the run.
    pub fn scale_rate(&self, factor: f64) {
        self.bridge.tell(Command::ScaleRate(factor));
    }

    /// Opens a model or a run; which of the two, its first bytes say. A run does not take the place
    /// of one under way.
    pub fn open_saved(&self, files: Vec<File>, config: &RunConfig, busy: bool) {
        let (page, backend) = (self.clone(), config.backend);
        let Some(file) = files.into_iter().next() else { return };
        spawn_local(async move {
            let name = file.name();
            let refuse = |message: String| {
                page.act(Action::Failed(Failure { during: Subsystem::Model, message }))
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
                        "{name} was not opened: a run is under way. Stop it first, then open the other"
                    ));
                }
                true => Command::OpenRun { name, bytes },
                false => Command::OpenModel { name, bytes },
            };
            page.bridge.send(command, backend);
        });
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

    /// Opens what was dropped, or tells why it cannot be.
    pub fn open_dropped(&self, files: Result<Vec<OpenedFile>, String>, config: &RunConfig) {
        match files {
            Ok(files) => self.open_files(files, config),
            Err(message) => self.refuse_files(message),
        }
    }

    /// Tells why files could not be opened.
    pub fn refuse_files(&self, message: String) {
        self.act(Action::Failed(Failure { during: Subsystem::Data, message }));
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

    /// Begins an experiment of the lesson, on the engine that runs or else on the CPU; ends it with
    /// [`lesson::Request::Cancel`].
    pub fn experiment(&self, request: lesson::Request) {
        match request.task() {
            Some(task) => {
                self.act(Action::AskLesson(task));
                self.bridge.send(Command::Lesson(request), Backend::Cpu);
            }
            None => self.bridge.tell(Command::Lesson(request)),
        }
    }

    /// Measures the network.
    pub fn evaluate(&self) {
        self.act(Action::AskEvaluation);
        self.bridge.tell(Command::Evaluate);
    }

    /// Reads pictures and asks the network about them; where `shipped`, the model that comes with
    /// the page is fetched first.
    pub fn predict(&self, files: Vec<File>, config: &RunConfig, shipped: bool) {
        let (page, config) = (self.clone(), config.clone());
        spawn_local(async move {
            if shipped && !files.is_empty() {
                page.open_shipped(config.backend).await;
            }
            page.read_and_predict(files, config).await;
        });
    }

    /// Asks about a drawn picture of a class.
    pub fn predict_sample(&self, label: usize, name: String, config: &RunConfig, shipped: bool) {
        let (page, config) = (self.clone(), config.clone());
        spawn_local(async move {
            match drawn_sample::file(label, &name).await {
                Ok(file) => page.predict(vec![file], &config, shipped),
                Err(message) => {
                    page.act(Action::Failed(Failure { during: Subsystem::Predicting, message }))
                }
            }
        });
    }

    /// Asks once more about a picture that is shown.
    pub fn ask_again(&self, picture: OpenPicture, explain: Explain, config: &RunConfig) {
        let (page, config) = (self.clone(), config.clone());
        let id = page.bridge.next_id();
        page.act(Action::Opened(id, vec![picture.clone()]));
        spawn_local(async move {
            let missing = || format!("{} is not there any more; open it again", picture.name);
            let bytes = platform::fetch(&picture.url, LARGEST as u32)
                .await
                .and_then(|bytes| bytes.ok_or_else(missing));
            match bytes {
                Ok(bytes) => {
                    let files = vec![(picture.name, serde_bytes::ByteBuf::from(bytes))];
                    let backend = config.backend;
                    page.bridge
                        .send(Command::Predict(Request { id, files, explain, config }), backend);
                }
                Err(message) => {
                    page.act(Action::Failed(Failure { during: Subsystem::Predicting, message }))
                }
            }
        });
    }

    /// Fetches the model that comes with the page and opens it. A page without one goes on with an
    /// untrained network.
    async fn open_shipped(&self, backend: Backend) {
        self.act(Action::Shipped(Shipped::Asked));
        // The record says whether the page was built with a model at all.
        let recorded = match platform::fetch(RECORD_FILE, RECORD_MOST).await {
            Ok(Some(bytes)) => RecordedRun::read(&bytes).is_ok(),
            Ok(None) | Err(_) => false,
        };
        let weights =
            if recorded { platform::fetch(SHIPPED_FILE, SHIPPED_MOST).await } else { Ok(None) };
        match weights {
            Ok(Some(bytes)) => {
                self.bridge.send(Command::OpenModel { name: SHIPPED.into(), bytes }, backend)
            }
            Ok(None) | Err(_) => self.act(Action::Shipped(Shipped::Absent)),
        }
    }

    /// Fetches a pretrained network from the Hugging Face Hub.
    pub fn fetch_model(&self, text: String, backend: Backend) {
        match pretrained::address(&text) {
            Ok(_) => self.bridge.send(Command::FetchModel(text), backend),
            Err(error) => self.act(Action::Failed(Failure {
                during: Subsystem::Model,
                message: error.to_string(),
            })),
        }
    }

    /// Fine-tunes the opened network on the pictures of the settings.
    pub fn fine_tune(&self, config: RunConfig) {
        self.fetch_for(Errand::FineTune, config);
    }

    async fn read_and_predict(&self, files: Vec<File>, config: RunConfig) {
        let refuse =
            |message| self.act(Action::Failed(Failure { during: Subsystem::Predicting, message }));
        if files.len() > MOST {
            return refuse(format!(
                "{} pictures are too many at once; open at most {MOST}",
                files.len()
            ));
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
        let explain = Explain { heat: true, filters: true, ..Explain::default() };
        let backend = config.backend;
        self.bridge.send(Command::Predict(Request { id, files: read, explain, config }), backend);
    }
}
