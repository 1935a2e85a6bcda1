//! How fast the engine trains a network, for the page to say how long a run would take: one step
//! between two requests, of which any ends it.

use resnette_engine::train::probe::Probe;
use resnette_protocol::estimate::{Estimate, EstimateRequest};
use resnette_protocol::{Event, Subsystem};
use resnette_spec::run_time::StepWork;

use crate::host::{Engine, Host};
use crate::ticket::Ticket;

/// The measurement under way, if there is one.
pub struct Estimator<H: Host> {
    job: Option<Job<H>>,
}

struct Job<H: Host> {
    probe: Probe,
    asked: StepWork,
    ticket: Ticket<H>,
}

impl<H: Host> Default for Estimator<H> {
    fn default() -> Self {
        Self { job: None }
    }
}

impl<H: Host> Estimator<H> {
    /// Whether a measurement is under way.
    pub fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// Begins a measurement. Nothing is computed before the first tick.
    pub(crate) fn begin(&mut self, engine: &Engine, request: EstimateRequest, ticket: Ticket<H>) {
        let asked = request.work;
        let in_flight = engine.read_every * engine.groups_in_flight;
        match Probe::new(&asked, &engine.device, in_flight) {
            Some(probe) => self.job = Some(Job { probe, asked, ticket }),
            None => {
                let reason = "the network is too large to be measured beside what is in memory";
                ticket.refused(Subsystem::Training, reason);
            }
        }
    }

    /// Trains a step.
    pub async fn tick(&mut self, host: &H) {
        let Some(job) = self.job.as_mut() else { return };
        let Some(measured) = job.probe.tick().await.transpose() else { return };
        let Some(Job { probe, asked, ticket }) = self.job.take() else { return };
        probe.end();
        match measured {
            Ok(pace) => {
                host.post(Event::Estimated(Estimate { asked, pace }));
                ticket.answered();
            }
            Err(error) => ticket.refused(Subsystem::Engine, error),
        }
    }

    /// Ends the measurement under way, and with it its request.
    pub fn cancel(&mut self) {
        if let Some(Job { probe, ticket, .. }) = self.job.take() {
            probe.end();
            ticket.cancelled();
        }
    }
}
