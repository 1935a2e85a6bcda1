//! A web server on a thread of its own.

use std::fmt::Debug;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;

use anyhow::{Result, bail};
use axum::serve::Listener;
use axum::{Router, serve};
use tokio::runtime;
use tokio::sync::oneshot;

/// Listens on the requested port of the loopback interface, or else on the first free port from
/// 8080 on.
pub(crate) fn listen(port: Option<u16>) -> io::Result<TcpListener> {
    match port {
        Some(port) => TcpListener::bind((Ipv4Addr::LOCALHOST, port)),
        None => (8080..8180)
            .map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
            .find(Result::is_ok)
            .unwrap_or_else(|| listen(Some(0))),
    }
}

/// A server on its own thread, so that tests can have one without an async runtime.
pub struct Host {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Host {
    /// Starts to serve a router on a listener.
    ///
    /// # Errors
    /// If the system gives no thread or no runtime.
    pub fn start(listener: TcpListener, router: Router) -> Result<Self> {
        Self::start_with(listener, router, |listener| listener)
    }

    /// Starts to serve a router on what `wrap` makes of a listener, as one that speaks TLS. `wrap`
    /// is called within the server's runtime.
    ///
    /// # Errors
    /// As [`Host::start`].
    pub fn start_with<Wrapped>(
        listener: TcpListener,
        router: Router,
        wrap: impl FnOnce(tokio::net::TcpListener) -> Wrapped + Send + 'static,
    ) -> Result<Self>
    where
        Wrapped: Listener,
        Wrapped::Addr: Debug,
    {
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
                    end = serve(wrap(listener), router).into_future() => end,
                    _ = stopped => Ok(()),
                }
            })
        });
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// The URL of the root, with a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Waits for the server to end.
    ///
    /// # Errors
    /// If the server fails.
    pub fn join(mut self) -> Result<()> {
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
