//! A host on a free port, and pages that speak to it over real sockets.
#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use resnette_class::limits::VERSION;
use resnette_class::{Join, Nickname, SharedRun, Status, ToHost, ToSeat, Token, read, write};
use resnette_class_host::{ClassSite, Running};
use resnette_spec::epoch::EpochRow;
use resnette_spec::read_run;
use tungstenite::client::IntoClientRequest;
use tungstenite::{Error, Message, WebSocket};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A host with a page of one line; its folder goes with it.
pub struct Hosted {
    pub running: Running,
    folder: PathBuf,
}

impl Drop for Hosted {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub fn hosted() -> Hosted {
    hosted_with(|site| site)
}

/// A host with a change of what is served.
pub fn hosted_with(with: impl FnOnce(ClassSite) -> ClassSite) -> Hosted {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let name = format!("resnette-class-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("index.html"), "<!doctype html>the page").unwrap();
    let site = ClassSite { dist: folder.clone(), port: Some(0), ..ClassSite::default() };
    Hosted { running: with(site).start().unwrap(), folder }
}

/// A page's socket.
pub type Socket = WebSocket<TcpStream>;

impl Hosted {
    /// Address and port.
    pub fn name(&self) -> String {
        self.running.url().split_once("://").unwrap().1.trim_end_matches('/').to_owned()
    }

    pub fn join_token(&self) -> Token {
        Token::read(self.running.join_link().split_once("#join=").unwrap().1).unwrap()
    }

    pub fn teacher_token(&self) -> String {
        self.running.board_link().split_once('#').unwrap().1.to_owned()
    }

    /// A socket of a page with this origin, asked for under this name; `None` if it is refused.
    pub fn open(&self, host: &str, origin: Option<&str>) -> Option<Socket> {
        let mut request = format!("ws://{}/class/seat", self.name()).into_client_request().unwrap();
        request.headers_mut().insert("host", host.parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let stream = TcpStream::connect(self.name()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        tungstenite::client(request, stream).ok().map(|(socket, _)| socket)
    }

    /// A socket of a page of this host.
    pub fn socket(&self) -> Socket {
        let name = self.name();
        self.open(&name, Some(&format!("http://{name}"))).unwrap()
    }

    /// A page that has joined.
    pub fn joined(&self, nickname: &str) -> Socket {
        let mut socket = self.socket();
        say(&mut socket, &join(self.join_token(), nickname));
        assert!(matches!(told(&mut socket), Some(ToSeat::Joined(_))), "{nickname}");
        socket
    }

    /// The answer to a request; `headers` end with a line break each.
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let name = self.name();
        let length = body.len();
        self.ask_as(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {name}\r\nOrigin: http://{name}\r\n\
             Content-Length: {length}\r\n{headers}Connection: close\r\n\r\n{body}"
        ))
    }

    /// The answer to this request.
    pub fn ask_as(&self, request: &str) -> String {
        String::from_utf8(self.ask_bytes(request.as_bytes())).unwrap()
    }

    /// The answer to these bytes.
    pub fn ask_bytes(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.name()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        // The host may close before it has read everything.
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    fn bearer(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.teacher_token())
    }

    /// What the board shows.
    pub fn view(&self) -> String {
        self.ask("GET", "/board/view", &self.bearer(), "")
    }

    /// The board as a file.
    pub fn file(&self) -> String {
        self.ask("GET", "/board/runs.csv", &self.bearer(), "")
    }

    /// The answer to a command of the teacher.
    pub fn command(&self, command: &str) -> String {
        self.ask("POST", "/board/command", &self.bearer(), command)
    }

    /// Waits until the board shows this.
    pub fn wait_view(&self, wanted: &str) {
        let start = Instant::now();
        while !self.view().contains(wanted) {
            assert!(start.elapsed() < PATIENCE, "no {wanted} in {}", self.view());
            sleep(Duration::from_millis(20));
        }
    }
}

/// A join of a page that had a seat.
pub fn join_again(token: Token, nickname: &str, seat: Token) -> ToHost {
    let nickname = Nickname::new(nickname).unwrap();
    ToHost::Join(Join { version: VERSION, token, nickname, seat: Some(seat), runs: None })
}

pub fn join(token: Token, nickname: &str) -> ToHost {
    let nickname = Nickname::new(nickname).unwrap();
    ToHost::Join(Join { version: VERSION, token, nickname, seat: None, runs: None })
}

/// A run with these settings and as many epochs as there are accuracies.
pub fn run(number: u32, settings: &str, accuracies: &[f32]) -> ToHost {
    let rows: Vec<EpochRow> = (0..)
        .zip(accuracies)
        .map(|(epoch, accuracy)| EpochRow { epoch, accuracy: *accuracy, ..EpochRow::default() })
        .collect();
    let config = read_run(settings).0;
    ToHost::Share(SharedRun::of(number, &config, false, Status::Training, &rows))
}

pub fn say(socket: &mut Socket, message: &ToHost) {
    socket.send(Message::Binary(write(message).unwrap().into())).unwrap();
}

/// What the host says next; `None` if it has ended the connection. A host that does neither is an
/// error.
pub fn told(socket: &mut Socket) -> Option<ToSeat> {
    loop {
        match socket.read() {
            Ok(Message::Binary(bytes)) => return Some(read(&bytes).unwrap()),
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(_) => return None,
            Err(Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                panic!("the host has neither answered nor ended the connection")
            }
            Err(_) => return None,
        }
    }
}
