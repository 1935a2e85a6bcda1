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
        self.pending = None;
        self.phase = Phase::Failed { during, reason };
    }
}

/// The first steps of a curve, as far as none of them stands for several.
pub(super) fn first_steps(curve: &LossCurve) -> Vec<Step> {
    let unthinned = curve.points.iter().zip(0..).take_while(|(step, number)| step.step == *number);
    unthinned.map(|(step, _)| *step).take(STEPS_KEPT).collect()
}

#[cfg(test)]
pub mod tests {
    use resnette_picture::report::LoadProgress;
    use resnette_protocol::Event;
    use resnette_protocol::run::StepReport;

    use super::*;

    pub fn steps(epoch: u32, batch: u32, rate: f32) -> Event {
        let step = epoch * 10 + batch;
        let steps = vec![Step { step, loss: 2.0, smooth: 2.0, lr: 0.001, mom: 0.9 }];
        Event::Steps(StepReport { epoch, batch, steps, rate, gradients: vec![] })
    }

    pub fn row(epoch: u32, seconds: f32) -> Event {
        Event::Epoch(EpochRow { epoch, seconds, ..EpochRow::default() })
    }

    pub fn started() -> Run {
        let mut run = Run::default();
        run.ask_train(RunConfig::default(), None);
        run.on_event(Event::Loading(LoadProgress::default()));
        run.on_event(Event::Started(RunShape {
            epochs: 5,
            batches: 10,
            valid_batches: 3,
            bs: 64,
            ..RunShape::default()
        }));
        run
    }

    #[test]
    fn a_run_that_is_stopped_while_loading_has_no_place_yet() {
        let mut run = started();
        run.on_event(steps(4, 9, 1.0));
        run.on_event(Event::Done);
        run.ask_train(RunConfig::default(), None);
        run.on_event(Event::Stopped);
        assert_eq!(run.status(), "Stopped");
    }

    /// The worker may still be at the run before when another one is asked for.
    #[test]
    fn what_comes_late_is_not_of_the_run_that_is_being_loaded() {
        let mut run = started();
        run.on_event(steps(0, 9, 1.0));
        run.on_event(row(0, 1.0));
        run.ask_train(RunConfig::default(), None);
        for late in [steps(1, 0, 1.0), row(1, 1.0), Event::Paused] {
            run.on_event(late);
            assert_eq!(run.phase, Phase::Loading { then: Then::Train });
        }
        assert_eq!((run.rows.len(), run.at), (1, Some((0, 9))));
        run.on_event(Event::Started(RunShape::default()));
        assert!(run.rows.is_empty() && run.at.is_none());
    }

    #[test]
    fn a_request_that_is_called_off_stops_the_run_unless_another_took_its_place() {
        let mut run = Run::default();
        run.ask_train(RunConfig::default(), None);
        run.ask_train(RunConfig::default(), None);
        run.request_ended(true);
        assert_eq!(run.phase, Phase::Loading { then: Then::Train });
        run.request_ended(true);
        assert_eq!(run.phase, Phase::Stopped { before_start: true });
        // The end of a request of a run that is under way says nothing about it.
        let mut run = started();
        run.request_ended(false);
        assert_eq!(run.phase, Phase::Compiling);
    }

    #[test]
    fn late_losses_do_not_revive_a_run() {
        let mut run = started();
        for (event, status) in [
            (Event::Paused, "Paused at epoch 0 of 5, batch 3 of 10"),
            (Event::Stopped, "Stopped at epoch 0 of 5, batch 3 of 10"),
            (Event::Done, "Done"),
        ] {
            run.on_event(event);
            run.on_event(steps(0, 2, 1.0));
            assert_eq!(run.status(), status);
        }
        run.on_event(Event::Resumed);
        run.on_event(steps(0, 3, 1.0));
        assert_eq!(run.status(), "Training epoch 0 of 5, batch 4 of 10");
    }

    #[test]
    fn a_paused_run_says_what_its_last_single_step_did() {
        let mut run = started();
        run.on_event(steps(0, 2, 1.0));
        run.on_event(Event::Paused);
        for (event, status) in [
            (steps(0, 3, 1.0), "Paused after step 3, loss 2.000"),
            (
                Event::Validating { epoch: 0, batch: 0, batches: 3 },
                "Paused after validation batch 1 of 3",
            ),
            (row(0, 1.0), "Paused after epoch 0"),
        ] {
            run.control(PendingControl::Step);
            run.on_event(event);
            run.control_ended();
            assert_eq!((run.status().as_str(), run.pending), (status, None));
            assert_eq!(run.phase, Phase::Paused);
        }
        assert_eq!((run.curve.points.len(), run.rows.len(), run.at), (2, 1, Some((0, 3))));
        run.on_event(Event::Resumed);
        run.on_event(steps(1, 0, 1.0));
        run.on_event(Event::Paused);
        assert_eq!(run.status(), "Paused at epoch 1 of 5, batch 1 of 10");
    }

    #[test]
    fn one_more_epoch_goes_on_with_the_table() {
        let mut run = started();
        run.on_event(steps(4, 9, 1.0));
        run.on_event(row(4, 1.0));
        run.on_event(Event::Done);
        run.on_event(Event::Started(RunShape { epochs: 6, batches: 10, ..RunShape::default() }));
        run.on_event(steps(5, 0, 1.0));
        assert_eq!(
            (run.rows.len(), run.status()),
            (1, "Training epoch 5 of 6, batch 1 of 10".to_string())
        );
    }

    #[test]
    fn an_old_table_stays_until_the_new_run_starts() {
        let mut run = started();
        run.on_event(steps(0, 9, 1.0));
        run.on_event(row(0, 1.0));
        run.on_event(Event::Done);
        run.ask_train(RunConfig::default(), None);
        assert_eq!(run.rows.len(), 1);
        run.on_event(Event::Started(RunShape::default()));
        assert!(run.rows.is_empty() && run.steps.is_empty() && run.at.is_none());
    }

    #[test]
    fn only_the_first_steps_are_kept_one_by_one() {
        let mut run = started();
        for step in 0..300 {
            run.on_event(steps(0, step, 1.0));
        }
        assert_eq!(run.steps.len(), STEPS_KEPT);
        assert_eq!(run.steps[0].step, 0);
        assert_eq!(run.curve.points.len(), 300);
    }

    #[test]
    fn a_run_that_is_opened_after_a_failed_one_is_paused() {
        let mut run = Run::default();
        run.ask_continue();
        run.fail(Subsystem::Data, "no connection".into());
        run.restore(
            RunConfig::default(),
            Restored {
                link: String::new(),
                shape: RunShape::default(),
                rows: vec![],
                curve: LossCurve::default(),
                at: None,
                done: false,
                note: None,
            },
        );
        assert_eq!(run.phase, Phase::Paused, "nothing is being loaded for it");
    }

    #[test]
    fn a_download_that_fails_says_so_and_another_start_forgets_it() {
        let mut run = started();
        run.on_event(Event::Done);
        run.ask_train(RunConfig::default(), None);
        run.fail(Subsystem::Data, "no connection".into());
        assert!(matches!(run.phase, Phase::Failed { during: Subsystem::Data, .. }));
        assert_eq!(run.status(), "Failed: no connection");
        run.ask_train(RunConfig::default(), None);
        run.fail(Subsystem::Engine, "no memory".into());
        assert!(!matches!(run.phase, Phase::Failed { during: Subsystem::Data, .. }));
    }

    #[test]
    fn a_saved_run_shows_its_table_and_waits_or_goes_on() {
        let curve = || {
            let mut curve = LossCurve::default();
            (0..3).for_each(|step| curve.push(Step { step, loss: 2.0, ..Step::default() }));
            curve
        };
        let restored = |done| Restored {
            link: String::new(),
            shape: RunShape { epochs: 5, batches: 10, ..RunShape::default() },
            rows: vec![EpochRow::default()],
            curve: curve(),
            at: Some((0, 9)),
            done,
            note: None,
        };
        let mut opened = Run::default();
        opened.restore(RunConfig::default(), restored(false));
        assert_eq!(opened.status(), "Paused at epoch 0 of 5, batch 10 of 10");
        assert!(opened.restored);
        let mut finished = Run::default();
        finished.restore(RunConfig::default(), restored(true));
        assert_eq!(finished.status(), "Done");
        let mut run = Run::default();
        run.ask_continue();
        run.restore(RunConfig::default(), restored(false));
        assert_eq!(run.status(), "Loading pictures …");
        run.on_event(Event::Started(RunShape { epochs: 5, batches: 10, ..RunShape::default() }));
        run.on_event(steps(1, 0, 1.0));
        assert_eq!(run.status(), "Training epoch 1 of 5, batch 1 of 10");
        assert_eq!((run.rows.len(), run.steps.len(), run.restored), (1, 4, false));
    }
}
