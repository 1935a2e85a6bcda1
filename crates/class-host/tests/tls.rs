//! A class over https: the page, the board and a student's socket, and certificates that do not
//! fit. `tests/tls/make.sh` makes the certificates.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use resnette_class::{ToHost, ToSeat, read, write};
use resnette_class_host::ClassSite;
use resnette_class_host::tls::{TlsFiles, acceptor};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tungstenite::Message;
use tungstenite::client::IntoClientRequest;

use crate::support::{Hosted, hosted_with, join, run};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

fn files(certificate: &str, key: &str) -> TlsFiles {
    TlsFiles { certificate: file(certificate), key: file(key) }
}

fn over_https() -> Hosted {
    let tls = Some(files("host.pem", "host-key.pem"));
    hosted_with(|site| ClassSite { tls, ..site })
}

/// A connection of a browser that trusts the tests' authority.
fn connected(class: &Hosted) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file("authority.pem")).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = TcpStream::connect(class.name()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}

fn ask(class: &Hosted, path: &str, headers: &str) -> String {
    let mut stream = connected(class);
    let name = class.name();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {name}\r\n{headers}Connection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    // A host may end without the word by which TLS ends.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

/// Links say https, the page and the board come over it, and a student's socket joins.
#[test]
fn a_class_is_served_over_https() {
    let class = over_https();
    for link in [class.running.url(), class.running.join_link(), class.running.board_link()] {
        assert!(link.starts_with("https://127.0.0.1:"), "{link}");
    }
    assert!(ask(&class, "/", "").ends_with("the page"));
    let name = class.name();
    let mut request = format!("wss://{name}/class/seat").into_client_request().unwrap();
    request.headers_mut().insert("origin", format!("https://{name}").parse().unwrap());
    let (mut socket, _) = tungstenite::client(request, connected(&class)).unwrap();
    let say = |message: ToHost| Message::Binary(write(&message).unwrap().into());
    socket.send(say(join(class.join_token(), "Ada"))).unwrap();
    let Message::Binary(bytes) = socket.read().unwrap() else { unreachable!("a seat comes first") };
    assert!(matches!(read(&bytes), Ok(ToSeat::Joined(_))));
    socket.send(say(run(1, "seed=1", &[0.5]))).unwrap();
    let bearer = format!("Authorization: Bearer {}\r\n", class.teacher_token());
    let start = std::time::Instant::now();
    while !ask(&class, "/board/view", &bearer).contains("<td>Ada</td>") {
        assert!(start.elapsed() < Duration::from_secs(20), "the run is not on the board");
    }
    // A page that came over http is of another origin.
    let mut request = format!("wss://{name}/class/seat").into_client_request().unwrap();
    request.headers_mut().insert("origin", format!("http://{name}").parse().unwrap());
    assert!(tungstenite::client(request, connected(&class)).is_err());
}

/// Who begins no handshake, or speaks http, keeps nobody out and hears nothing of the class.
#[test]
fn connections_without_a_handshake_keep_nobody_out() {
    let class = over_https();
    let silent: Vec<TcpStream> =
        (0..20).map(|_| TcpStream::connect(class.name()).unwrap()).collect();
    let plain = class.ask_bytes(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    assert!(!String::from_utf8_lossy(&plain).contains("the page"));
    assert!(ask(&class, "/", "").ends_with("the page"));
    drop(silent);
}

/// What a browser would refuse is refused before anything is served, with what to do.
#[test]
fn certificates_that_do_not_fit_are_refused() {
    let good = files("host.pem", "host-key.pem");
    for name in ["127.0.0.1", "class.example"] {
        assert!(acceptor(&good, name).is_ok(), "{name}");
    }
    for (files, name, told) in [
        (good.clone(), "192.168.0.7", "is not for 192.168.0.7"),
        (good.clone(), "other.example", "as --name"),
        (good, "", "is not for"),
        (files("host.pem", "other-key.pem"), "127.0.0.1", "cannot be used together"),
        (files("host-key.pem", "host-key.pem"), "127.0.0.1", "has no certificate in PEM form"),
        (files("host.pem", "host.pem"), "127.0.0.1", "has no private key in PEM form"),
        (files("missing.pem", "host-key.pem"), "127.0.0.1", "cannot be read"),
        (files("", "host-key.pem"), "127.0.0.1", "it is no ordinary file"),
    ] {
        let refused = acceptor(&files, name).err().unwrap().to_string();
        assert!(refused.contains(told) && refused.contains("nothing is served"), "{refused}");
    }
    let site = ClassSite { name: Some("http://class.example".into()), ..ClassSite::default() };
    let refused = format!("{:#}", site.start().err().unwrap());
    assert!(refused.contains("is no name of a computer"), "{refused}");
}
