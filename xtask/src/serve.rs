//! A local static host for `dist/`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result, bail};
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::{ACCEPT_RANGES, CACHE_CONTROL, RANGE};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::{Router, serve};
use tokio::runtime;
use tokio::sync::oneshot;
use tower_http::services::ServeDir;

use crate::process::{say, which};

/// What is served, and on which port.
#[derive(Debug, Clone)]
pub struct Site {
    /// The folder of the built page, served at `/`.
    pub dist: PathBuf,
    /// A folder of pictures, served at `/data/` with support for byte ranges.
    pub data: Option<PathBuf>,
    /// The port, or 0 for any free one. If it is `None`, 8080 or the next free port is used.
    pub port: Option<u16>,
}

/// A request that has been answered.
#[derive(Debug, Clone)]
pub struct ServedRequest {
    /// The path, with its query.
    pub path: String,
    /// The value of the `Range` header.
    pub range: Option<String>,
    /// The status of the response.
    pub status: u16,
}

/// A log of requests that a server shares with its owner.
pub type Log<T> = Arc<Mutex<Vec<T>>>;

impl Site {
    /// Starts a server on its own thread. Dropping the result stops it.
    ///
    /// # Errors
    /// If the port is in use, or the folder of pictures does not exist.
    pub fn start(self) -> Result<Running> {
        if let Some(data) = &self.data
            && !data.is_dir()
        {
            bail!("{} is no folder", data.display());
        }
        let listener = listen(self.port).context("can't open a port on 127.0.0.1")?;
        let log = Log::default();
        let mut router = Router::new()
            .fallback_service(ServeDir::new(&self.dist).precompressed_br().precompressed_gzip());
        if let Some(data) = &self.data {
            router = router.nest_service("/data", ServeDir::new(data));
        }
        let router = router.layer(from_fn_with_state(log.clone(), log_request));
        Ok(Running { host: Host::start(listener, router)?, log })
    }

    /// Serves until the process is stopped, and prints the address. Opens it in a browser if
    /// `open`.
    ///
    /// # Errors
    /// As [`Site::start`].
    pub fn serve_until_stopped(self, open: bool) -> Result<()> {
        let data = self.data.clone();
        let running = self.start()?;
        let url = running.url();
        say(format_args!("The page is at {url}  (Ctrl-C stops)"));
        for folder in data.iter().flat_map(|data| picture_folders(data)) {
            let base = format!("{url}data/{folder}");
            eprintln!(
                "    with your pictures: {url}#source=url&data={}",
                base.trim_end_matches('/')
            );
        }
        if open {
            let opener =
                ["xdg-open", "open", "explorer.exe"].into_iter().find(|name| which(name).is_some());
            match opener.map(|name| Command::new(name).arg(&url).spawn()) {
                Some(Ok(_)) => {}
                _ => eprintln!("    no browser could be opened; open the address by hand"),
            }
        }
        running.host.join()
    }
}

/// The folders directly below a folder that contain `train/0000.parquet`. The folder itself is
/// listed as an empty string.
fn picture_folders(data: &Path) -> Vec<String> {
    let holds = |folder: &Path| folder.join("train/0000.parquet").is_file();
    let mut folders: Vec<String> = holds(data).then(String::new).into_iter().collect();
    if let Ok(entries) = data.read_dir() {
        folders.extend(
            entries
                .flatten()
                .filter(|entry| holds(&entry.path()))
                .filter_map(|entry| entry.file_name().into_string().ok()),
        );
    }
    folders.sort();
    folders
}

/// Logs a request. The response tells the browser to revalidate every time, since the names of the
/// workers do not change from build to build.
async fn log_request(
    State(log): State<Log<ServedRequest>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().to_string();
    let range =
        request.headers().get(RANGE).and_then(|range| range.to_str().ok()).map(str::to_owned);
    let mut response = next.run(request).await;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    log.lock().unwrap_or_else(PoisonError::into_inner).push(ServedRequest {
        path,
        range,
        status: response.status().as_u16(),
    });
    response
}

/// A running server of the page; dropping it stops it.
pub struct Running {
    host: Host,
    log: Log<ServedRequest>,
}

impl Running {
    /// The URL of the page, with a slash at the end.
    pub fn url(&self) -> String {
        self.host.url()
    }

    /// All requests so far, in the order in which they were answered.
    pub fn log(&self) -> Vec<ServedRequest> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Listens on the requested port of the loopback interface, or else on the first free port from
/// 8080 on.
fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    match port {
        Some(port) => TcpListener::bind((Ipv4Addr::LOCALHOST, port)),
        None => (8080..8180)
            .map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
            .find(Result::is_ok)
            .unwrap_or_else(|| listen(Some(0))),
    }
}

/// A server on its own thread, so that tests can have one without an async runtime.
pub(crate) struct Host {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Host {
    /// Starts to serve a router on a listener.
    pub(crate) fn start(listener: TcpListener, router: Router) -> Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                // A graceful shutdown would wait for a browser's idle connections. Dropping the
                // runtime closes them.
                tokio::select! {
                    end = serve(listener, router).into_future() => end,
                    _ = stopped => Ok(()),
                }
            })
        });
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The URL of the root, with a slash at the end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Waits for the server to end.
    fn join(mut self) -> Result<()> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(end)) => Ok(end?),
            _ => bail!("the server stopped unexpectedly"),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Sending fails if the server has already ended, which is fine.
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
