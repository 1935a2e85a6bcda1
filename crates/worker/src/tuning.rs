//! The session's pretrained networks: fetched from the Hugging Face Hub, and fine-tuned on the
//! pictures that are loaded.

use resnette_engine::model::container::MOST_BYTES;
use resnette_engine::model::file::Layout;
use resnette_engine::train::learner::Learner;
use resnette_image_parquet::source::{RangeSource, SourceError};
use resnette_protocol::{Event, Stage};
use resnette_spec::{RunConfig, pretrained};
use web_time::Instant;

use crate::breathe::breathe;
use crate::fetch::FetchSource;
use crate::files::HeldFile;
use crate::post;
use crate::session::{Session, fail};
use crate::shelf::Shelf;

/// Bytes asked for at once.
const PIECE: u64 = 4_000_000;
/// Milliseconds between two progress messages.
const TELL_EVERY: u128 = 80;

/// Why no network came.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error(transparent)]
    Address(#[from] pretrained::HubError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("the file has {0} MB, and at most {limit} MB are opened; choose a smaller network", limit = MOST_BYTES / 1_000_000)]
    Large(u64),
    #[error("it was stopped")]
    Stopped,
}

impl Session {
    /// Fetches a network and opens it; what there was stays where that fails.
    pub(super) async fn fetch_model(&mut self, text: &str) {
        match self.fetched(text).await {
            Ok((name, bytes)) => self.open_model(&name, &bytes),
            Err(error) => fail(
                Stage::Model,
                format!("the network was not fetched: {error}. The network that was there is kept"),
            ),
        }
    }

    async fn fetched(&self, text: &str) -> Result<(String, Vec<u8>), FetchError> {
        let url = pretrained::address(text)?;
        let name = url.trim_start_matches("https://huggingface.co/").to_string();
        let mut source = FetchSource::new(url, name.clone(), Shelf::none(), self.inbox.clone());
        let length = source.length().await?;
        if length > MOST_BYTES as u64 {
            return Err(FetchError::Large(length / 1_000_000));
        }
        let mut bytes = Vec::new();
        let mut told = Instant::now();
        post(&Event::Fetching(0, length));
        while (bytes.len() as u64) < length {
            let start = bytes.len() as u64;
            bytes.extend_from_slice(&source.read(start, PIECE.min(length - start)).await?);
            if told.elapsed().as_millis() >= TELL_EVERY {
                told = Instant::now();
                post(&Event::Fetching(bytes.len() as u64, length));
                breathe().await;
            }
            if self.inbox.take_stop() {
                return Err(FetchError::Stopped);
            }
        }
        Ok((name, bytes))
    }

    /// Begins fastai's `fine_tune` of the opened network on the pictures of `config`.
    pub(super) async fn fine_tune(&mut self, mut config: RunConfig, files: &[HeldFile]) {
        self.running = false;
        self.cancel_search();
        let Some(set) = self.load(&config.data, config.seed, files).await else { return };
        let Some(opened) = &self.opened else {
            return fail(
                Stage::Training,
                "no network from a file is open. Open or fetch a pretrained one first, then fine-tune it",
            );
        };
        if let Layout::Chapter(_) = opened.file.layout {
            config.net = opened.file.config.net.clone();
        }
        let device = &self.engine.device;
        // Built anew on the device that keeps gradients.
        let network = match opened.file.build(&device.clone().autodiff()) {
            Ok(network) => network,
            Err(error) => return fail(Stage::Training, error),
        };
        match Learner::fine_tune(config, set, device, self.engine.read_every, network) {
            Ok(learner) => {
                post(&Event::Started(learner.shape()));
                post(&Event::Compiling);
                self.begin(learner);
            }
            Err(error) => fail(Stage::Training, error),
        }
    }
}
