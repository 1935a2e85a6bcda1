//! What a session measures of its own engine: whether it computes right, and how fast it is.

use resnette_engine::chip_of;
use resnette_engine::train::bench::measure;
use resnette_engine::train::product_rate::product_rate;
use resnette_engine::train::self_test::{TOLERANCE, self_test};
use resnette_protocol::bench::{Benchmark, BenchmarkRequest, MAX_STEPS};
use resnette_protocol::engine::SelfTest;
use resnette_protocol::{Event, Subsystem};
use resnette_spec::architecture::Architecture;

use crate::host::{Engine, Host};
use crate::ticket::Ticket;

/// Steps that are trained before the measured ones.
const WARM_UP: u32 = 2;
/// Classes of the measured network: Imagenette's.
const CLASSES: u32 = 10;

/// Trains the self-test's network and compares it with PyTorch's numbers; a run under way waits for
/// the moment that it takes.
pub(crate) async fn check_engine<H: Host>(host: &H, engine: &Engine, ticket: Ticket<H>) {
    match self_test(&engine.device).await {
        Ok(gap) => {
            host.post(Event::Checked(SelfTest { gap, allowed: TOLERANCE }));
            ticket.answered();
        }
        Err(error) => ticket.refused(Subsystem::Engine, error),
    }
}

/// Measures training steps of a network of its own; a run under way waits for the moment that it
/// takes.
pub(crate) async fn benchmark<H: Host>(
    host: &H,
    engine: &Engine,
    request: BenchmarkRequest,
    ticket: Ticket<H>,
) {
    let config = request.config;
    let steps = request.steps.clamp(1, MAX_STEPS);
    let mut before = None;
    let start = || before = host.dispatches();
    let times = match measure(&config, &engine.device, WARM_UP, steps, start).await {
        Ok(times) => times,
        Err(error) => return ticket.refused(Subsystem::Engine, error),
    };
    let architecture = Architecture::new(&config.net, CLASSES);
    let dispatches = before
        .zip(host.dispatches())
        .map(|(before, after)| (after - before) / f64::from(times.measured_steps()))
        .filter(|dispatches| *dispatches > 0.0);
    let memory = host.memory(&engine.device);
    // Behind everything else, since its dispatches and its memory are not those of a step. Without
    // it the figures are as good, and have taken much longer.
    let product_gflops = product_rate(&engine.device).await.unwrap_or(None);
    host.post(Event::Benchmarked(Benchmark {
        engine: engine.info.kind.name().into(),
        device: engine.info.device.clone(),
        size: config.data.size,
        bs: config.recipe.bs,
        parameters: architecture.parameters(),
        multiply_adds: architecture.multiply_adds(config.data.size),
        first_step_ms: times.first_ms,
        steps_ms: times.steps_ms,
        enqueue_ms: times.enqueue_ms,
        queued_steps: times.queued_steps,
        queued_ms: times.queued_ms,
        dispatches_per_step: dispatches,
        kernels: chip_of(&engine.device).map(|chip| chip.to_string()),
        product_gflops,
        memory,
    }));
    ticket.answered();
}
