//! The state of a run, which follows from what the reader requests and what the worker reports.

use resnette_protocol::Subsystem;
use resnette_protocol::persistence::Restored;
use resnette_protocol::race::Runner;
use resnette_protocol::run::RunShape;
use resnette_protocol::saved::slots::SlotId;
use resnette_spec::epoch::{EpochRow, Step};
use resnette_spec::loss_curve::LossCurve;
use resnette_spec::{BlockPlace, RunConfig};

use crate::run::rival::Race;

/// Where a run is, with what is only true there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is under way.
    #[default]
    Ready,
    /// Pictures or the engine are being loaded for the run. Pictures that a reader only wants to
    /// look at are no part of a run: they are loaded beside it
    /// ([`Loads`](crate::data::loads::Loads)).
    Loading {
        /// What they are loaded for.
        then: Then,
    },
    /// The first step is under way, for which WebGPU compiles its kernels.
    Compiling,
    /// Steps are being taken.
    Training,
    /// The run is paused between two steps.
    Paused,
    /// The reader stopped the run.
    Stopped {
        /// It was stopped before its first step, so the table is still that of the run before.
        before_start: bool,
    },
    /// The run ended as planned.
    Done,
    /// The run broke.
    Failed {
        /// The part that failed: if pictures could not be fetched, another source may help.
        during: Subsystem,
        /// Why, for the reader.
        reason: String,
    },
}

/// What follows when loading has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// A new run starts, and clears the table of the one before.
    Train,
    /// A saved run is read, is shown, and goes on.
    Continue,
    /// The run that is shown goes on, with its table.
    Resume,
}

/// What the reader asked of a run under way and the worker has not confirmed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingControl {
    /// To pause after the step that is under way.
    Pause,
    /// To go on.
    Resume,
    /// To train or validate one batch and stay paused.
    Step,
    /// To stop after the step that is under way.
    Stop,
    /// To go on with and without the skip connection of this block.
    Cut(BlockPlace),
    /// To end the race and go on with this network.
    Keep(Runner),
}

/// What a single step of a paused run did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SingleStep {
    /// It trained a batch.
    Trained(Step),
    /// It validated a batch: its number, from 0, and the number of batches.
    Validated(u32, u32),
    /// It ended this epoch.
    Ended(u32),
}

/// What is asked for about a run.
#[derive(Clone, Debug)]
pub enum RunAction {
    /// A worker was asked to train.
    AskTrain,
    /// A worker was asked to fine-tune the opened network.
    AskFineTune,
    /// A worker was asked to fine-tune the model that comes with the page.
    AskFineTuneShipped,
    /// The worker was asked to go on with a saved run: the one in this slot, or the one that was
    /// opened.
    AskContinue(Option<SlotId>),
    /// The worker was asked to pause or resume the run, to take a single step, or to stop.
    Control(PendingControl),
}

/// How many steps the table of first steps has.
pub const STEPS_KEPT: usize = 200;

/// A run as the page knows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// How far the run is.
    pub phase: Phase,
    /// Its settings as they were when it was requested.
    pub config: RunConfig,
    /// The network that it fine-tunes, if any.
    pub tuned: Option<String>,
    /// Its epochs, batches and classes.
    pub shape: Option<RunShape>,
    /// Epoch and batch of the last step, from 0.
    pub at: Option<(u32, u32)>,
    /// While validating: the batch, from 0, and the number of batches.
    pub validating: Option<(u32, u32)>,
    /// The rows of the epochs that have ended.
    pub rows: Vec<EpochRow>,
    /// The first steps.
    pub steps: Vec<Step>,
    /// The losses of all steps, thinned out.
    pub curve: LossCurve,
    /// Training pictures per second.
    pub rate: f32,
    /// For each block, the `log10` of the gradient's root mean square.
    pub gradients: Vec<f32>,
    /// What the reader asked for and the worker has not confirmed.
    pub pending: Option<PendingControl>,
    /// What the last single step did since the run was paused.
    pub single_step: Option<SingleStep>,
    /// The network without a skip connection that races the run; `None` while there is no race.
    pub race: Option<Race>,
    /// How the last race ended.
    pub race_note: Option<String>,
    /// Why what the reader asked for last was not done. The run is as it was.
    pub refusal: Option<String>,
    /// The run was read from a save and has not gone on since: its pictures are not loaded.
    pub restored: bool,
    /// The worker that had read it is gone, so it cannot go on by itself.
    pub lost: bool,
    /// The number of requests to begin or to go on that have not ended.
    asked: u32,
}

impl Run {
    /// Whether the worker is busy with the run, or holds it paused.
    pub fn under_way(&self) -> bool {
        matches!(
            self.phase,
            Phase::Loading { .. } | Phase::Compiling | Phase::Training | Phase::Paused
        )
    }

    /// A run of these settings was asked for; `tuned` is the network that it fine-tunes, if any.
    pub fn ask_train(&mut self, mut config: RunConfig, tuned: Option<String>) {
        self.begin(Then::Train);
        if tuned.is_some() {
            // As the engine does it: what is kept of a fine-tuning names its head.
            config.net.head = config.net.head.of_fine_tuning();
        }
        self.config = config;
        self.tuned = tuned;
    }

    /// A saved run was asked for, which brings its own table.
    pub fn ask_continue(&mut self) {
        self.begin(Then::Continue);
    }

    fn begin(&mut self, then: Then) {
        // What became of a race is still to be read where its engine was lost.
        if !matches!(self.phase, Phase::Failed { during: Subsystem::Engine, .. }) {
            self.race_note = None;
        }
        self.phase = Phase::Loading { then };
        self.pending = None;
        self.asked += 1;
    }

    /// A request to begin or to go on has ended. If it was called off and none has taken its place,
    /// the run that waited for it is stopped.
    pub fn request_ended(&mut self, cancelled: bool) {
        self.asked = self.asked.saturating_sub(1);
        if cancelled && self.asked == 0 && matches!(self.phase, Phase::Loading { .. }) {
            self.stopped();
        }
    }

    /// Shows a saved run in the place of this one.
    pub fn restore(&mut self, config: RunConfig, restored: Restored) {
        let phase = match (restored.done, &self.phase) {
            (true, _) => Phase::Done,
            (false, Phase::Loading { then: Then::Continue }) => {
                Phase::Loading { then: Then::Resume }
            }
            (false, _) => Phase::Paused,
        };
        *self = Self {
            phase,
            config,
            shape: Some(restored.shape),
            at: restored.at,
            rows: restored.rows,
            steps: first_steps(&restored.curve),
            curve: restored.curve,
            restored: true,
            asked: self.asked,
            // A run that goes on after its engine was lost says what became of the race.
            race_note: self.race_note.take(),
            ..Self::default()
        };
    }

    /// The worker has ended, and with it the run that it had read.
    pub fn engine_ended(&mut self) {
        self.lost |= self.restored;
        self.lose_race();
    }

    /// What was asked of the run has been done, or cannot be.
    pub fn control_ended(&mut self) {
        self.pending = None;
    }

    /// The worker was asked to pause, resume, take a single step or stop.
    pub fn control(&mut self, control: PendingControl) {
        self.pending = Some(control);
        self.refusal = None;
    }

    /// What was asked of the run cannot be done, for this reason, and the run is as it was.
    pub fn refuse(&mut self, reason: String) {
        self.refusal = Some(reason);
    }

    /// The run broke in this part of the engine, for this reason.
    pub fn fail(&mut self, during: Subsystem, reason: String) {
        (self.pending, self.refusal) = (None, None);
        self.phase = Phase::Failed { during, reason };
    }
}

/// The first steps of a curve, as far as none of them stands for several.
pub(super) fn first_steps(curve: &LossCurve) -> Vec<Step> {
    let unthinned = curve.points.iter().zip(0..).take_while(|(step, number)| step.step == *number);
    unthinned.map(|(step, _)| *step).take(STEPS_KEPT).collect()
}

#[cfg(test)]
pub mod tests;
