//! What is served, to whom, and under which addresses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use resnette_class::limits::{ENGINE_PATH, SOCKET_PATH};
use resnette_static_host::thread::Host;
use tokio::sync::Semaphore;
use tower_http::services::ServeDir;

use crate::board::Board;
use crate::class::{Class, new_token};
use crate::door::{Door, door};
use crate::engine_line::SeatEngine;
use crate::engine_seat::take_engine_seat;
use crate::keep::Keeper;
use crate::keep_file::{KeepFile, Opened};
use crate::keep_line::KeepLine;
use crate::seat::{MAX_WAITING, take_seat};
use crate::teacher;
use crate::tls::{TlsFiles, TlsListener, acceptor};

/// What is served, and to whom.
#[derive(Debug, Clone, Default)]
pub struct ClassSite {
    /// The folder of the built page.
    pub dist: PathBuf,
    /// The port, or 0 for any free one. If it is `None`, 8080 or the next free port is used.
    pub port: Option<u16>,
    /// The address under which other computers reach this one. If it is `None`, only this computer
    /// is answered.
    pub lan: Option<Ipv4Addr>,
    /// The name in the links, which the network has to know; the address if it is `None`.
    pub name: Option<String>,
    /// The certificate with which everything is served over https, if there is one.
    pub tls: Option<TlsFiles>,
    /// The file in which the board is kept, if it is to be kept.
    pub keep: Option<PathBuf>,
}

impl ClassSite {
    /// Starts a server on its own thread. Dropping the result stops it, and with it goes everything
    /// that was shared and is not kept.
    ///
    /// # Errors
    /// If the port is in use, the name is none, the certificate or the file cannot be used, or the
    /// system gives no thread or no random numbers.
    pub fn start(self) -> Result<Running> {
        self.start_with(None)
    }

    /// Starts a server that also gives seats at an engine, if there is one. See [`Self::start`].
    ///
    /// # Errors
    /// Those of [`Self::start`].
    pub fn start_with(self, engine: Option<Arc<dyn SeatEngine>>) -> Result<Running> {
        let name = match (&self.name, self.lan) {
            (Some(name), _) if !is_name(name) => anyhow::bail!(
                "{name:?} is no name of a computer, so nothing is served; give it without http:// \
                 and without a port, as class.example.org"
            ),
            (Some(name), _) => name.clone(),
            (None, Some(lan)) => lan.to_string(),
            (None, None) => Ipv4Addr::LOCALHOST.to_string(),
        };
        let acceptor = self.tls.as_ref().map(|files| acceptor(files, &name)).transpose()?;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let new = new_token()?;
        let opened = self.keep.as_ref().map(|path| KeepFile::open(path, new)).transpose()?;
        let listener = self.listen().context(
            "can't open a port. Another program may have it; choose another one with --port",
        )?;
        let port = listener.local_addr()?.port();
        let (own, seen) = (format!("127.0.0.1:{port}"), format!("{name}:{port}"));
        let teacher_token = new_token()?;
        let (file, join_token, board) = match opened {
            Some(Opened { file, join_token, board }) => (Some(file), join_token, Board::of(board)),
            None => (None, new, Board::default()),
        };
        // Over https the teacher too needs the name that the certificate is for.
        let here = if acceptor.is_some() { &seen } else { &own };
        let links = Links {
            page: format!("{scheme}://{here}/"),
            join: format!("{scheme}://{seen}/#join={}", join_token.text()),
            board: format!("{scheme}://{here}/board#{}", teacher_token.text()),
        };
        let (orders, told) = channel();
        let keep = file.as_ref().map(|file| KeepLine::new(file.path().into(), orders.clone()));
        let class = Arc::new(Class {
            board: Mutex::new(board),
            join_token,
            teacher_token,
            join_link: links.join.clone(),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            keep,
            engine,
        });
        let keeper =
            file.map(|file| Keeper::start(file, class.clone(), orders, told)).transpose()?;
        let names = [own, format!("localhost:{port}"), seen];
        let allowed = Door::new(names, acceptor.is_some());
        let router = Router::new()
            .route(&format!("/{SOCKET_PATH}"), get(take_seat))
            .route(&format!("/{ENGINE_PATH}"), get(take_engine_seat))
            .merge(teacher::routes(&class))
            .with_state(class)
            .fallback_service(ServeDir::new(&self.dist).precompressed_br().precompressed_gzip())
            .layer(from_fn_with_state(Arc::new(allowed), door));
        let host = match acceptor {
            Some(acceptor) => {
                let address = listener.local_addr()?;
                Host::start_with(listener, router, move |listener| {
                    TlsListener::new(listener, address, acceptor)
                })?
            }
            None => Host::start(listener, router)?,
        };
        Ok(Running { host, links, _keeper: keeper })
    }

    /// A port of the loopback interface, or of all interfaces if other computers are answered.
    fn listen(&self) -> std::io::Result<TcpListener> {
        let interface = match self.lan {
            Some(_) => Ipv4Addr::UNSPECIFIED,
            None => Ipv4Addr::LOCALHOST,
        };
        let on = |port: u16| TcpListener::bind(SocketAddr::from((interface, port)));
        match self.port {
            Some(port) => on(port),
            None => (8080..8180).map(on).find(Result::is_ok).unwrap_or_else(|| on(0)),
        }
    }
}

/// Whether a text can stand in a link as a computer's name: letters, digits, dots and hyphens.
fn is_name(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    (1..=253).contains(&text.len()) && text.chars().all(known) && !text.starts_with(['.', '-'])
}

#[derive(Debug, Clone)]
struct Links {
    page: String,
    join: String,
    board: String,
}

/// A running host; dropping it stops it.
pub struct Running {
    host: Host,
    links: Links,
    /// Ends after the host, and has written everything then.
    _keeper: Option<Keeper>,
}

impl Running {
    /// The URL of the page on this computer, with a slash at the end.
    pub fn url(&self) -> &str {
        &self.links.page
    }

    /// The link by which students join.
    pub fn join_link(&self) -> &str {
        &self.links.join
    }

    /// The link of the board, with the teacher's token. It is another one each time.
    pub fn board_link(&self) -> &str {
        &self.links.board
    }

    /// Serves until the process is stopped.
    ///
    /// # Errors
    /// If the server fails.
    pub fn join(self) -> Result<()> {
        self.host.join()
    }
}

/// The address of this computer in its network: the one that it would send from. Nothing is sent.
///
/// # Errors
/// If this computer is in no network.
pub fn lan_address() -> Result<Ipv4Addr> {
    // An address that is set aside for documentation (RFC 5737): it stands for "somewhere else".
    let elsewhere = (Ipv4Addr::new(192, 0, 2, 1), 9);
    let found = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect(elsewhere)?;
        socket.local_addr()
    });
    match found.map(|address| address.ip()) {
        Ok(IpAddr::V4(address)) if !address.is_loopback() && !address.is_unspecified() => {
            Ok(address)
        }
        _ => anyhow::bail!(
            "this computer's address in the network was not found. Connect it to the class's \
             network, or give the address as --address"
        ),
    }
}
