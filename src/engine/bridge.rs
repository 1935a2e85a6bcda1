//! Starts the engine that the settings ask for, and carries messages.
//!
//! A worker listens only once its module is loaded and started, and what is posted earlier is lost.
//! So commands wait here until the worker's first message, which is [`Event::Ready`].

mod answers;
mod host;
mod notes;
mod worker;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures::channel::oneshot;
use js_sys::Array;
use resnette_picture::report::ClassCorrections;
use resnette_protocol::engine::EngineKind;
use resnette_protocol::persistence::{ContinueRun, ModelFormat, SavedRunSource};
use resnette_protocol::watch::Watching;
use resnette_protocol::{Command, Event, Failure, Outcome, RequestId, Subsystem};
use resnette_spec::Backend;
use yew::prelude::*;

use self::worker::Carrier;
use crate::data::state::LoadPurpose;
use crate::engine::action::EngineAction;
use crate::engine::alarm::Alarm;
use crate::engine::choice::{Adapter, Choice, choose};
use crate::engine::host_link::HostConnect;
use crate::engine::message::{deliver, pack};
use crate::engine::pending::{PendingRequests, RequestKind};
use crate::shell::action::Action;
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
}

impl Inner {
    /// The engine of a setting on this page.
    fn choose(&self, backend: Backend, adapter: &Adapter) -> Result<Choice, String> {
        choose(backend, adapter, self.joined)
    }
}
