//! A server for tests that imitates the Hugging Face Hub, including its faults.
//!
//! A request for `…/resolve/REVISION/FILE` is answered with a redirect to a signed URL on another
//! port, which is another origin to a browser. Both servers send the CORS headers that Hugging Face
//! sends, and the second one supports byte ranges. Preflight requests (`OPTIONS`) and `HEAD` are
//! refused, since a client has to do without both.

use std::collections::HashMap;
use std::io::{self, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_LENGTH,
    CONTENT_RANGE, CONTENT_TYPE, ETAG, LOCATION, RANGE, REFERER, RETRY_AFTER,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream;
use resnette_static_host::thread::Host;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Size of the pieces in which a file is sent, in bytes.
const CHUNK: u64 = 16 * 1024;

/// The faults that the server simulates; none by default.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Number of requests that are refused with status 429 (too many requests).
    pub busy: u32,
    /// The seconds in the `Retry-After` header of such a refusal.
    pub retry_after: u32,
    /// An HTTP date for the `Retry-After` header, instead of the seconds.
    pub retry_at: Option<String>,
    /// Whether pages of other origins may read the `Retry-After` header, which Hugging Face does
    /// not allow.
    pub expose_retry: bool,
    /// Number of responses that are cut off.
    pub cuts: u32,
    /// Number of bytes after which they are cut off.
    pub cut_after: u64,
    /// Limit of the transfer rate, in bytes per second.
    pub bytes_per_second: Option<u64>,
    /// Whether `Range` headers are ignored, so that the whole file is sent with status 200.
    pub whole_files: bool,
    /// Whether every signed URL is refused, as if it had expired.
    pub expired: bool,
}

/// The two servers of the Hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The server of the `/resolve/` URLs, which redirects.
    Resolver,
    /// The server that sends the files.
    Store,
}

/// A request in the server's log.
#[derive(Debug, Clone)]
pub struct LoggedRequest {
    /// The server that received it.
    pub side: Side,
    /// The HTTP method; a client should only use `GET`.
    pub method: String,
    /// The path of the file below the root, for instance `160px/train/0000.parquet`.
    pub file: String,
    /// The value of the `Range` header.
    pub range: Option<String>,
    /// The value of the `Referer` header, which a client must not send.
    pub referrer: Option<String>,
    /// The status of the response.
    pub status: u16,
    /// Number of bytes of the file that have been sent so far.
    pub bytes: u64,
}

/// A running server; dropping it stops it.
pub struct Hub {
    resolver: Host,
    // Kept so that it is stopped together with the resolver.
    _store: Host,
    shared: Arc<Shared>,
}

/// State that both servers and the test share.
struct Shared {
    root: PathBuf,
    store: Mutex<String>,
    faults: Mutex<Faults>,
    log: Mutex<Vec<LoggedRequest>>,
}

impl Hub {
    /// Serves the files of a folder on two free local ports, with the given faults.
    ///
    /// # Errors
    /// If no port can be opened.
    pub fn start(root: impl Into<PathBuf>, faults: Faults) -> Result<Self> {
        let shared = Arc::new(Shared {
            root: root.into(),
            store: Mutex::default(),
            faults: Mutex::new(faults),
            log: Mutex::default(),
        });
        let port = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let store =
            Host::start(port()?, Router::new().fallback(answer_file).with_state(shared.clone()))?;
        *lock(&shared.store) = store.url();
        let resolver = Host::start(
            port()?,
            Router::new().fallback(answer_redirect).with_state(shared.clone()),
        )?;
        Ok(Self { resolver, _store: store, shared })
    }

    /// The base URL of the files, without a slash at the end:
    /// `http://127.0.0.1:PORT/datasets/frgfm/imagenette/resolve/main`.
    pub fn base(&self) -> String {
        format!("{}datasets/frgfm/imagenette/resolve/main", self.resolver.url())
    }

    /// Replaces the simulated faults.
    pub fn set_faults(&self, faults: Faults) {
        *lock(&self.shared.faults) = faults;
    }

    /// All requests so far, in the order in which they arrived.
    pub fn log(&self) -> Vec<LoggedRequest> {
        lock(&self.shared.log).clone()
    }

    /// Number of bytes sent so far of each file.
    pub fn bytes_by_file(&self) -> HashMap<String, u64> {
        let mut sums = HashMap::new();
        for asked in lock(&self.shared.log).iter().filter(|asked| asked.side == Side::Store) {
            *sums.entry(asked.file.clone()).or_default() += asked.bytes;
        }
        sums
    }
}

impl Shared {
    /// Logs a request with the status of its response. Returns the index in the log, where the
    /// bytes are counted later.
    fn note(&self, side: Side, request: &Request, file: &str, status: StatusCode) -> usize {
        let header = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
                .map(str::to_owned)
        };
        let asked = LoggedRequest {
            side,
            method: request.method().to_string(),
            file: file.to_owned(),
            range: header(RANGE),
            referrer: header(REFERER),
            status: status.as_u16(),
            bytes: 0,
        };
        let mut log = lock(&self.log);
        log.push(asked);
        log.len() - 1
    }
}

/// Locks a mutex even if it is poisoned, which only means that another test's thread has panicked:
/// the data is plain and stays valid.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The CORS headers of both servers, as Hugging Face sends them
/// (<https://github.com/huggingface/datasets/issues/7931>).
fn open_headers() -> HeaderMap {
    HeaderMap::from_iter([
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "Accept-Ranges, Content-Range, Content-Type, Content-Disposition, ETag, X-Cache",
            ),
        ),
        (ACCEPT_RANGES, HeaderValue::from_static("bytes")),
    ])
}

/// A response that refuses a request.
fn refusal(status: StatusCode, reason: &'static str) -> Response {
    // The response to a preflight request has no CORS headers, so the browser gives up.
    if status == StatusCode::METHOD_NOT_ALLOWED {
        (status, reason).into_response()
    } else {
        (status, open_headers(), reason).into_response()
    }
}

/// The resolver's response: a redirect to the signed URL.
async fn answer_redirect(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path();
    let file = path
        .split_once("/resolve/")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map(|(_revision, file)| file.to_owned());
    let (busy, faults) = {
        let mut faults = lock(&shared.faults);
        let busy = faults.busy > 0 && request.method() == Method::GET;
        faults.busy -= u32::from(busy);
        (busy, faults.clone())
    };
    let name = file.as_deref().unwrap_or(path).to_owned();
    let (status, response) = if request.method() != Method::GET {
        (StatusCode::METHOD_NOT_ALLOWED, refusal(StatusCode::METHOD_NOT_ALLOWED, "only GET"))
    } else if busy {
        let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, "too many requests");
        let date = faults.retry_at.and_then(|date| HeaderValue::try_from(date).ok());
        response
            .headers_mut()
            .insert(RETRY_AFTER, date.unwrap_or_else(|| faults.retry_after.into()));
        if faults.expose_retry {
            response
                .headers_mut()
                .append(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
        }
        (StatusCode::TOO_MANY_REQUESTS, response)
    } else if let Some(file) =
        file.filter(|file| local(&shared.root, file).is_some_and(|file| file.is_file()))
    {
        let location = format!(
            "{}{file}?X-Amz-Expires=3600&X-Amz-Signature={}",
            lock(&shared.store),
            signature(&file)
        );
        (
            StatusCode::FOUND,
            (StatusCode::FOUND, open_headers(), [(LOCATION, location)]).into_response(),
        )
    } else {
        (StatusCode::NOT_FOUND, refusal(StatusCode::NOT_FOUND, "Entry not found"))
    };
    shared.note(Side::Resolver, &request, &name, status);
    response
}

/// The store's response: the file, or the requested range of it.
async fn answer_file(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let name = request.uri().path().trim_start_matches('/').to_owned();
    let faults = lock(&shared.faults).clone();
    let signed = request
        .uri()
        .query()
        .is_some_and(|query| query.ends_with(&format!("X-Amz-Signature={}", signature(&name))));
    let refused = if request.method() != Method::GET {
        Some((StatusCode::METHOD_NOT_ALLOWED, "only GET"))
    } else if !signed || faults.expired {
        Some((StatusCode::FORBIDDEN, "Request has expired"))
    } else {
        None
    };
    if let Some((status, reason)) = refused {
        shared.note(Side::Store, &request, &name, status);
        return refusal(status, reason);
    }
    let opened = match local(&shared.root, &name) {
        Some(path) => open(&path).await,
        None => Err(io::ErrorKind::NotFound.into()),
    };
    let Ok((mut file, length, tag)) = opened else {
        shared.note(Side::Store, &request, &name, StatusCode::NOT_FOUND);
        return refusal(StatusCode::NOT_FOUND, "no such file");
    };
    let asked = request.headers().get(RANGE).filter(|_| !faults.whole_files);
    let part =
        match asked.map(|range| range.to_str().ok().and_then(|range| parse_range(range, length))) {
            Some(None) => {
                shared.note(Side::Store, &request, &name, StatusCode::RANGE_NOT_SATISFIABLE);
                let mut response = refusal(StatusCode::RANGE_NOT_SATISFIABLE, "no such range");
                if let Ok(value) = format!("bytes */{length}").parse() {
                    response.headers_mut().insert(CONTENT_RANGE, value);
                }
                return response;
            }
            Some(Some(part)) => Some(part),
            None => None,
        };
    let (start, end) = part.unwrap_or((0, length));
    let status = if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let entry = shared.note(Side::Store, &request, &name, status);
    if file.seek(SeekFrom::Start(start)).await.is_err() {
        return refusal(StatusCode::INTERNAL_SERVER_ERROR, "can't read the file");
    }
    let cut = {
        let mut faults = lock(&shared.faults);
        let cut = (faults.cuts > 0).then_some(faults.cut_after);
        faults.cuts = faults.cuts.saturating_sub(1);
        cut
    };
    let body = Sending {
        file,
        left: end - start,
        sent: 0,
        cut,
        pace: faults.bytes_per_second,
        shared,
        entry,
    };
    let body = Body::from_stream(stream::try_unfold(body, Sending::next));
    let mut response = (status, open_headers(), body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, (end - start).into());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(tag) = tag.parse() {
        headers.insert(ETAG, tag);
    }
    if part.is_some()
        && let Ok(value) = format!("bytes {start}-{}/{length}", end - 1).parse()
    {
        headers.insert(CONTENT_RANGE, value);
    }
    response
}

/// A file that is being sent.
struct Sending {
    file: File,
    left: u64,
    sent: u64,
    cut: Option<u64>,
    pace: Option<u64>,
    shared: Arc<Shared>,
    entry: usize,
}

impl Sending {
    /// The next piece of the file, at the limited transfer rate. An error, which closes the
    /// connection, where the response is to be cut off.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        let before_cut = self.cut.map_or(CHUNK, |cut| cut.saturating_sub(self.sent));
        if before_cut == 0 {
            // An error drops what the server still has in its buffers, so give it time to send
            // that.
            tokio::time::sleep(Duration::from_millis(50)).await;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let size = CHUNK.min(self.left).min(before_cut);
        if let Some(pace) = self.pace {
            tokio::time::sleep(Duration::from_secs_f64(size as f64 / pace.max(1) as f64)).await;
        }
        let mut piece = vec![0; size as usize];
        self.file.read_exact(&mut piece).await?;
        (self.left, self.sent) = (self.left - size, self.sent + size);
        lock(&self.shared.log)[self.entry].bytes = self.sent;
        Ok(Some((piece.into(), self)))
    }
}

/// Opens a file. Returns it with its length in bytes and an entity tag, which changes with every
/// version of the file.
async fn open(path: &Path) -> io::Result<(File, u64, String)> {
    let file = File::open(path).await?;
    let about = file.metadata().await?;
    if !about.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let written = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    Ok((file, about.len(), format!("\"{written:x}-{:x}\"", about.len())))
}

/// The path of a file below the root, or `None` if the name would leave it.
fn local(root: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    name.components().all(|part| matches!(part, Component::Normal(_))).then(|| root.join(name))
}

/// The signature in a signed URL. It is not secret, but clients do not know how to compute it.
fn signature(file: &str) -> String {
    let hash = file.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Parses `bytes=A-B`, `bytes=A-` or `bytes=-N` as start and exclusive end, or returns `None` if
/// the range is not within the file.
fn parse_range(range: &str, length: u64) -> Option<(u64, u64)> {
    let (start, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = match (start, last) {
        ("", last) => (length.saturating_sub(last.parse().ok()?), length),
        (start, "") => (start.parse().ok()?, length),
        (start, last) => {
            (start.parse().ok()?, last.parse::<u64>().ok()?.saturating_add(1).min(length))
        }
    };
    (start < end).then_some((start, end))
}

#[cfg(test)]
mod tests;
