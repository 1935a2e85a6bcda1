//! Ranged reads over the network, in the way Hugging Face allows them.
//!
//! `Range: bytes=A-B` needs no preflight, so no header besides it is sent; there is no HEAD (the length comes from the
//! first answer's `Content-Range`), and no referrer. Each read starts from the given address, since the one that it
//! redirects to is signed for an hour only.

use bytes::{Bytes, BytesMut};
use gloo_net::http::{Request, Response};
use gloo_timers::future::TimeoutFuture;
use web_sys::ReferrerPolicy;

use crate::data::source::{RangeSource, SourceError};

/// How often a lost connection is taken up again, with a second more of patience each time.
const TRIES: u32 = 3;

/// A file behind an address.
pub struct FetchSource {
    url: String,
    /// For messages: the address may be long.
    name: String,
    length: Option<u64>,
    /// The server sent everything at once.
    whole: Option<Bytes>,
    read: u64,
}

impl FetchSource {
    /// Nothing is fetched yet.
    pub fn new(url: String, name: String) -> Self {
        Self { url, name, length: None, whole: None, read: 0 }
    }

    fn unreachable(&self, reason: impl ToString) -> SourceError {
        SourceError::Unreachable { name: self.name.clone(), reason: reason.to_string() }
    }

    /// The bytes from `start` to `end`, or what came of them.
    async fn request(&mut self, start: u64, end: u64) -> Result<Bytes, SourceError> {
        let response = Request::get(&self.url)
            .header("Range", &format!("bytes={start}-{}", end - 1))
            .referrer_policy(ReferrerPolicy::NoReferrer)
            .send()
            .await
            .map_err(|error| self.unreachable(error))?;
        match response.status() {
            206 => {
                self.learn_length(&response);
                let body = response.binary().await.map_err(|error| self.unreachable(error))?;
                self.read += body.len() as u64;
                Ok(Bytes::from(body))
            }
            200 => {
                let body = Bytes::from(response.binary().await.map_err(|error| self.unreachable(error))?);
                self.read += body.len() as u64;
                self.length = Some(body.len() as u64);
                self.whole = Some(body.clone());
                Ok(cut(&body, start, end))
            }
            status => {
                let retry = response.headers().get("retry-after").and_then(|text| text.trim().parse().ok());
                Err(SourceError::Status { name: self.name.clone(), status, retry })
            }
        }
    }

    fn learn_length(&mut self, response: &Response) {
        let range = response.headers().get("content-range");
        let total = range.as_deref().and_then(|text| text.rsplit('/').next()).and_then(|total| total.parse().ok());
        self.length = self.length.or(total);
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
        if self.length.is_none() {
            self.request(0, 4).await?;
        }
        self.length.ok_or_else(|| self.unreachable("the server does not say how long the file is"))
    }

    async fn read(&mut self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let end = start.saturating_add(length);
        if let Some(whole) = &self.whole {
            let part = cut(whole, start, end);
            return if part.len() as u64 == length { Ok(part) } else { Err(SourceError::Short { name: self.name.clone(), wanted: end }) };
        }
        let mut got = BytesMut::new();
        let mut tries = 0;
        // A lost connection goes on from where it broke off.
        while (got.len() as u64) < length {
            match self.request(start + got.len() as u64, end).await {
                Ok(part) if part.is_empty() => return Err(SourceError::Short { name: self.name.clone(), wanted: end }),
                Ok(part) => got.extend_from_slice(&part),
                Err(SourceError::Status { retry: Some(seconds), status: 429, .. }) if tries < TRIES && seconds <= 30 => {
                    tries += 1;
                    TimeoutFuture::new(seconds * 1000).await;
                }
                Err(SourceError::Unreachable { .. }) if tries < TRIES && self.read > 0 => {
                    tries += 1;
                    TimeoutFuture::new(tries * 1000).await;
                }
                Err(error) => return Err(error),
            }
        }
        got.truncate(length as usize);
        Ok(got.freeze())
    }

    fn bytes_read(&self) -> u64 {
        self.read
    }
}
