//! Ranged reads over the network, in the way Hugging Face allows them.
//!
//! `Range: bytes=A-B` needs no preflight, so no header besides it is sent; there is no HEAD (the
//! length comes from the first answer's `Content-Range`), and no referrer. Each read starts from
//! the given address, since the one that it redirects to is signed for an hour only.

use bytes::{Bytes, BytesMut};
use gloo_net::http::{Request, Response};
use gloo_timers::future::TimeoutFuture;
use js_sys::Uint8Array;
use resnette_image_parquet::source::{RangeSource, SourceError};
use resnette_protocol::Event;
use resnette_protocol::data::Waiting;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReadableStreamReadResult, ReferrerPolicy,
    RequestCache,
};
use web_time::SystemTime;

use crate::body_limit;
use crate::content_range::ContentRange;
use crate::page::post;
use crate::range_cache::RangeCache;
use crate::retry;

/// How often a lost connection or a busy server is tried again, with more patience each time.
const TRIES: u32 = 3;
/// Seconds that a busy server may ask for; longer is for the reader to decide.
const PATIENCE: u32 = 30;

/// A file behind an address. What came of it once is in the cache, and is not asked for again.
pub struct FetchSource {
    url: String,
    /// For messages: the address may be long.
    name: String,
    cache: RangeCache,
    length: Option<u64>,
    /// The server's word for this version of the file.
    revision: Option<String>,
    /// The server sent everything at once.
    whole: Option<Bytes>,
    read: u64,
}

/// A request that is aborted when nobody waits for it any more.
struct UnderWay(AbortController);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl FetchSource {
    /// A file of which nothing has been fetched yet. Dropping a read under way ends its request.
    pub fn new(url: String, name: String, cache: RangeCache) -> Self {
        Self { url, name, cache, length: None, revision: None, whole: None, read: 0 }
    }

    fn unreachable(&self, reason: impl ToString) -> SourceError {
        SourceError::Unreachable { name: self.name.clone(), reason: reason.to_string() }
    }

    fn endless(&self, bytes: u64) -> SourceError {
        let megabytes = bytes / 1_000_000;
        SourceError::Endless { name: self.name.clone(), megabytes }
    }

    fn short(&self, wanted: u64) -> SourceError {
        SourceError::Short { name: self.name.clone(), wanted }
    }

    /// Appends what comes of the bytes from `start` to `end`; what came before an error is kept.
    async fn request(
        &mut self,
        start: u64,
        end: u64,
        into: &mut BytesMut,
    ) -> Result<(), SourceError> {
        let under_way = UnderWay(
            AbortController::new().map_err(|_| self.unreachable("the browser cannot fetch"))?,
        );
        let response = Request::get(&self.url)
            .header("Range", &format!("bytes={start}-{}", end - 1))
            .referrer_policy(ReferrerPolicy::NoReferrer)
            // The cache keeps what came. The browser's own cache would keep it twice, and answer
            // for a file that has changed since.
            .cache(RequestCache::NoStore)
            .abort_signal(Some(&under_way.0.signal()))
            .send()
            .await
            .map_err(|error| self.unreachable(error))?;
        match response.status() {
            206 => {
                let range = response.headers().get("content-range");
                let range = range.as_deref().and_then(ContentRange::parse);
                let Some(range) = range.filter(|range| range.start == start) else {
                    return Err(SourceError::OtherRange { name: self.name.clone() });
                };
                self.learn(range.total, &response).await?;
                self.body(&response, (end - start) as usize, into).await
            }
            200 => {
                let length = response.headers().get("content-length");
                let most = body_limit::most(length.as_deref(), self.length)
                    .map_err(|bytes| self.endless(bytes))?;
                let mut body = BytesMut::new();
                self.body(&response, most as usize, &mut body).await?;
                if body.len() as u64 > body_limit::LONGEST {
                    return Err(self.endless(body.len() as u64));
                }
                self.learn(Some(body.len() as u64), &response).await?;
                let body = body.freeze();
                into.extend_from_slice(&cut(&body, start, end));
                self.whole = Some(body);
                Ok(())
            }
            status => {
                let [retry_after, rate_limit, date] =
                    ["retry-after", "ratelimit", "date"].map(|name| response.headers().get(name));
                let headers = retry::Headers {
                    retry_after: retry_after.as_deref(),
                    rate_limit: rate_limit.as_deref(),
                    date: date.as_deref(),
                };
                // No clock is better than a panic: then a date is counted from 1970, and ends at a
                // day.
                let now =
                    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                let retry = retry::seconds(headers, now);
                Err(SourceError::Status { name: self.name.clone(), status, retry })
            }
        }
    }

    /// Notes length and version of the file, or finds that they are no longer what they were.
    async fn learn(&mut self, length: Option<u64>, response: &Response) -> Result<(), SourceError> {
        let revision = response.headers().get("etag");
        let longer = self.length.zip(length).is_some_and(|(known, now)| known != now);
        let newer =
            self.revision.as_ref().zip(revision.as_ref()).is_some_and(|(known, now)| known != now);
        if longer || newer {
            self.cache.forget().await;
            return Err(SourceError::Changed { name: self.name.clone() });
        }
        if self.length.is_none()
            && let Some(length) = length
        {
            self.length = Some(length);
            self.revision = revision;
            self.cache.keep_about(length, self.revision.as_deref()).await;
        }
        Ok(())
    }

    /// Appends the answer's body piece by piece, `most` bytes of it.
    async fn body(
        &mut self,
        response: &Response,
        most: usize,
        into: &mut BytesMut,
    ) -> Result<(), SourceError> {
        let Some(stream) = response.body() else { return Ok(()) };
        let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
        let end = into.len() + most;
        while into.len() < end {
            let piece = JsFuture::from(reader.read())
                .await
                .map_err(|_| self.unreachable("the connection was lost"))?;
            let piece: ReadableStreamReadResult = piece.unchecked_into();
            let Ok(bytes) = piece.get_value().dyn_into::<Uint8Array>() else { return Ok(()) };
            let from = into.len();
            into.resize(from + bytes.length() as usize, 0);
            bytes.copy_to(&mut into[from..]);
            self.read += u64::from(bytes.length());
        }
        into.truncate(end);
        Ok(())
    }

    /// The bytes from `start` to `end` over the network. A lost connection goes on from where it
    /// broke off.
    async fn fetch(&mut self, start: u64, end: u64) -> Result<Bytes, SourceError> {
        let wanted = (end - start) as usize;
        let mut got = BytesMut::new();
        let mut tries = 0;
        while got.len() < wanted {
            let before = got.len();
            let (seconds, why): (u32, fn(u32) -> Waiting) =
                match self.request(start + before as u64, end, &mut got).await {
                    Ok(()) if got.len() == before => return Err(self.short(end)),
                    Ok(()) => continue,
                    Err(SourceError::Status { retry, status: 429 | 503, .. })
                        if tries < TRIES && retry.unwrap_or(0) <= PATIENCE =>
                    {
                        (retry.unwrap_or(2 << tries), Waiting::Busy)
                    }
                    // Where nothing ever came, there is nothing to go on with.
                    Err(SourceError::Unreachable { .. }) if tries < TRIES && self.read > 0 => {
                        (tries + 1, Waiting::Lost)
                    }
                    Err(error) => return Err(error),
                };
            tries += 1;
            for left in (1..=seconds).rev() {
                post(Event::Waiting(Some(why(left))));
                TimeoutFuture::new(1000).await;
            }
            post(Event::Waiting(None));
        }
        Ok(got.freeze())
    }
}

fn cut(body: &Bytes, start: u64, end: u64) -> Bytes {
    let length = body.len() as u64;
    body.slice(start.min(length) as usize..end.min(length) as usize)
}

impl RangeSource for FetchSource {
    fn name(&self) -> &str {
        &self.name
    }

    async fn length(&mut self) -> Result<u64, SourceError> {
        if self.length.is_none()
            && let Some((length, revision)) = self.cache.about().await
        {
            (self.length, self.revision) = (Some(length), revision);
        }
        if self.length.is_none() {
            self.fetch(0, 4).await?;
        }
        self.length.ok_or_else(|| self.unreachable("the server does not say how long the file is"))
    }

    async fn read(&mut self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let end = start.saturating_add(length);
        if let Some(kept) = self.cache.get(start, length).await {
            self.read += length;
            return Ok(kept);
        }
        let bytes = match &self.whole {
            Some(whole) => cut(whole, start, end),
            None => self.fetch(start, end).await?,
        };
        if bytes.len() as u64 != length {
            return Err(self.short(end));
        }
        self.cache.put(start, &bytes).await;
        Ok(bytes)
    }

    fn bytes_read(&self) -> u64 {
        self.read
    }
}
