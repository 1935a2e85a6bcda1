//! The session's benchmark of its engine.

use js_sys::Reflect;
use resnette_engine::train::bench::measure;
use resnette_protocol::bench::{Ask, Benchmark, MOST_STEPS};
use resnette_protocol::{Event, Stage};
use resnette_spec::architecture::Plan;
use wasm_bindgen::JsValue;

use crate::session::{Session, fail};
use crate::{memory, post};

const WARM_UP: u32 = 2;

impl Session {
    /// Measures steps of a network of its own; a run under way waits for the moment that it takes.
    pub(super) async fn benchmark(&self, ask: Ask) {
        let config = ask.config;
        let steps = ask.steps.clamp(1, MOST_STEPS);
        let mut before = None;
        let told =
            match measure(&config, &self.engine.device, WARM_UP, steps, || before = dispatches())
                .await
            {
                Ok(told) => told,
                Err(error) => return fail(Stage::Engine, error),
            };
        let plan = Plan::new(&config.net, 10);
        let sent = before
            .zip(dispatches())
            .map(|(before, after)| (after - before) / f64::from(steps))
            .filter(|sent| *sent > 0.0);
        post(&Event::Benchmarked(Benchmark {
            engine: self.engine.info.kind.name().into(),
            device: self.engine.info.device.clone(),
            size: config.data.size,
            bs: config.recipe.bs,
            parameters: plan.parameters(),
            multiply_adds: plan.multiply_adds(config.data.size),
            first_step_ms: told.first_ms,
            steps_ms: told.steps_ms,
            enqueue_ms: told.enqueue_ms,
            dispatches_per_step: sent,
            memory: memory::held(&self.engine.device),
        }));
    }
}

/// Kernels started so far, which the worker's loader counts (xtask/src/loader.js).
fn dispatches() -> Option<f64> {
    Reflect::get(&js_sys::global(), &JsValue::from_str("resnetteDispatches")).ok()?.as_f64()
}
