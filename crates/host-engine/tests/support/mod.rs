//! A host with an engine on a free port, and pages that speak to it over real sockets.
#![allow(clippy::unwrap_used, clippy::panic)]
#![allow(dead_code, reason = "no file of tests uses all of it")]

use std::fs;
use std::io::ErrorKind;
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use burn::tensor::Device;
use futures::executor::block_on;
use resnette_class::limits::{ENGINE_PATH, VERSION};
use resnette_class::{EngineAnswer, EngineJoin, Token, read, write};
use resnette_class_host::engine_line::SeatEngine;
use resnette_class_host::{ClassSite, Running};
use resnette_engine::train::learner::{Learner, Tick};
use resnette_host_engine::HostEngine;
use resnette_images::load::{SilentObserver, load_drawn};
use resnette_protocol::version::VERSION as PROTOCOL;
use resnette_protocol::{Command, Event, Request, RequestId, decode, encode};
use resnette_spec::epoch::EpochRow;
use resnette_spec::{RunConfig, read_run};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Error, Message, WebSocket};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A host with a page of one line; its folder goes with it.
pub struct Hosted {
    pub running: Running,
    pub engine: Arc<HostEngine>,
    folder: PathBuf,
}

impl Drop for Hosted {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// An engine without pictures of its own.
pub fn engine() -> HostEngine {
    HostEngine::start(None, None).unwrap()
}

pub fn hosted() -> Hosted {
    hosted_on(engine())
}

/// A host that gives seats at this engine.
pub fn hosted_on(engine: HostEngine) -> Hosted {
    let engine = Arc::new(engine);
    hosted_with(Some(engine.clone()), engine)
}

/// A host that gives seats at `given`.
pub fn hosted_with(given: Option<Arc<dyn SeatEngine>>, engine: Arc<HostEngine>) -> Hosted {
    static STARTED: AtomicU32 = AtomicU32::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let name = format!("resnette-host-engine-{}-{number}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("index.html"), "<!doctype html>the page").unwrap();
    let site = ClassSite { dist: folder.clone(), port: Some(0), ..ClassSite::default() };
    Hosted { running: site.start_with(given).unwrap(), engine, folder }
}

/// A page's socket.
pub type Socket = WebSocket<TcpStream>;

impl Hosted {
    /// Address and port.
    pub fn name(&self) -> String {
        self.running.url().trim_start_matches("http://").trim_end_matches('/').to_owned()
    }

    pub fn token(&self) -> Token {
        Token::read(self.running.join_link().split_once("#join=").unwrap().1).unwrap()
    }

    /// A socket of a page with this origin, asked for under this name; `None` if it is refused.
    pub fn open(&self, host: &str, origin: Option<&str>) -> Option<Socket> {
        let address = format!("ws://{}/{ENGINE_PATH}", self.name());
        let mut request = address.into_client_request().unwrap();
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

    /// A page with a seat, that knows that the engine is there.
    pub fn page(&self, seat: Option<Token>) -> Page {
        let mut socket = self.socket();
        let first = write(&join(self.token(), seat)).unwrap();
        socket.send(Message::Binary(first.into())).unwrap();
        let answer: EngineAnswer = read(&frame(&mut socket).unwrap()).unwrap();
        let EngineAnswer::Joined(key) = answer else { panic!("{answer:?}") };
        let mut page = Page { socket, key, last: 0, heard: Vec::new() };
        page.until(|event| matches!(event, Event::Ready(_)));
        page
    }
}

pub fn join(token: Token, seat: Option<Token>) -> EngineJoin {
    EngineJoin { version: VERSION, protocol: PROTOCOL.into(), token, seat }
}

/// A page with a seat.
pub struct Page {
    socket: Socket,
    pub key: Token,
    last: RequestId,
    heard: Vec<Event>,
}

impl Page {
    pub fn ask(&mut self, command: Command) -> RequestId {
        self.last += 1;
        let request = Request { id: self.last, command, corrections: Default::default() };
        let bytes = encode(&request).unwrap();
        self.socket.send(Message::Binary(bytes.into())).unwrap();
        self.last
    }

    /// What is told up to this event, and it.
    pub fn until(&mut self, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            let Some(bytes) = frame(&mut self.socket) else { panic!("ended after {events:?}") };
            let event: Event = decode(&bytes).unwrap();
            self.heard.push(event.clone());
            let ends = is_last(&event);
            events.push(event);
            if ends {
                return events;
            }
        }
    }

    /// What is told up to the end of a request.
    pub fn until_ended(&mut self, wanted: RequestId) -> Vec<Event> {
        self.until(|event| matches!(event, Event::Ended { request, .. } if *request == wanted))
    }

    /// The rows that were told so far, without times.
    pub fn table(&self) -> Vec<EpochRow> {
        let rows = self.heard.iter().filter_map(|event| match event {
            Event::Epoch(row) => Some(EpochRow { seconds: 0.0, ..*row }),
            _ => None,
        });
        rows.collect()
    }
}

/// The next message; `None` if the host has ended the connection. A host that does neither is an
/// error.
pub fn frame(socket: &mut Socket) -> Option<Vec<u8>> {
    loop {
        match socket.read() {
            Ok(Message::Binary(bytes)) => return Some(bytes.to_vec()),
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

/// A run of milliseconds.
pub fn tiny(more: &str) -> RunConfig {
    let (config, problems) = read_run(&format!(
        "source=drawn&train=3&valid=2&size=16&net=resnet&layers=1&block=basic&expansion=1&width=4\
         &stem=4&epochs=3&bs=10&seed=7&{more}"
    ));
    assert!(problems.is_empty(), "{problems:?}");
    config
}

/// The table of a run that nobody shares an engine with, without times.
pub fn alone(config: RunConfig) -> Vec<EpochRow> {
    let data = config.pictures();
    let set = block_on(load_drawn(&data, config.seed, &mut SilentObserver)).unwrap();
    let mut learner = Learner::new(config, Arc::new(set), &Device::flex(), 1).unwrap();
    while !matches!(block_on(learner.tick()).unwrap(), Tick::Done) {}
    learner.history.iter().map(|row| EpochRow { seconds: 0.0, ..*row }).collect()
}
