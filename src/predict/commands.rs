//! Commands about the reader's pictures and about the network that answers.

use resnette_protocol::predict::{Explain, Request, SHIPPED};
use resnette_protocol::{Command, Failure, Subsystem};
use resnette_spec::recorded::RecordedRun;
use resnette_spec::{Backend, RunConfig, pretrained};
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, HtmlCanvasElement};

use crate::predict::drawn_sample;
use crate::predict::state::{DRAWING, Look, OpenPicture, PredictAction, Shipped};
use crate::run::recorded_run::{MAX_RECORD_BYTES, RECORD_FILE};
use crate::shell::action::Action;
use crate::shell::commands::Commands;
use crate::shell::platform;
use crate::widgets::object_url::ObjectUrl;

/// Largest picture that is read, in bytes.
const MAX_PICTURE_BYTES: f64 = 40e6;
/// Where the model that comes with the page lies, beside the page.
const SHIPPED_FILE: &str = "models/imagenette.safetensors";
/// Largest such model that is fetched, in bytes.
const MAX_SHIPPED_BYTES: u32 = 8_000_000;
/// Most pictures in one request.
const MAX_PICTURES: usize = 24;

/// A version of the reader's drawing.
pub struct DrawingVersion {
    /// Its number, larger than those of earlier versions.
    pub number: u32,
    /// What is requested about it beside its classes.
    pub look: Look,
}

impl Commands {
    /// Reads pictures and predicts their classes. If `shipped`, the model that comes with the page
    /// is fetched first; without it nothing is predicted, and the next picture asks for it again.
    pub fn predict(&self, files: Vec<File>, config: &RunConfig, shipped: bool) {
        let (commands, config) = (self.clone(), config.clone());
        spawn_local(async move { commands.open_and_predict(files, None, config, shipped).await });
    }

    /// Predicts what the reader has drawn on a canvas, as if it had been opened. It ends when the
    /// request is on its way.
    pub async fn predict_drawing(
        &self,
        canvas: &HtmlCanvasElement,
        version: DrawingVersion,
        config: RunConfig,
        shipped: bool,
    ) {
        match drawn_sample::png(canvas, DRAWING).await {
            Ok(file) => self.open_and_predict(vec![file], Some(version), config, shipped).await,
            Err(message) => {
                self.dispatch(Action::Failed(Failure { during: Subsystem::Predicting, message }))
            }
        }
    }

    /// Fetches the model that comes with the page first, if `shipped`; then reads pictures and
    /// predicts their classes. With `drawing`, the only file is that version of the drawing.
    async fn open_and_predict(
        &self,
        files: Vec<File>,
        drawing: Option<DrawingVersion>,
        config: RunConfig,
        shipped: bool,
    ) {
        if shipped
            && !files.is_empty()
            && let Err(message) = self.open_shipped(config.backend).await
        {
            self.dispatch(Action::Predict(PredictAction::Shipped(Shipped::Untried)));
            self.dispatch(Action::Failed(Failure { during: Subsystem::Predicting, message }));
            return;
        }
        self.read_and_predict(files, drawing, config).await;
    }

    /// Predicts a drawn picture of a class.
    pub fn predict_sample(&self, label: usize, name: String, config: &RunConfig, shipped: bool) {
        let (commands, config) = (self.clone(), config.clone());
        spawn_local(async move {
            match drawn_sample::file(label, &name).await {
                Ok(file) => commands.predict(vec![file], &config, shipped),
                Err(message) => commands
                    .dispatch(Action::Failed(Failure { during: Subsystem::Predicting, message })),
            }
        });
    }

    /// Predicts a picture that is shown once more.
    pub fn ask_again(&self, picture: OpenPicture, explain: Explain, config: &RunConfig) {
        let (commands, config) = (self.clone(), config.clone());
        let id = commands.bridge.next_id();
        commands.dispatch(Action::Predict(PredictAction::Open(id, vec![picture.clone()])));
        spawn_local(async move {
            let missing = || format!("{} is not there any more; open it again", picture.name);
            let bytes = platform::fetch(picture.url.as_str(), MAX_PICTURE_BYTES as u32)
                .await
                .and_then(|bytes| bytes.ok_or_else(missing));
            match bytes {
                Ok(bytes) => {
                    let files = vec![(picture.name, serde_bytes::ByteBuf::from(bytes))];
                    let backend = config.backend;
                    commands
                        .bridge
                        .send(Command::Predict(Request { id, files, explain, config }), backend);
                }
                Err(message) => commands
                    .dispatch(Action::Failed(Failure { during: Subsystem::Predicting, message })),
            }
        });
    }

    /// Fetches the model that comes with the page and opens it. Returns whether the page has one;
    /// if not, an untrained network answers.
    ///
    /// # Errors
    /// A sentence for the reader: there may be a model, but it did not come.
    pub async fn open_shipped(&self, backend: Backend) -> Result<bool, String> {
        let fetched = self.fetch_shipped().await?;
        let is_there = fetched.is_some();
        if let Some(bytes) = fetched {
            self.bridge.send(Command::OpenModel { name: SHIPPED.into(), bytes }, backend);
        }
        Ok(is_there)
    }

    /// Fetches the model that comes with the page; `None` if the page comes without one.
    ///
    /// # Errors
    /// As [`Self::open_shipped`].
    pub async fn fetch_shipped(&self) -> Result<Option<Vec<u8>>, String> {
        let tell = |shipped| self.dispatch(Action::Predict(PredictAction::Shipped(shipped)));
        tell(Shipped::Asked);
        let fetched = fetch_shipped().await;
        match &fetched {
            Ok(Some(_)) => {}
            Ok(None) => tell(Shipped::Absent),
            // Whatever asks next may have more luck.
            Err(_) => tell(Shipped::Untried),
        }
        fetched
    }

    async fn read_and_predict(
        &self,
        files: Vec<File>,
        drawing: Option<DrawingVersion>,
        config: RunConfig,
    ) {
        let refuse = |message| {
            self.dispatch(Action::Failed(Failure { during: Subsystem::Predicting, message }))
        };
        if files.len() > MAX_PICTURES {
            return refuse(format!(
                "{} pictures are too many at once; open at most {MAX_PICTURES}",
                files.len()
            ));
        }
        let mut read = Vec::new();
        let mut pictures = Vec::new();
        for file in files {
            let name = file.name();
            if file.size() > MAX_PICTURE_BYTES {
                return refuse(format!("{name} is larger than 40 MB; open a smaller copy of it"));
            }
            match platform::read(&file).await {
                Ok(bytes) => read.push((name.clone(), serde_bytes::ByteBuf::from(bytes))),
                Err(message) => return refuse(message),
            }
            let drawing = drawing.as_ref().map(|version| version.number);
            pictures.push(OpenPicture { name, url: ObjectUrl::new(&file), drawing });
        }
        if read.is_empty() {
            return;
        }
        let id = self.bridge.next_id();
        let look = drawing.map(|version| version.look);
        let explain = look.as_ref().map_or_else(|| Look::default().explain(), Look::explain);
        let action = match (look, pictures.pop()) {
            (Some(look), Some(picture)) => PredictAction::Draw(id, picture, look),
            (_, last) => PredictAction::Open(id, pictures.into_iter().chain(last).collect()),
        };
        self.dispatch(Action::Predict(action));
        let backend = config.backend;
        self.bridge.send(Command::Predict(Request { id, files: read, explain, config }), backend);
    }

    /// Fetches a pretrained network from the Hugging Face Hub.
    pub fn fetch_model(&self, text: String, backend: Backend) {
        match pretrained::address(&text) {
            Ok(_) => self.bridge.send(Command::FetchModel(text), backend),
            Err(error) => self.dispatch(Action::Failed(Failure {
                during: Subsystem::Model,
                message: error.to_string(),
            })),
        }
    }

    /// Ends the download of a pretrained network.
    pub fn cancel_download(&self) {
        self.bridge.cancel_download();
    }

    /// Evaluates the network on the validation pictures.
    pub fn evaluate(&self) {
        self.dispatch(Action::Predict(PredictAction::AskEvaluation));
        self.bridge.tell(Command::Evaluate);
    }
}

/// The model that comes with the page; `None` if there is none.
async fn fetch_shipped() -> Result<Option<Vec<u8>>, String> {
    let failed = |_: String| {
        "the network that comes with the page could not be fetched, and nothing was predicted. \
         Check the connection, then open the picture again; or train a network, which then answers"
            .to_string()
    };
    // The record says whether the page was built with a model at all.
    match platform::fetch(RECORD_FILE, MAX_RECORD_BYTES).await.map_err(failed)? {
        Some(record) if RecordedRun::read(&record).is_ok() => {
            platform::fetch(SHIPPED_FILE, MAX_SHIPPED_BYTES).await.map_err(failed)
        }
        _ => Ok(None),
    }
}
