//! The worker that an engine runs in: it is started, and ended when it breaks.

use resnette_protocol::engine::EngineKind;
use resnette_protocol::version::worker_address;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{Bridge, Live};
use crate::engine::host_link::HostSend;
use crate::engine::threads::{THREADS_SCRIPT, cpu_engine};
use crate::shell::platform;

/// What carries messages to an engine and back.
pub(super) enum Carrier {
    /// A worker of this page.
    Worker {
        worker: Worker,
        _on_message: Closure<dyn Fn(MessageEvent)>,
        _on_error: Closure<dyn Fn(web_sys::Event)>,
    },
    /// The class's host.
    Host(HostSend),
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

impl Bridge {
    /// Makes sure that a worker with this engine runs.
    pub(super) fn start(&self, kind: EngineKind) -> Result<(), String> {
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

    /// The worker could not be loaded, or it broke, or one of its threads did: it is ended, and the
    /// next command starts a new one. `words` is the browser's reason.
    pub(super) fn broke(&self, file: &str, words: Option<String>) {
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
