//! A server that behaves as Hugging Face does, on good days and bad, for tests.
//!
//! `…/resolve/REVISION/FILE` answers with a redirect to a signed address on another port, which to
//! a browser is another origin. Both sides send the cross-origin headers that Hugging Face sends,
//! and the second one answers ranges. What a browser asks first when a request is not a simple one
//! (`OPTIONS`) is refused, and so is `HEAD`: a client must do without both.

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
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::serve::Host;

/// How much is sent at once, in bytes.
const CHUNK: u64 = 16 * 1024;

/// What goes wrong. The default is a good day.
#[derive(Debug, Clone, Default)]
pub struct Weather {
    /// So many of the next requests are refused with 429, …
    pub busy: u32,
    /// … which asks to come again after so many seconds.
    pub retry_after: u32,
    /// … or at this date, as HTTP writes dates.
    pub retry_at: Option<String>,
    /// Pages of other origins may read that time, which Hugging Face does not allow.
    pub expose_retry: bool,
    /// So many of the next answers are cut …
    pub cuts: u32,
    /// … after so many bytes.
    pub cut_after: u64,
    /// The link's speed, in bytes a second.
    pub bytes_per_second: Option<u64>,
    /// Answer 200 with the whole file where a part was asked for.
    pub whole_files: bool,
    /// Refuse every signed address, as if an hour had passed.
    pub expired: bool,
}

/// Which of the two servers was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one with `/resolve/`.
    Resolver,
    /// The one that has the files.
    Store,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Which server.
    pub side: Side,
    /// `GET` in a well-behaved client.
    pub method: String,
    /// The file below the root, `160px/train/0000.parquet`.
    pub file: String,
    /// The `Range` header as it came.
    pub range: Option<String>,
    /// The `Referer` header: a client must send none.
    pub referrer: Option<String>,
    /// The answer's status.
    pub status: u16,
    /// The bytes of the file sent so far.
    pub bytes: u64,
}

/// A running imitation; dropping it stops it.
pub struct Hub {
    resolver: Host,
    // Held to be stopped with the rest.
    _store: Host,
    shared: Arc<Shared>,
}

/// What both servers and the test see.
struct Shared {
    root: PathBuf,
    store: Mutex<String>,
    weather: Mutex<Weather>,
    log: Mutex<Vec<Asked>>,
}

impl Hub {
    /// Serves the folder's files, in the given weather, on two free ports of this computer.
    ///
    /// # Errors
    /// If no port can be opened.
    pub fn start(root: impl Into<PathBuf>, weather: Weather) -> Result<Self> {
        let shared = Arc::new(Shared {
            root: root.into(),
            store: Mutex::default(),
            weather: Mutex::new(weather),
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

    /// What to put before a file's name: `http://127.0.0.1:PORT/datasets/frgfm/imagenette/resolve/main`, without a slash at the end.
    pub fn base(&self) -> String {
        format!("{}datasets/frgfm/imagenette/resolve/main", self.resolver.url())
    }

    /// Changes the weather.
    pub fn set_weather(&self, weather: Weather) {
        *lock(&self.shared.weather) = weather;
    }

    /// All requests so far, in the order in which they came.
    pub fn log(&self) -> Vec<Asked> {
        lock(&self.shared.log).clone()
    }

    /// Bytes sent so far, by file.
    pub fn bytes_by_file(&self) -> HashMap<String, u64> {
        let mut sums = HashMap::new();
        for asked in lock(&self.shared.log).iter().filter(|asked| asked.side == Side::Store) {
            *sums.entry(asked.file.clone()).or_default() += asked.bytes;
        }
        sums
    }
}

impl Shared {
    /// Notes a request and its answer's status; the place in the log counts the bytes later.
    fn note(&self, side: Side, request: &Request, file: &str, status: StatusCode) -> usize {
        let header = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
                .map(str::to_owned)
        };
        let asked = Asked {
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

/// A poisoned lock only means that another test thread failed; what it guards is plain data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The cross-origin headers of both sides (huggingface/datasets#7931).
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

/// An answer without a file.
fn refusal(status: StatusCode, reason: &'static str) -> Response {
    // A refused preflight has no cross-origin headers: that is what makes the browser give up.
    if status == StatusCode::METHOD_NOT_ALLOWED {
        (status, reason).into_response()
    } else {
        (status, open_headers(), reason).into_response()
    }
}

/// The resolver: a redirect to the signed address.
async fn answer_redirect(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let path = request.uri().path();
    let file = path
        .split_once("/resolve/")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map(|(_revision, file)| file.to_owned());
    let (busy, weather) = {
        let mut weather = lock(&shared.weather);
        let busy = weather.busy > 0 && request.method() == Method::GET;
        weather.busy -= u32::from(busy);
        (busy, weather.clone())
    };
    let name = file.as_deref().unwrap_or(path).to_owned();
    let (status, response) = if request.method() != Method::GET {
        (StatusCode::METHOD_NOT_ALLOWED, refusal(StatusCode::METHOD_NOT_ALLOWED, "only GET"))
    } else if busy {
        let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, "too many requests");
        let date = weather.retry_at.and_then(|date| HeaderValue::try_from(date).ok());
        response
            .headers_mut()
            .insert(RETRY_AFTER, date.unwrap_or_else(|| weather.retry_after.into()));
        if weather.expose_retry {
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

/// The store: the file, or the part asked for.
async fn answer_file(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let name = request.uri().path().trim_start_matches('/').to_owned();
    let weather = lock(&shared.weather).clone();
    let signed = request
        .uri()
        .query()
        .is_some_and(|query| query.ends_with(&format!("X-Amz-Signature={}", signature(&name))));
    let refused = if request.method() != Method::GET {
        Some((StatusCode::METHOD_NOT_ALLOWED, "only GET"))
    } else if !signed || weather.expired {
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
    let asked = request.headers().get(RANGE).filter(|_| !weather.whole_files);
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
        let mut weather = lock(&shared.weather);
        let cut = (weather.cuts > 0).then_some(weather.cut_after);
        weather.cuts = weather.cuts.saturating_sub(1);
        cut
    };
    let body = Sending {
        file,
        left: end - start,
        sent: 0,
        cut,
        pace: weather.bytes_per_second,
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

/// A file on its way out.
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
    /// The next piece, at the link's pace; an error where the line is cut, which closes the
    /// connection in the middle.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        let before_cut = self.cut.map_or(CHUNK, |cut| cut.saturating_sub(self.sent));
        if before_cut == 0 {
            // What was sent must be on its way first: an error drops what still waits in the
            // server.
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

/// The file, its length in bytes, and what tells this version of it from others.
async fn open(path: &Path) -> io::Result<(File, u64, String)> {
    let file = File::open(path).await?;
    let about = file.metadata().await?;
    if !about.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let written = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    Ok((file, about.len(), format!("\"{written:x}-{:x}\"", about.len())))
}

/// The path below the root, if the name stays there.
fn local(root: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name);
    name.components().all(|part| matches!(part, Component::Normal(_))).then(|| root.join(name))
}

/// Not a secret, only something that a client can't make up.
fn signature(file: &str) -> String {
    let hash = file.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// `bytes=A-B`, `bytes=A-` or `bytes=-N` as start and end (exclusive), if it lies in the file.
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
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    /// A bare request, as a browser's would arrive: the status, the head and the body.
    fn get(url: &str, range: Option<&str>) -> (u16, String, Vec<u8>) {
        let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let range = range.map_or(String::new(), |range| format!("Range: {range}\r\n"));
        let mut line = TcpStream::connect(host).unwrap();
        write!(line, "GET /{path} HTTP/1.1\r\nHost: {host}\r\n{range}Connection: close\r\n\r\n")
            .unwrap();
        let mut answer = Vec::new();
        // An error here is a connection that was cut, which is what some tests are about.
        let _ = line.read_to_end(&mut answer);
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
        (head[9..12].parse().unwrap(), head, answer[end + 4..].to_vec())
    }

    fn header(head: &str, name: &str) -> Option<String> {
        head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
    }

    /// A hub that takes its folder with it.
    struct Sample(Hub, PathBuf);

    impl std::ops::Deref for Sample {
        type Target = Hub;

        fn deref(&self) -> &Hub {
            &self.0
        }
    }

    impl Drop for Sample {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.1).unwrap();
        }
    }

    /// A hub over one file of 100,000 bytes, and that file.
    fn hub(name: &str, weather: Weather) -> (Sample, Vec<u8>) {
        let folder =
            std::env::temp_dir().join(format!("resnette-hub-{}-{name}", std::process::id()));
        std::fs::create_dir_all(folder.join("train")).unwrap();
        let bytes: Vec<u8> = (0..100_000_u32).map(|place| (place % 251) as u8).collect();
        std::fs::write(folder.join("train/0000.parquet"), &bytes).unwrap();
        (Sample(Hub::start(&folder, weather).unwrap(), folder), bytes)
    }

    fn follow(hub: &Hub, range: Option<&str>) -> (u16, String, Vec<u8>) {
        let (status, head, _) = get(&format!("{}/train/0000.parquet", hub.base()), range);
        assert_eq!(status, 302);
        let location = header(&head, "location").unwrap();
        assert!(!location.starts_with(&hub.resolver.url()), "the store is another origin");
        // `header` lowers the case; the signature's name is the only part with capitals.
        get(
            &location
                .replace("x-amz-expires", "X-Amz-Expires")
                .replace("x-amz-signature", "X-Amz-Signature"),
            range,
        )
    }

    #[test]
    fn a_part_comes_through_the_redirect_and_is_counted() {
        let (hub, bytes) = hub("part", Weather::default());
        let (status, head, body) = follow(&hub, Some("bytes=1000-20999"));
        assert_eq!((status, body.len()), (206, 20_000));
        assert!(body == bytes[1000..21_000]);
        assert_eq!(header(&head, "content-range").as_deref(), Some("bytes 1000-20999/100000"));
        assert_eq!(header(&head, "access-control-allow-origin").as_deref(), Some("*"));
        assert_eq!(hub.bytes_by_file()["train/0000.parquet"], 20_000);
        assert_eq!(follow(&hub, Some("bytes=100000-")).0, 416);
        assert_eq!(
            hub.log().iter().map(|asked| asked.status).collect::<Vec<_>>(),
            [302, 206, 302, 416]
        );
    }

    #[test]
    fn bad_weather_comes_as_ordered() {
        let (hub, bytes) = hub(
            "weather",
            Weather { busy: 1, retry_after: 7, cuts: 1, cut_after: 30_000, ..Weather::default() },
        );
        let (status, head, _) = get(&format!("{}/train/0000.parquet", hub.base()), None);
        assert_eq!((status, header(&head, "retry-after").as_deref()), (429, Some("7")));
        let cut = follow(&hub, None).2;
        assert_eq!(cut.len(), 30_000);
        assert!(bytes.starts_with(&cut));
        assert!(follow(&hub, None).2 == bytes, "whole the second time");
        hub.set_weather(Weather { whole_files: true, ..Weather::default() });
        assert_eq!(follow(&hub, Some("bytes=0-9")).0, 200);
        hub.set_weather(Weather { expired: true, ..Weather::default() });
        assert_eq!(follow(&hub, None).0, 403);
    }

    #[test]
    fn another_version_of_a_file_has_another_tag() {
        let (hub, mut bytes) = hub("tag", Weather::default());
        let tag = || header(&follow(&hub, Some("bytes=0-9")).1, "etag").unwrap();
        let first = tag();
        assert_eq!(tag(), first);
        bytes[5] ^= 1;
        std::fs::write(hub.1.join("train/0000.parquet"), &bytes).unwrap();
        assert_ne!(tag(), first);
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let (hub, _) = hub("outside", Weather::default());
        assert_eq!(get(&format!("{}/../Cargo.toml", hub.base()), None).0, 404);
        assert_eq!(get(&format!("{}/train/none.parquet", hub.base()), None).0, 404);
    }

    #[test]
    fn ranges_are_read_as_the_standard_has_them() {
        assert_eq!(parse_range("bytes=0-0", 10), Some((0, 1)));
        assert_eq!(parse_range("bytes=5-99", 10), Some((5, 10)));
        assert_eq!(parse_range("bytes=-3", 10), Some((7, 10)));
        assert_eq!(parse_range("bytes=9-8", 10), None);
        assert_eq!(parse_range("bytes=x-", 10), None);
        assert_eq!(parse_range("bytes=0-18446744073709551615", 10), Some((0, 10)));
    }
}
