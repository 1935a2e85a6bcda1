//! Starts the engine that the settings ask for, and carries messages.
//!
//! A worker listens only once its module is loaded and started, and what is posted earlier is lost.
//! So commands wait here until the worker's first message, which is [`Event::Ready`].

mod host;
mod notes;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::{Array, Uint8Array};
use resnette_picture::report::ClassCorrections;
use resnette_protocol::engine::EngineKind;
use resnette_protocol::persistence::{ContinueRun, ModelFormat, SavedRunSource};
use resnette_protocol::version::{VERSION, worker_address};
use resnette_protocol::watch::Watching;
use resnette_protocol::{Command, Event, Failure, Outcome, RequestId, Subsystem, decode};
use resnette_spec::Backend;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};
use yew::prelude::*;

use crate::data::state::LoadPurpose;
use crate::engine::action::EngineAction;
use crate::engine::alarm::Alarm;
use crate::engine::choice::{Adapter, Choice, choose};
use crate::engine::host_link::{HostConnect, HostSend};
use crate::engine::message::{deliver, pack};
use crate::engine::pending::{PendingRequests, RequestKind};
use crate::engine::threads::{THREADS_SCRIPT, cpu_engine};
use crate::shell::action::Action;
use crate::shell::platform;
use crate::shell::question::{Stake, Task};
use crate::shell::state::State;
use crate::widgets::opened_files::OpenedFile;

/// The connection to the worker. Clones share it.
#[derive(Clone)]
pub struct Bridge(Rc<RefCell<Inner>>);

struct Inner {
    state: UseReducerDispatcher<State>,
    /// `None` until the browser has answered.
    adapter: Option<Adapter>,
    /// Whether the page is in a class.
    joined: bool,
    /// How to reach the class's host, as soon as the part of the page that can has been fetched.
    connect: Option<HostConnect>,
    /// Commands that were sent before the browser had answered, or before the host can be reached.
    early: Vec<(Command, Backend)>,
    live: Option<Live>,
    /// What the live worker was asked and has not ended.
    pending: PendingRequests,
    /// Who takes the file of a request. Files that nobody takes are downloads.
    takers: BTreeMap<RequestId, oneshot::Sender<Vec<u8>>>,
    /// The reader's files for [`Source::Files`](resnette_spec::Source::Files), as the browser's
    /// handles.
    files: Vec<OpenedFile>,
    /// What the reader corrected about the classes of these files.
    corrections: ClassCorrections,
    /// How many classes these files have, once they were read with these corrections.
    file_classes: Option<u32>,
    /// What the setting `threads` says.
    threads: u32,
    /// What is watched; `None` while nobody watches.
    watching: Option<Watching>,
    /// What would be lost with the network that the worker holds.
    stake: Stake,
    last_id: u32,
    /// How often a run was asked for or stopped.
    turns: u32,
}

/// An engine that runs.
struct Live {
    carrier: Carrier,
    kind: EngineKind,
    /// Packed requests for a worker that does not listen yet; `None` once it does.
    waiting: Option<Vec<(RequestId, Array)>>,
    /// Where a thread of the engine tells that it crashed; `None` without threads, or without such
    /// channels.
    _alarm: Option<Alarm>,
}

/// What carries messages to an engine and back.
enum Carrier {
    /// A worker of this page.
    Worker {
        worker: Worker,
        _on_message: Closure<dyn Fn(MessageEvent)>,
        _on_error: Closure<dyn Fn(web_sys::Event)>,
    },
    /// The class's host.
    Host(HostSend),
}

impl PartialEq for Bridge {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Bridge {
    /// A connection without an engine; `joined`: for a page in a class.
    pub fn new(state: UseReducerDispatcher<State>, joined: bool) -> Self {
        Self(Rc::new(RefCell::new(Inner {
            state,
            adapter: None,
            joined,
            connect: None,
            early: Vec::new(),
            live: None,
            pending: PendingRequests::default(),
            takers: BTreeMap::new(),
            files: Vec::new(),
            corrections: ClassCorrections::default(),
            file_classes: None,
            threads: 0,
            watching: None,
            stake: Stake::Nothing,
            last_id: 0,
            turns: 0,
        })))
    }

    /// Takes what the browser says about its GPU, and sends the commands that waited for it.
    pub fn set_adapter(&self, adapter: Adapter) {
        self.0.borrow_mut().adapter = Some(adapter);
        self.send_early();
    }

    /// Sends what has waited; what has to wait longer does.
    fn send_early(&self) {
        let early = std::mem::take(&mut self.0.borrow_mut().early);
        for (command, backend) in early {
            self.send(command, backend);
        }
    }

    /// Whether a task with this setting would end the worker that runs and start another.
    pub fn changes_engine(&self, task: &Task, backend: Backend) -> bool {
        let inner = self.0.borrow();
        let (Some(live), Some(adapter)) = (&inner.live, &inner.adapter) else { return false };
        let own = match task {
            Task::Begin(LoadPurpose::FineTune | LoadPurpose::FineTuneShipped, _) => false,
            Task::Begin(LoadPurpose::FindFineTuneRate, _) => false,
            // Pictures beside a run go to its worker.
            Task::Begin(LoadPurpose::Load, _) => inner.stake != Stake::UnderWay,
            _ => true,
        };
        own && inner.choose(backend, adapter).is_ok_and(|choice| choice.kind != live.kind)
    }

    fn count_turn(&self, command: &Command) {
        if matches!(command, Command::Stop) || RequestKind::of(command) == RequestKind::Run {
            self.next_turn();
        }
    }

    /// Sends a command and starts the worker for it if none runs. A run, a search or a load gets
    /// the engine that `backend` requests; everything else goes to the worker that has the network.
    pub fn send(&self, command: Command, backend: Backend) {
        self.count_turn(&command);
        let kind = {
            let mut inner = self.0.borrow_mut();
            let on_host = backend == Backend::Host && inner.joined;
            let adapter = match (&inner.adapter, backend) {
                _ if on_host && inner.connect.is_none() => {
                    inner.early.push((command, backend));
                    return;
                }
                (Some(adapter), _) => adapter.clone(),
                // These engines do not depend on what the browser says about its GPU.
                (None, Backend::Cpu) => Adapter::Missing,
                (None, _) if on_host => Adapter::Missing,
                (None, _) => {
                    inner.early.push((command, backend));
                    return;
                }
            };
            let picky = match command {
                Command::Train(_) | Command::FindRate(_) => true,
                // Pictures are loaded beside a run, never in its place.
                Command::Load { .. } => inner.stake != Stake::UnderWay,
                Command::Continue(ContinueRun { origin, .. }) => origin != SavedRunSource::Opened,
                _ => false,
            };
            match &inner.live {
                Some(live) if !picky => Ok(live.kind),
                _ => inner.choose(backend, &adapter).map(|choice| choice.kind),
            }
        };
        match kind.and_then(|kind| self.start(kind)) {
            Ok(()) => {
                self.post(command);
            }
            Err(message) => self.fail(message),
        }
    }

    /// Sends a command to the worker that runs, or to nobody if none does.
    pub fn tell(&self, command: Command) {
        self.count_turn(&command);
        let (nobody, starting) = {
            let inner = self.0.borrow();
            let starting = inner.live.as_ref().is_some_and(|live| live.waiting.is_some());
            (inner.live.is_none(), starting)
        };
        match command {
            Command::Stop if nobody || starting => self.stop_waiting(),
            Command::Evaluate if nobody => {
                let message = "there is no network yet. Train one first".to_string();
                let failure = Failure { during: Subsystem::Predicting, message };
                self.dispatch(Action::RequestEnded(
                    RequestKind::Evaluate,
                    Outcome::Refused(failure),
                ));
            }
            command => {
                self.post(command);
            }
        }
    }

    /// Watches this from now on, or nothing. An engine that does not listen yet, or that is started
    /// later, is asked before all else, so that a run that waits for it is watched from its
    /// beginning. No engine is started for it.
    pub fn watch(&self, watching: Option<Watching>) {
        let listens = {
            let mut inner = self.0.borrow_mut();
            inner.watching.clone_from(&watching);
            inner.live.as_ref().is_some_and(|live| live.waiting.is_none())
        };
        if listens {
            self.post(Command::Watch(watching));
        }
    }

    /// The network as a file, for something that holds it. `None` if there is no worker, or if it
    /// refuses, which the page tells as it does for any other file.
    pub async fn model_file(&self) -> Option<Vec<u8>> {
        let (taker, file) = oneshot::channel();
        let id = self.post(Command::SaveModel(ModelFormat::Safetensors))?;
        self.0.borrow_mut().takers.insert(id, taker);
        file.await.ok()
    }

    /// Stop, while the worker does not listen yet: what it ends is taken out of the queue, and
    /// everything else still goes to the worker. A worker that nobody waits for is not started.
    fn stop_waiting(&self) {
        let ended = {
            let mut inner = self.0.borrow_mut();
            let Inner { early, live, pending, .. } = &mut *inner;
            let mut ended = Vec::new();
            early.retain(|(command, _)| {
                let kind = RequestKind::of(command);
                ended.extend(kind.ends_with_stop().then_some(kind));
                !kind.ends_with_stop()
            });
            if let Some(Live { waiting: Some(waiting), .. }) = live {
                waiting.retain(|(id, _)| {
                    let stops = pending.kind(*id).is_some_and(RequestKind::ends_with_stop);
                    if stops {
                        ended.extend(pending.end(*id));
                    }
                    !stops
                });
                if waiting.is_empty() {
                    *live = None;
                }
            }
            ended
        };
        for kind in ended {
            self.dispatch(Action::RequestEnded(kind, Outcome::Cancelled));
        }
        self.dispatch(Action::Event(Box::new(Event::Stopped)));
    }

    /// Ends the download of a pretrained network, if one is under way.
    pub fn cancel_download(&self) {
        let download = self.0.borrow().pending.newest(RequestKind::FetchModel);
        if let Some(id) = download {
            self.tell(Command::Cancel(id));
        }
    }

    /// Ends loading that no run waits for, if any is under way.
    pub fn cancel_load(&self) {
        let load = self.0.borrow().pending.newest(RequestKind::Load);
        if let Some(id) = load {
            self.tell(Command::Cancel(id));
        }
    }

    /// Ends the worker at once, with everything that it holds.
    pub fn end(&self) {
        let ended = {
            let mut inner = self.0.borrow_mut();
            if let Some(Live { carrier: Carrier::Host(send), .. }) = &inner.live {
                // Or it would train for nobody. No request has this number.
                send(0, Command::Stop, false);
            }
            inner.live = None;
            inner.takers.clear();
            inner.pending.end_all()
        };
        self.dispatch(Action::Engine(EngineAction::Ended));
        for kind in ended {
            self.dispatch(Action::RequestEnded(kind, Outcome::Cancelled));
        }
    }

    /// Ends the worker without a word, while nobody sees the page. Returns whether there was one.
    /// [`lost`](Self::lost) tells of it later.
    pub fn end_quietly(&self) -> bool {
        self.0.borrow_mut().live.take().is_some()
    }

    /// Tells that the worker is gone, and with it all that was asked of it. A run goes on from its
    /// last save.
    pub fn lost(&self, message: &str) {
        self.end();
        self.fail(message.to_owned());
    }

    fn dispatch(&self, action: Action) {
        let state = self.0.borrow().state.clone();
        state.dispatch(action);
    }

    fn fail(&self, message: String) {
        self.dispatch(Action::Failed(Failure { during: Subsystem::Engine, message }));
    }

    /// Makes sure that a worker with this engine runs.
    fn start(&self, kind: EngineKind) -> Result<(), String> {
        let current = self.0.borrow().live.as_ref().map(|live| live.kind);
        if current == Some(kind) {
            return Ok(());
        }
        if current.is_some() {
            self.end();
        }
        let (file, alarm) = match kind {
            EngineKind::Host => return self.start_host(false),
            EngineKind::WebGpu => ("worker_gpu.js".into(), None),
            EngineKind::Cpu => {
                let bridge = self.clone();
                let crashed = move |words| bridge.broke(THREADS_SCRIPT, Some(words));
                cpu_engine(self.0.borrow().threads, crashed)
            }
        };
        // The query says nothing to a reader.
        let script = file.split('?').next().unwrap_or_default().to_owned();
        let refused = |_: JsValue| {
            format!(
                "the browser refuses to start a worker ({script}). Private windows and blockers may \
                 forbid it; allow it for this page, or use another window"
            )
        };
        let base = platform::document()
            .and_then(|document| document.base_uri().ok().flatten())
            .unwrap_or_default();
        let url =
            web_sys::Url::new_with_base(&worker_address(&file), &base).map_err(refused)?.href();
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&url, &options).map_err(refused)?;
        // Blockers put other things in the place of the class.
        if !worker.is_instance_of::<Worker>() {
            return Err(refused(JsValue::NULL));
        }
        let bridge = self.clone();
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            bridge.on_message(&event.data())
        });
        let bridge = self.clone();
        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
            bridge.broke(&script, event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message))
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_error.as_ref().unchecked_ref()));
        let carrier = Carrier::Worker { worker, _on_message: on_message, _on_error: on_error };
        let live = Live { carrier, kind, waiting: Some(Vec::new()), _alarm: alarm };
        self.0.borrow_mut().live = Some(live);
        Ok(())
    }

    /// Posts a request to the worker that runs, and answers with its id.
    fn post(&self, command: Command) -> Option<RequestId> {
        let posted = {
            let mut inner = self.0.borrow_mut();
            let Inner { live, pending, files, corrections, .. } = &mut *inner;
            let live = live.as_mut()?;
            let kind = RequestKind::of(&command);
            let id = pending.add(kind);
            let sent =
                match &live.carrier {
                    Carrier::Host(send) => {
                        send(id, command, !files.is_empty());
                        Ok(())
                    }
                    Carrier::Worker { worker, .. } => pack(id, command, files, corrections)
                        .and_then(|message| match &mut live.waiting {
                            Some(waiting) => {
                                waiting.push((id, message));
                                Ok(())
                            }
                            None => deliver(worker, &message),
                        }),
                };
            sent.map(|()| id).inspect_err(|_| {
                pending.end(id);
            })
        };
        posted.map_err(|message| self.fail(message)).ok()
    }

    /// The worker listens: it is told what is watched, and gets what has waited for it.
    fn deliver_waiting(&self, waiting: &[(RequestId, Array)]) {
        let watching = self.0.borrow().watching.clone();
        if watching.is_some() {
            self.post(Command::Watch(watching));
        }
        let failed = {
            let inner = self.0.borrow();
            match inner.live.as_ref().map(|live| &live.carrier) {
                Some(Carrier::Worker { worker, .. }) => {
                    waiting.iter().find_map(|(_, message)| deliver(worker, message).err())
                }
                _ => None,
            }
        };
        if let Some(message) = failed {
            self.fail(message);
        }
    }

    /// A file has come from the worker, which answers requests for files in their order.
    fn on_file(&self, name: &str, bytes: Vec<u8>) {
        let taker = {
            let mut inner = self.0.borrow_mut();
            let oldest = inner.pending.oldest(RequestKind::SaveFile);
            oldest.and_then(|id| inner.takers.remove(&id))
        };
        if let Some(taker) = taker {
            // Whoever asked may be gone by now.
            let _ = taker.send(bytes);
        } else if let Err(message) = platform::save(name, "application/octet-stream", &bytes) {
            let during = Subsystem::Model;
            self.dispatch(Action::Failed(Failure { during, message }));
        }
    }

    fn on_message(&self, data: &JsValue) {
        let bytes =
            data.dyn_ref::<Array>().and_then(|parts| parts.get(0).dyn_into::<Uint8Array>().ok());
        let event = bytes.map(|bytes| decode::<Event>(&bytes.to_vec()));
        if let Some(Ok(Event::Building)) = event {
            // The engine does not listen yet, so what waits for it can still be stopped.
            return self.dispatch(Action::Event(Box::new(Event::Building)));
        }
        let version = data.dyn_ref::<Array>().and_then(|parts| parts.get(1).as_string());
        if version.as_deref() != Some(VERSION) {
            return self.other_version();
        }
        // The first message says that the worker listens.
        let waiting = self.0.borrow_mut().live.as_mut().and_then(|live| live.waiting.take());
        if let Some(waiting) = waiting {
            self.deliver_waiting(&waiting);
        }
        match event {
            Some(Ok(event)) => self.heard(event),
            Some(Err(error)) => self.fail(error.to_string()),
            None => {
                let message = "the engine sent a message that the page cannot read. What was saved \
                               is kept; reload the page";
                self.fail(message.into());
            }
        }
    }

    /// The engine has said this.
    fn heard(&self, event: Event) {
        match event {
            Event::Model { name, bytes } => self.on_file(&name, bytes),
            Event::Ended { request, outcome } => self.ended(request, outcome),
            event => {
                if let Event::Loaded(report) = &event
                    && report.opened.is_some()
                {
                    self.0.borrow_mut().file_classes = Some(report.classes.len() as u32);
                }
                // An engine that could not start, or that lost its device, does not answer any
                // more.
                let dead =
                    matches!(&event, Event::Failed(failure) if failure.during == Subsystem::Engine);
                self.dispatch(Action::Event(Box::new(event)));
                if dead {
                    self.end();
                }
            }
        }
    }

    /// The worker is of another version, because the page was updated since it was opened: neither
    /// would understand the other, so the worker is ended before it is asked anything.
    fn other_version(&self) {
        self.end();
        self.dispatch(Action::Engine(EngineAction::OtherVersion));
        self.fail(
            "the engine is of another version than this page, which was updated since it was \
             opened. What was saved is kept; reload the page"
                .into(),
        );
    }

    /// A request has ended. An engine that cannot do what is asked of engines is not used again.
    fn ended(&self, request: RequestId, outcome: Outcome) {
        let kind = {
            let mut inner = self.0.borrow_mut();
            inner.takers.remove(&request);
            inner.pending.end(request)
        };
        let Some(kind) = kind else { return };
        let dead = matches!(&outcome, Outcome::Refused(Failure { during: Subsystem::Engine, .. }));
        self.dispatch(Action::RequestEnded(kind, outcome));
        if dead {
            self.end();
        }
    }

    /// The worker could not be loaded, or it broke, or one of its threads did: it is ended, and the
    /// next command starts a new one. `words` is the browser's reason.
    fn broke(&self, file: &str, words: Option<String>) {
        let starting = self.0.borrow().live.as_ref().is_none_or(|live| live.waiting.is_some());
        let message = match words.filter(|words| !words.is_empty()) {
            Some(words) => format!(
                "the engine crashed ({words}). The table is kept, the network is lost; press Train \
                 to start again, with fewer or smaller pictures if it happens twice"
            ),
            None if starting => format!(
                "the engine ({file}) could not be loaded. Check the connection, then press Train \
                 again; if this page has been updated since it was opened, reload it"
            ),
            None => "the engine crashed without giving a reason. The table is kept, the network \
                     is lost; press Train to start again"
                .into(),
        };
        self.lost(&message);
    }
}

impl Inner {
    /// The engine of a setting on this page.
    fn choose(&self, backend: Backend, adapter: &Adapter) -> Result<Choice, String> {
        choose(backend, adapter, self.joined)
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        if let Self::Worker { worker, .. } = self {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.set_onmessageerror(None);
            worker.terminate();
        }
    }
}
