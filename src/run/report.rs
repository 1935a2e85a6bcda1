//! What becomes of a run by what the worker reports.

use resnette_protocol::run::{RunShape, StepReport};
use resnette_protocol::{Event, Subsystem};
use resnette_spec::loss_curve::LossCurve;

use crate::run::state::{Phase, Run, STEPS_KEPT, Then};

impl Run {
    /// Takes what the worker reports.
    pub fn on_event(&mut self, event: Event) {
        match event {
            Event::Loading(progress) => {
                self.loading = progress;
                self.phase = match std::mem::take(&mut self.phase) {
                    Phase::Ready => Phase::Loading { then: Then::Ready },
                    here @ (Phase::Loading { .. } | Phase::Training | Phase::Paused) => here,
                    _ => Phase::Loading { then: Then::Resume },
                };
            }
            Event::Waiting(waiting) => self.waiting = waiting,
            Event::Compiling => self.phase = Phase::Compiling,
            Event::Started(shape) => self.started(shape),
            Event::Steps(report) => self.step(report),
            Event::Validating { batch, batches, .. } => self.validating = Some((batch, batches)),
            Event::Epoch(row) => {
                self.rows.push(row);
                self.validating = None;
            }
            Event::Paused => self.enter(Phase::Paused),
            Event::Resumed => self.enter(Phase::Training),
            Event::Done => self.enter(Phase::Done),
            Event::Stopped => self.stopped(),
            _ => {}
        }
    }

    fn stopped(&mut self) {
        let before_start = match &self.phase {
            // Cancelling a download does not stop a run.
            Phase::Loading { then: Then::Ready } => return self.enter(Phase::Ready),
            Phase::Loading { then } => *then == Then::Train,
            Phase::Failed { during, .. } => *during == Subsystem::Data,
            Phase::Stopped { before_start } => *before_start,
            _ => false,
        };
        self.enter(Phase::Stopped { before_start });
    }

    /// The worker has confirmed what was asked of it.
    fn enter(&mut self, phase: Phase) {
        self.pending = None;
        self.validating = None;
        self.phase = phase;
    }

    fn started(&mut self, shape: RunShape) {
        if matches!(
            self.phase,
            Phase::Loading { then: Then::Train } | Phase::Stopped { before_start: true }
        ) {
            self.rows.clear();
            self.steps.clear();
            self.curve = LossCurve::default();
            self.gradients.clear();
            self.at = None;
            self.rate = 0.0;
        }
        self.shape = Some(shape);
        self.restored = false;
        self.phase = Phase::Compiling;
    }

    fn step(&mut self, report: StepReport) {
        // Losses of steps that were in flight arrive after the event that the run is paused or has
        // ended. They do not revive it.
        if matches!(self.phase, Phase::Ready | Phase::Loading { .. } | Phase::Compiling) {
            self.phase = Phase::Training;
        }
        self.validating = None;
        self.at = Some((report.epoch, report.batch));
        self.rate = report.rate;
        if !report.gradients.is_empty() {
            self.gradients = report.gradients;
        }
        for step in report.steps {
            if self.steps.len() < STEPS_KEPT {
                self.steps.push(step);
            }
            self.curve.push(step);
        }
    }
}
