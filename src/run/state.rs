//! The run: what it goes through, from what the reader asks and what the worker says.

use resnette_picture::report::LoadProgress;
use resnette_protocol::Event;
use resnette_protocol::data::Waiting;
use resnette_protocol::persistence::Restored;
use resnette_protocol::run::{RunShape, StepReport};
use resnette_spec::RunConfig;
use resnette_spec::epoch::{EpochRow, Step};
use resnette_spec::loss_curve::LossCurve;

use crate::shell::action::Wish;

/// Where a run is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is under way.
    #[default]
    Ready,
    /// Pictures are coming, or the engine is.
    Loading,
    /// The first step is under way.
    Compiling,
    /// Steps are being taken.
    Training,
    /// The run holds.
    Paused,
    /// The reader ended it.
    Stopped,
    /// It ended as planned.
    Done,
    /// It broke, for this reason.
    Failed(String),
}

/// How many steps the table of steps keeps.
pub const STEPS_KEPT: usize = 200;

/// A run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// Where it is.
    pub phase: Phase,
    /// Its settings, as they were when it was asked for.
    pub config: RunConfig,
    /// The network that it went on from, where it is a fine-tuning.
    pub tuned: Option<String>,
    /// How large it is.
    pub shape: Option<RunShape>,
    /// Epoch and batch of the last step, from 0.
    pub at: Option<(u32, u32)>,
    /// Batch and number of batches, while validating.
    pub validating: Option<(u32, u32)>,
    /// Complete epochs.
    pub rows: Vec<EpochRow>,
    /// The first steps, as they came.
    pub steps: Vec<Step>,
    /// All steps, thinned.
    pub curve: LossCurve,
    /// Training pictures a second.
    pub rate: f32,
    /// `log10` of the gradient's root mean square, by block.
    pub gradients: Vec<f32>,
    /// How far loading has come.
    pub loading: LoadProgress,
    /// Loading waits before it asks its source again.
    pub waiting: Option<Waiting>,
    /// What the reader wants and the worker has not confirmed.
    pub wish: Option<Wish>,
    /// It broke while pictures were being fetched, so that another source may help.
    pub failed_at_data: bool,
    /// Training was asked for, so that loading is not the end.
    training: bool,
    /// The next start is a new run's: clear the table.
    fresh: bool,
    /// A saved run was asked for, and goes on as soon as it has been read.
    going_on: bool,
    /// A saved run is shown whose pictures are not there yet.
    pub frozen: bool,
}

impl Run {
    /// Whether the worker is at it, or holds.
    pub fn under_way(&self) -> bool {
        matches!(self.phase, Phase::Loading | Phase::Compiling | Phase::Training | Phase::Paused)
    }

    /// Whether only pictures are being loaded.
    pub fn only_loading(&self) -> bool {
        self.phase == Phase::Loading && !self.training
    }

    pub fn ask_train(&mut self, config: RunConfig, tuned: Option<String>) {
        self.begin(true);
        self.config = config;
        self.tuned = tuned;
    }

    pub fn ask_continue(&mut self) {
        self.begin(true);
        // The table is the saved run's own.
        self.fresh = false;
        self.going_on = true;
    }

    /// Shows a saved run in the place of this one.
    pub fn restore(&mut self, config: RunConfig, restored: Restored) {
        let phase = match (restored.done, self.going_on) {
            (true, _) => Phase::Done,
            (false, true) => Phase::Loading,
            (false, false) => Phase::Paused,
        };
        let unthinned =
            restored.curve.points.iter().zip(0..).take_while(|(step, number)| step.step == *number);
        *self = Self {
            phase,
            config,
            shape: Some(restored.shape),
            at: restored.at,
            rows: restored.rows,
            steps: unthinned.map(|(step, _)| *step).take(STEPS_KEPT).collect(),
            curve: restored.curve,
            training: true,
            frozen: true,
            ..Self::default()
        };
    }

    pub fn ask_load(&mut self) {
        self.begin(false);
    }

    fn begin(&mut self, training: bool) {
        self.phase = Phase::Loading;
        self.loading = LoadProgress::default();
        self.waiting = None;
        self.training = training;
        self.fresh = training;
        self.going_on = false;
        self.wish = None;
    }

    pub fn ask(&mut self, wish: Wish) {
        self.wish = Some(wish);
    }

    pub fn loaded(&mut self) {
        if self.only_loading() {
            self.phase = Phase::Ready;
        }
    }

    pub fn fail(&mut self, at_data: bool, reason: String) {
        self.wish = None;
        self.failed_at_data = at_data;
        self.phase = Phase::Failed(reason);
    }

    pub fn hear(&mut self, event: Event) {
        match event {
            Event::Loading(progress) => {
                self.loading = progress;
                if !matches!(self.phase, Phase::Training | Phase::Paused) {
                    self.phase = Phase::Loading;
                }
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
            Event::Paused => self.reach(Phase::Paused),
            Event::Resumed => self.reach(Phase::Training),
            Event::Done => self.reach(Phase::Done),
            // To cancel a download is not to stop a run.
            Event::Stopped if self.only_loading() => self.reach(Phase::Ready),
            Event::Stopped => self.reach(Phase::Stopped),
            _ => {}
        }
    }

    fn reach(&mut self, phase: Phase) {
        self.wish = None;
        self.validating = None;
        self.phase = phase;
    }

    fn started(&mut self, shape: RunShape) {
        if self.fresh {
            self.fresh = false;
            self.rows.clear();
            self.steps.clear();
            self.curve = LossCurve::default();
            self.gradients.clear();
            self.at = None;
            self.rate = 0.0;
        }
        self.shape = Some(shape);
        self.going_on = false;
        self.frozen = false;
        self.phase = Phase::Compiling;
    }

    fn step(&mut self, report: StepReport) {
        // Losses of steps that were in flight arrive after the word that the run holds or has
        // ended; they do not revive it.
        if matches!(self.phase, Phase::Ready | Phase::Loading | Phase::Compiling) {
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

#[cfg(test)]
mod tests {
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
        run.hear(Event::Loading(LoadProgress::default()));
        run.loaded();
        run.hear(Event::Started(RunShape {
            epochs: 5,
            batches: 10,
            valid_batches: 3,
            bs: 64,
            ..RunShape::default()
        }));
        run
    }

    #[test]
    fn loading_alone_ends_ready() {
        let mut run = Run::default();
        run.ask_load();
        assert!(run.only_loading());
        run.loaded();
        assert_eq!(run.phase, Phase::Ready);
        run.ask_load();
        run.hear(Event::Stopped);
        assert_eq!(run.status(), "Ready");
    }

    #[test]
    fn a_run_that_is_stopped_while_loading_has_no_place_yet() {
        let mut run = started();
        run.hear(steps(4, 9, 1.0));
        run.hear(Event::Done);
        run.ask_train(RunConfig::default(), None);
        run.hear(Event::Stopped);
        assert_eq!(run.status(), "Stopped");
    }

    #[test]
    fn late_losses_do_not_revive_a_run() {
        let mut run = started();
        for (event, status) in [
            (Event::Paused, "Paused at epoch 1 of 5, batch 3 of 10"),
            (Event::Stopped, "Stopped at epoch 1 of 5, batch 3 of 10"),
            (Event::Done, "Done"),
        ] {
            run.hear(event);
            run.hear(steps(0, 2, 1.0));
            assert_eq!(run.status(), status);
        }
        run.hear(Event::Resumed);
        run.hear(steps(0, 3, 1.0));
        assert_eq!(run.status(), "Training epoch 1 of 5, batch 4 of 10");
    }

    #[test]
    fn one_more_epoch_goes_on_with_the_table() {
        let mut run = started();
        run.hear(steps(4, 9, 1.0));
        run.hear(row(4, 1.0));
        run.hear(Event::Done);
        run.hear(Event::Started(RunShape { epochs: 6, batches: 10, ..RunShape::default() }));
        run.hear(steps(5, 0, 1.0));
        assert_eq!(
            (run.rows.len(), run.status()),
            (1, "Training epoch 6 of 6, batch 1 of 10".to_string())
        );
    }

    #[test]
    fn an_old_table_stays_until_the_new_run_starts() {
        let mut run = started();
        run.hear(steps(0, 9, 1.0));
        run.hear(row(0, 1.0));
        run.hear(Event::Done);
        run.ask_train(RunConfig::default(), None);
        assert_eq!(run.rows.len(), 1);
        run.hear(Event::Started(RunShape::default()));
        assert!(run.rows.is_empty() && run.steps.is_empty() && run.at.is_none());
    }

    #[test]
    fn only_the_first_steps_are_kept_one_by_one() {
        let mut run = started();
        for step in 0..300 {
            run.hear(steps(0, step, 1.0));
        }
        assert_eq!(run.steps.len(), STEPS_KEPT);
        assert_eq!(run.steps[0].step, 0);
        assert_eq!(run.curve.points.len(), 300);
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
        assert_eq!(opened.status(), "Paused at epoch 1 of 5, batch 10 of 10");
        assert!(opened.frozen);
        let mut finished = Run::default();
        finished.restore(RunConfig::default(), restored(true));
        assert_eq!(finished.status(), "Done");
        let mut run = Run::default();
        run.ask_continue();
        run.restore(RunConfig::default(), restored(false));
        run.loaded();
        assert_eq!(run.status(), "Loading pictures …");
        run.hear(Event::Started(RunShape { epochs: 5, batches: 10, ..RunShape::default() }));
        run.hear(steps(1, 0, 1.0));
        assert_eq!(run.status(), "Training epoch 2 of 5, batch 1 of 10");
        assert_eq!((run.rows.len(), run.steps.len(), run.frozen), (1, 4, false));
    }
}
