//! A static host for the built page, on this computer only: `resnette serve` and
//! `cargo xtask serve`.
//!
//! - [`Site`] says what is served, and starts a server.
//! - [`headers`] says who is answered, and with which headers.
//! - [`thread`] is the server itself.

pub mod headers;
pub mod thread;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::PoisonError;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::middleware::from_fn_with_state;
use tower_http::services::ServeDir;

use crate::headers::{Guard, guard};
pub use crate::headers::{Log, ServedRequest};
use crate::thread::{Host, listen};

/// What is served, and on which port.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// The folder of the built page, served at `/`.
    pub dist: PathBuf,
    /// A folder of pictures, served at `/data/` with support for byte ranges.
    pub data: Option<PathBuf>,
    /// The port, or 0 for any free one. If it is `None`, 8080 or the next free port is used.
    pub port: Option<u16>,
    /// Names under which the page is asked for beside `localhost` and this computer's own
    /// addresses. A request for any other name is refused, since it comes from a page of somebody
    /// else whose name was made to lead here (DNS rebinding).
    pub names: Vec<String>,
}

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
        let guarded = Guard { names: self.names.into(), log: log.clone() };
        let router = router.layer(from_fn_with_state(guarded, guard));
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
        eprintln!("\nThe page is at {url}  (Ctrl-C stops)");
        for folder in data.iter().flat_map(|data| picture_folders(data)) {
            let base = format!("{url}data/{folder}");
            eprintln!(
                "    with your pictures: {url}#source=url&data={}",
                base.trim_end_matches('/')
            );
        }
        if open {
            let opener =
                ["xdg-open", "open", "explorer.exe"].into_iter().find(|name| is_on_path(name));
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

/// Whether a program of this name is on the path.
fn is_on_path(name: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}
