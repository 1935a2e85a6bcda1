//! https, for who has a certificate: with it browsers give students WebGPU, saved runs, the camera
//! and a page that opens without a network, and nobody reads along.
//!
//! Handshakes run beside one another, a bounded number of them and each for a bounded time, so that
//! a computer that begins one and says no more keeps nobody out. One that begins as many as there
//! may be keeps everybody out until their time is over.

use std::fmt::Display;
use std::fs::File;
use std::future::pending;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

/// The most bytes of a certificate's or a key's file.
const MAX_FILE_BYTES: u64 = 1 << 20;
/// The most handshakes at a time.
const MAX_HANDSHAKES: usize = 64;
/// How long a handshake may take.
const SHAKEN_WITHIN: Duration = Duration::from_secs(10);
/// How long to wait where the system has no room for another connection.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// The files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate in PEM, with those that it needs behind it.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
}

/// Why a certificate is not used. Nothing is served then: a class that expects https does not get
/// http.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path} cannot be read ({error}), so nothing is served")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It has no certificate or key in it.
    #[error("{path} has no {wanted} in PEM form ({what}), so nothing is served")]
    NoPem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        wanted: &'static str,
        /// What was found.
        what: String,
    },
    /// They do not belong together, or are of a kind that is not known.
    #[error(
        "the certificate in {certificate} and the key in {key} cannot be used together ({what}), \
         so nothing is served"
    )]
    Unfit {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Browsers would refuse it.
    #[error(
        "the certificate in {certificate} is not for {name}, so browsers would refuse the join \
         link and nothing is served; give the name that the certificate is for as --name"
    )]
    OtherName {
        /// The certificate's file.
        certificate: PathBuf,
        /// The name in the links.
        name: String,
    },
}

/// What answers handshakes under this name.
///
/// # Errors
/// [`TlsError`]
pub fn acceptor(files: &TlsFiles, name: &str) -> Result<TlsAcceptor, TlsError> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&read(&files.certificate)?)
            .collect::<Result<_, _>>()
            .map_err(|error| no_pem(&files.certificate, "certificate", error))?;
    let Some(own) = chain.first() else {
        return Err(no_pem(&files.certificate, "certificate", "there is none"));
    };
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?)
        .map_err(|error| no_pem(&files.key, "private key", error))?;
    let unfit = |error: rustls::Error| TlsError::Unfit {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        what: error.to_string(),
    };
    let other_name =
        || TlsError::OtherName { certificate: files.certificate.clone(), name: name.into() };
    let wanted = ServerName::try_from(name).map_err(|_| other_name())?;
    let parsed = ParsedCertificate::try_from(own).map_err(unfit)?;
    verify_server_name(&parsed, &wanted).map_err(|_| other_name())?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain.clone(), key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn no_pem(path: &Path, wanted: &'static str, what: impl Display) -> TlsError {
    TlsError::NoPem { path: path.into(), wanted, what: what.to_string() }
}

/// A file of bounded length. Links are followed: programs that renew certificates keep them so.
fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unreadable = |error| TlsError::Unreadable { path: path.into(), error };
    let other = || io::Error::new(io::ErrorKind::InvalidInput, "it is no ordinary file");
    // Before it is opened: a pipe would be waited for.
    let found = path.metadata().map_err(unreadable)?;
    if !found.is_file() || found.len() > MAX_FILE_BYTES {
        return Err(unreadable(other()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE_BYTES).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Connections whose handshake is done.
pub struct TlsListener {
    ready: Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    /// Answers handshakes of this listener from now on. To be called within a runtime.
    pub fn new(listener: TcpListener, address: SocketAddr, acceptor: TlsAcceptor) -> Self {
        let (done, ready) = channel(MAX_HANDSHAKES);
        let places = Arc::new(Semaphore::new(MAX_HANDSHAKES));
        tokio::spawn(async move {
            loop {
                // It is never closed.
                let Ok(place) = places.clone().acquire_owned().await else { return };
                match listener.accept().await {
                    Ok((stream, from)) => {
                        let (acceptor, done) = (acceptor.clone(), done.clone());
                        tokio::spawn(async move {
                            if let Some(stream) = shaken(stream, &acceptor, place).await {
                                // Nobody takes it any more when the host ends.
                                let _ = done.send((stream, from)).await;
                            }
                        });
                    }
                    // One that has gone already, or no room for another: the next may be served.
                    Err(_) => sleep(RETRY_AFTER).await,
                }
            }
        });
        Self { ready, address }
    }
}

/// A connection after its handshake; `None` if that failed or took too long.
async fn shaken(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    place: OwnedSemaphorePermit,
) -> Option<TlsStream<TcpStream>> {
    let shaken = timeout(SHAKEN_WITHIN, acceptor.accept(stream)).await;
    drop(place);
    shaken.ok()?.ok()
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The runtime is ending.
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
