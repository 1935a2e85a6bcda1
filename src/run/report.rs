//! What becomes of a run by what the worker reports.

use resnette_protocol::run::{RunShape, StepReport};
use resnette_protocol::{Event, Subsystem};
use resnette_spec::loss_curve::LossCurve;

use crate::run::state::{PendingControl, Phase, Run, STEPS_KEPT, SingleStep, Then};

impl Run {
    /// Takes what the worker reports.
    pub fn on_event(&mut self, event: Event) {
        match event {
            // Pictures are being loaded for the run: another one, a saved one, or one epoch more.
            Event::Loading(_) => {
                let going =
                    matches!(self.phase, Phase::Loading { .. } | Phase::Training | Phase::Paused);
                if !going {
                    self.phase = Phase::Loading { then: Then::Resume };
                }
            }
            // Another run was asked for; this is of the one before.
            Event::Steps(_) | Event::Validating { .. } | Event::Epoch(_) | Event::Paused
                if matches!(self.phase, Phase::Loading { .. }) => {}
            Event::Compiling => self.phase = Phase::Compiling,
            Event::Started(shape) => self.started(shape),
            Event::Steps(report) => self.step(report),
            Event::Validating { batch, batches, .. } => {
                self.validating = Some((batch, batches));
                self.stepped(SingleStep::Validated(batch, batches));
            }
            Event::Epoch(row) => {
                self.stepped(SingleStep::Ended(row.epoch));
                self.rows.push(row);
                self.validating = None;
            }
            Event::Paused => self.enter(Phase::Paused),
            Event::Resumed => self.enter(Phase::Training),
            Event::Done => self.enter(Phase::Done),
            Event::Stopped => self.stopped(),
            Event::Race(told) => self.race_told(told),
            _ => {}
        }
    }

    pub(super) fn stopped(&mut self) {
        let before_start = match &self.phase {
            // There is no run that could stop.
            Phase::Ready | Phase::Done => return,
            Phase::Loading { then } => *then == Then::Train,
            Phase::Failed { during, .. } => *during == Subsystem::Data,
            Phase::Stopped { before_start } => *before_start,
            _ => false,
        };
        self.enter(Phase::Stopped { before_start });
    }

    /// Notes what was done if it is the answer to a single step.
    fn stepped(&mut self, done: SingleStep) {
        if self.phase == Phase::Paused && self.pending == Some(PendingControl::Step) {
            self.single_step = Some(done);
        }
    }

    /// The worker has confirmed what was asked of it.
    fn enter(&mut self, phase: Phase) {
        self.pending = None;
        self.single_step = None;
        self.refusal = None;
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
            (self.race, self.race_note) = (None, None);
        }
        self.shape = Some(shape);
        (self.restored, self.lost) = (false, false);
        self.phase = Phase::Compiling;
    }

    fn step(&mut self, report: StepReport) {
        // Losses of steps that were in flight arrive after the event that the run is paused or has
        // ended. They do not revive it.
        if matches!(self.phase, Phase::Ready | Phase::Compiling) {
            self.phase = Phase::Training;
        }
        self.validating = None;
        self.at = Some((report.epoch, report.batch));
        self.rate = report.rate;
        if !report.gradients.is_empty() {
            self.gradients = report.gradients;
        }
        if let Some(&last) = report.steps.last() {
            self.stepped(SingleStep::Trained(last));
        }
        for step in report.steps {
            if self.steps.len() < STEPS_KEPT {
                self.steps.push(step);
            }
            self.curve.push(step);
        }
    }
}
