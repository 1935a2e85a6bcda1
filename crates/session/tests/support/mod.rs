//! A host without a browser: its clock ticks when it is read, its network answers as it is told,
//! and its storage is a variable.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use burn::tensor::Device;
use bytes::Bytes;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_image_parquet::source::{MemorySource, RangeSource, SourceError};
use resnette_images::load::open_file::OpenFile;
use resnette_picture::report::ClassCorrections;
use resnette_protocol::engine::{EngineInfo, EngineKind, Memory};
use resnette_protocol::persistence::{Kept, NotKept};
use resnette_protocol::predict::{Explain, Request as Pictures};
use resnette_protocol::saved::slots::SlotId;
use resnette_protocol::{Command, Event, Outcome, Request, RequestId};
use resnette_session::{Engine, HeldFile, Host, Inbox, Session};
use resnette_spec::{BlockPlace, RunConfig};

/// What the network does with the next file that is opened.
#[derive(Clone, Debug, Default)]
pub enum Network {
    /// It never answers.
    #[default]
    Hangs,
    /// It answers that it cannot be reached.
    Fails,
    /// It has the file.
    Serves(Bytes),
}

#[derive(Default)]
struct Place {
    events: RefCell<Vec<Event>>,
    clock: Cell<u64>,
    network: RefCell<Network>,
    saved: RefCell<BTreeMap<SlotId, Checkpoint>>,
}

/// The fake host.
#[derive(Clone, Default)]
pub struct FakeHost(Rc<Place>);

/// A file that somebody opened: its path and its bytes.
#[derive(Clone)]
pub struct FakeFile(pub String, pub Vec<u8>);

impl OpenFile for FakeFile {
    fn path(&self) -> &str {
        &self.0
    }

    fn size(&self) -> u64 {
        self.1.len() as u64
    }

    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        Ok(self.1[start as usize..(start + length) as usize].to_vec().into())
    }
}

impl HeldFile for FakeFile {
    fn last_modified(&self) -> u64 {
        0
    }
}

/// A file behind an address, as [`Network`] had it when it was opened.
pub struct FakeRemote {
    network: Network,
    file: MemorySource,
}

impl FakeRemote {
    async fn wait(&self) -> Result<(), SourceError> {
        breath().await;
        match self.network {
            Network::Hangs => std::future::pending().await,
            Network::Fails => Err(SourceError::Unreachable {
                name: self.file.name().into(),
                reason: "no network".into(),
            }),
            Network::Serves(_) => Ok(()),
        }
    }
}

impl RangeSource for FakeRemote {
    fn name(&self) -> &str {
        self.file.name()
    }

    async fn length(&mut self) -> Result<u64, SourceError> {
        self.wait().await?;
        self.file.length().await
    }

    async fn read(&mut self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        self.wait().await?;
        self.file.read(start, length).await
    }

    fn bytes_read(&self) -> u64 {
        self.file.bytes_read()
    }
}

/// Pending once.
async fn breath() {
    let mut passed = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut passed, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

impl Host for FakeHost {
    type File = FakeFile;
    type Remote = FakeRemote;

    fn post(&self, event: Event) {
        self.0.events.borrow_mut().push(event);
    }

    fn now(&self) -> Duration {
        self.0.clock.set(self.0.clock.get() + 7);
        Duration::from_millis(self.0.clock.get())
    }

    async fn pause(&self) {
        breath().await;
    }

    async fn open(&self, _: String, name: String, _: Option<Rc<Cell<bool>>>) -> FakeRemote {
        let network = self.0.network.borrow().clone();
        let bytes = match &network {
            Network::Serves(bytes) => bytes.clone(),
            Network::Hangs | Network::Fails => Bytes::new(),
        };
        FakeRemote { network, file: MemorySource::new(name, bytes) }
    }

    async fn save_run(
        &self,
        slot: Option<SlotId>,
        checkpoint: &Checkpoint,
    ) -> Result<Kept, NotKept> {
        breath().await;
        let mut saved = self.0.saved.borrow_mut();
        let slot = slot.unwrap_or_else(|| saved.keys().last().copied().unwrap_or_default() + 1);
        saved.insert(slot, checkpoint.clone());
        Ok(Kept { slot, saved: 0, removed: Vec::new() })
    }

    async fn load_run(&self, slot: SlotId) -> Result<(Checkpoint, Option<String>), String> {
        breath().await;
        let saved = self.0.saved.borrow().get(&slot).cloned();
        saved.map(|saved| (saved, None)).ok_or_else(|| "the slot is empty".into())
    }

    fn memory(&self, _: &Device) -> Memory {
        Memory { wasm: 0, gpu: None }
    }

    fn dispatches(&self) -> Option<f64> {
        None
    }
}

/// A page and its worker's session in one place.
pub struct Desk {
    pub session: Session<FakeHost>,
    host: FakeHost,
    inbox: Inbox<FakeFile>,
    last: RequestId,
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self::reading(1, 1)
    }
}

impl Desk {
    /// A desk whose engine reads the losses of so many steps together, of so many groups at once.
    pub fn reading(read_every: usize, groups_in_flight: usize) -> Self {
        let (host, inbox) = (FakeHost::default(), Inbox::default());
        let engine = Engine {
            device: Device::flex(),
            info: EngineInfo { kind: EngineKind::Cpu, device: String::new() },
            read_every,
            groups_in_flight,
        };
        let session = Session::new(host.clone(), engine, inbox.clone());
        Self { session, host, inbox, last: 0 }
    }

    /// Sends a command; nothing is done of it yet.
    pub fn ask(&mut self, command: Command) -> RequestId {
        self.ask_corrected(command, Vec::new(), ClassCorrections::default())
    }

    /// Sends a command with a file that is no picture.
    pub fn ask_with_a_note(&mut self, command: Command) -> RequestId {
        let note = FakeFile("notes.txt".into(), b"notes".to_vec());
        self.ask_corrected(command, vec![note], ClassCorrections::default())
    }

    /// Sends a command with opened files, and with what the page corrects about them.
    pub fn ask_corrected(
        &mut self,
        command: Command,
        files: Vec<FakeFile>,
        corrections: ClassCorrections,
    ) -> RequestId {
        self.last += 1;
        let request = Request { id: self.last, command, corrections };
        self.inbox.push(request, files);
        self.last
    }

    /// What the network does from now on.
    pub fn network(&self, network: Network) {
        self.host.0.network.replace(network);
    }

    /// One turn of the session. `false` if nothing can happen without news from outside.
    pub fn turn(&mut self) -> bool {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        let mut context = Context::from_waker(&waker);
        let mut turn = pin!(self.session.turn());
        while turn.as_mut().poll(&mut context).is_pending() {
            if !woken.0.swap(false, Ordering::Relaxed) {
                return false;
            }
        }
        true
    }

    /// Turns until nothing is under way but what waits for the network; at most `most`.
    pub fn settle(&mut self, most: usize) {
        (0..most).take_while(|_| self.turn()).for_each(drop);
    }

    /// Turns until a request has ended.
    pub fn until_ended(&mut self, request: RequestId) -> Outcome {
        for _ in 0..1000 {
            if let Some(outcome) = self.end_of(request) {
                return outcome;
            }
            self.turn();
        }
        panic!("request {request} does not end");
    }

    /// Everything that was posted so far.
    pub fn events(&self) -> Vec<Event> {
        self.host.0.events.borrow().clone()
    }

    /// The epoch with which each saved run would go on, by slot.
    pub fn saved_epochs(&self) -> BTreeMap<SlotId, u32> {
        let saved = self.host.0.saved.borrow();
        saved.iter().map(|(slot, run)| (*slot, run.header.epoch)).collect()
    }

    /// Which skip connections each saved run has cut, by slot.
    #[allow(dead_code, reason = "only some tests cut any")]
    pub fn saved_cuts(&self) -> Vec<String> {
        let saved = self.host.0.saved.borrow();
        saved.values().map(|run| BlockPlace::write_list(&run.config.net.cut)).collect()
    }

    /// How each request has ended, every time that it did.
    pub fn ends(&self) -> BTreeMap<RequestId, Vec<Outcome>> {
        let mut ends: BTreeMap<RequestId, Vec<Outcome>> = BTreeMap::new();
        for event in self.events() {
            if let Event::Ended { request, outcome } = event {
                ends.entry(request).or_default().push(outcome);
            }
        }
        ends
    }

    /// How a request has ended, if it has.
    pub fn end_of(&self, request: RequestId) -> Option<Outcome> {
        self.ends().remove(&request).and_then(|mut ends| ends.pop())
    }

    /// How many requests were sent.
    pub fn asked(&self) -> RequestId {
        self.last
    }
}

/// A run of a few milliseconds.
pub fn tiny(more: &str) -> RunConfig {
    let link = format!(
        "source=drawn&train=3&valid=2&size=16&net=resnet&layers=1&block=basic&expansion=1&width=4\
         &stem=4&epochs=2&bs=10&seed=7&{more}"
    );
    let mut config = RunConfig::default();
    for pair in link.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap();
        config.set(key, value).unwrap();
    }
    config
}

/// Two files to classify: a picture, and one that is none.
pub fn pictures(id: u32) -> Pictures {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(20, 20, image::Rgb([200, 40, 40]))
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let files = vec![
        ("red.png".to_string(), png.into_inner().into()),
        ("notes.txt".to_string(), b"notes".to_vec().into()),
    ];
    Pictures { id, files, explain: Explain::default(), config: tiny("") }
}
