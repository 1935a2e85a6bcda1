//! A pretrained network on its way from the Hugging Face Hub, beside whatever else is under way.

use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use resnette_engine::model::safetensors::MAX_FILE_BYTES;
use resnette_image_parquet::source::{RangeSource, SourceError};
use resnette_protocol::Event;
use resnette_spec::pretrained;

use crate::host::Host;
use crate::ticket::Ticket;

/// Bytes asked for at once.
const PIECE: u64 = 4_000_000;
/// Time between two progress messages.
const PROGRESS_EVERY: Duration = Duration::from_millis(80);

/// Why no network came.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is refused.
    #[error(transparent)]
    Address(#[from] pretrained::HubError),
    /// The download failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The file is too large to be opened.
    #[error("the file has {0} MB, and at most {limit} MB are opened; choose a smaller network", limit = MAX_FILE_BYTES / 1_000_000)]
    Large(u64),
}

/// What came of a download: the file's name and bytes.
pub type Fetched = Result<(String, Vec<u8>), FetchError>;

/// The download under way, if there is one.
pub struct ModelFetcher<H: Host> {
    job: Option<(Ticket<H>, LocalBoxFuture<'static, Fetched>)>,
}

impl<H: Host> Default for ModelFetcher<H> {
    fn default() -> Self {
        Self { job: None }
    }
}

impl<H: Host> ModelFetcher<H> {
    /// Whether a download is under way.
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Begins a download; one that was under way is cancelled.
    pub fn begin(&mut self, host: &H, text: String, ticket: Ticket<H>) {
        self.cancel();
        self.job = Some((ticket, fetch(host.clone(), text).boxed_local()));
    }

    /// Ends the download, and says whether there was one.
    pub fn cancel(&mut self) -> bool {
        match self.job.take() {
            Some((ticket, _)) => {
                ticket.cancelled();
                true
            }
            None => false,
        }
    }

    /// Ends the download that this request began, and says whether there was one.
    pub fn cancel_request(&mut self, request: u32) -> bool {
        self.job.as_ref().is_some_and(|(ticket, _)| ticket.request() == request) && self.cancel()
    }

    /// Goes on with the download; ready with what came of it.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<(Ticket<H>, Fetched)> {
        let Some((_, job)) = &mut self.job else { return Poll::Pending };
        let Poll::Ready(fetched) = job.poll_unpin(context) else { return Poll::Pending };
        match self.job.take() {
            Some((ticket, _)) => Poll::Ready((ticket, fetched)),
            None => Poll::Pending,
        }
    }
}

async fn fetch<H: Host>(host: H, text: String) -> Fetched {
    let url = pretrained::address(&text)?;
    let name = url.trim_start_matches("https://huggingface.co/").to_string();
    let mut source = host.open(url, name.clone(), None).await;
    let length = source.length().await?;
    if length > MAX_FILE_BYTES as u64 {
        return Err(FetchError::Large(length.div_ceil(1_000_000)));
    }
    let mut bytes = Vec::new();
    let mut told = host.now();
    host.post(Event::Fetching(0, length));
    while (bytes.len() as u64) < length {
        let start = bytes.len() as u64;
        bytes.extend_from_slice(&source.read(start, PIECE.min(length - start)).await?);
        if host.now().saturating_sub(told) >= PROGRESS_EVERY {
            told = host.now();
            host.post(Event::Fetching(bytes.len() as u64, length));
            host.pause().await;
        }
    }
    Ok((name, bytes))
}
