//! What is served, to whom, and under which addresses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use resnette_class::limits::{ENGINE_PATH, SOCKET_PATH};
use resnette_static_host::thread::Host;
use tokio::sync::Semaphore;
use tower_http::services::ServeDir;

use crate::class::{Class, new_token};
use crate::door::{Door, door};
use crate::engine_line::SeatEngine;
use crate::engine_seat::take_engine_seat;
use crate::seat::{MAX_WAITING, take_seat};
use crate::teacher;

/// What is served, and to whom.
#[derive(Debug, Clone, Default)]
pub struct ClassSite {
    /// The folder of the built page.
    pub dist: PathBuf,
    /// The port, or 0 for any free one. If it is `None`, 8080 or the next free port is used.
    pub port: Option<u16>,
    /// The address under which other computers reach this one. If it is `None`, only this computer is
    /// answered.
    pub lan: Option<Ipv4Addr>,
}

impl ClassSite {
    /// Starts a server on its own thread. Dropping the result stops it, and with it goes everything
    /// that was shared.
    ///
    /// # Errors
    /// If the port is in use, or the system gives no thread or no random numbers.
    pub fn start(self) -> Result<Running> {
        self.start_with(None)
    }

    /// Starts a server that also gives seats at an engine, if there is one. See [`Self::start`].
    ///
    /// # Errors
    /// Those of [`Self::start`].
    pub fn start_with(self, engine: Option<Arc<dyn SeatEngine>>) -> Result<Running> {
        let listener = self.listen().context(
            "can't open a port. Another program may have it; choose another one with --port",
        )?;
        let port = listener.local_addr()?.port();
        let own = format!("127.0.0.1:{port}");
        let seen = self.lan.map_or_else(|| own.clone(), |lan| format!("{lan}:{port}"));
        let (join_token, teacher_token) = (new_token()?, new_token()?);
        let links = Links {
            page: format!("http://{own}/"),
            join: format!("http://{seen}/#join={}", join_token.text()),
            board: format!("http://{own}/board#{}", teacher_token.text()),
        };
        let class = Arc::new(Class {
            board: Mutex::default(),
            join_token,
            teacher_token,
            join_link: links.join.clone(),
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            engine,
        });
        let allowed = Door::new([own, format!("localhost:{port}"), seen], port);
        let router = Router::new()
            .route(&format!("/{SOCKET_PATH}"), get(take_seat))
            .route(&format!("/{ENGINE_PATH}"), get(take_engine_seat))
            .merge(teacher::routes(&class))
            .with_state(class)
            .fallback_service(ServeDir::new(&self.dist).precompressed_br().precompressed_gzip())
            .layer(from_fn_with_state(Arc::new(allowed), door));
        Ok(Running { host: Host::start(listener, router)?, links })
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

    /// The link of the board, with the teacher's token.
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
