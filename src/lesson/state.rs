//! What the lesson's experiments have found.

use std::collections::BTreeMap;
use std::rc::Rc;

use resnette_protocol::lesson::{Clock, Event, GammaPoint, Look, SURFACE, Task, Variant};

/// How many measured times are kept.
const MOST_CLOCKS: usize = 8;

/// What the experiments have found, and which one is under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LessonState {
    /// The experiment under way and how far it is, from 0 to 1.
    pub busy: Option<(Task, f32)>,
    /// The experiment that failed last, and why.
    pub failure: Option<(Task, String)>,
    /// The gradient at the input of each block before training.
    pub gradients: BTreeMap<Variant, Vec<f32>>,
    /// How far a block is from the identity, for several values of gamma.
    pub gamma: Vec<GammaPoint>,
    /// The losses of the steps of the newest training.
    pub losses: BTreeMap<Variant, Vec<f32>>,
    /// What was found in the picture.
    pub look: Option<Rc<Look>>,
    /// Measured times, newest first.
    pub clocks: Vec<Clock>,
    /// The rows of the loss surfaces.
    pub heights: BTreeMap<Variant, Vec<Vec<f32>>>,
}

/// A change of what the lesson shows, or a request of it.
#[derive(Clone, Debug)]
pub enum LessonAction {
    /// An experiment was asked for.
    Ask(Task),
    /// The demos look at another picture, so what was found in the old one is dropped.
    ChangePicture,
}

impl LessonState {
    /// Applies what the reader does.
    pub fn act(&mut self, action: LessonAction) {
        match action {
            LessonAction::Ask(task) => self.ask(task),
            LessonAction::ChangePicture => self.look = None,
        }
    }

    fn ask(&mut self, task: Task) {
        self.failure = None;
        self.busy = Some((task, 0.0));
        match task {
            Task::Race => {
                self.gradients.clear();
                self.losses.clear();
            }
            Task::Surface => self.heights.clear(),
            Task::Look | Task::Clock => {}
        }
    }

    /// Takes what the worker reports about the experiments.
    pub fn on_event(&mut self, event: Event) {
        match event {
            Event::Progress(task, share) => self.busy = Some((task, share)),
            Event::Gradients(variant, sizes) => {
                self.gradients.insert(variant, sizes);
            }
            Event::Gamma(points) => self.gamma = points,
            Event::Losses { variant, from, losses } => {
                let all = self.losses.entry(variant).or_default();
                all.truncate(from as usize);
                all.extend(losses);
            }
            Event::Looked(look) => self.look = Some(Rc::new(*look)),
            Event::Clocked(clock) => {
                self.clocks
                    .retain(|other| (other.channels, other.side) != (clock.channels, clock.side));
                self.clocks.insert(0, clock);
                self.clocks.truncate(MOST_CLOCKS);
            }
            Event::Heights { variant, row, losses } => {
                let rows = self.heights.entry(variant).or_default();
                // Rows come in order. A row out of order or of another length belongs to another
                // experiment.
                if rows.len() == row as usize && losses.len() == SURFACE as usize {
                    rows.push(losses);
                }
            }
            Event::Finished(task) | Event::Cancelled(task) => self.end(task),
            Event::Failed(task, message) => {
                self.end(task);
                self.failure = Some((task, message));
            }
        }
    }

    /// Marks an experiment as ended. A new request ends the old experiment, whose end is reported
    /// after the new one began.
    fn end(&mut self, task: Task) {
        if self.busy.is_some_and(|(busy, _)| busy == task) {
            self.busy = None;
        }
    }

    /// The engine is gone, and with it the experiment under way.
    pub fn give_up(&mut self) {
        if let Some((task, _)) = self.busy.take() {
            self.failure = Some((
                task,
                "the engine was ended, and the experiment with it; start it again".into(),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_come_in_pieces_and_a_new_training_starts_afresh() {
        let mut state = LessonState::default();
        let losses = |from, losses: &[f32]| Event::Losses {
            variant: Variant::Deep,
            from,
            losses: losses.to_vec(),
        };
        for tell in [losses(0, &[]), losses(0, &[2.0]), losses(1, &[1.5, 1.0])] {
            state.on_event(tell);
        }
        assert_eq!(state.losses[&Variant::Deep], [2.0, 1.5, 1.0]);
        state.on_event(losses(0, &[]));
        assert!(state.losses[&Variant::Deep].is_empty());
    }

    #[test]
    fn the_end_of_another_experiment_does_not_end_this_one() {
        let mut state = LessonState::default();
        state.ask(Task::Look);
        state.on_event(Event::Cancelled(Task::Race));
        assert_eq!(state.busy, Some((Task::Look, 0.0)));
        state.on_event(Event::Failed(Task::Look, "broken".into()));
        assert_eq!((state.busy, state.failure), (None, Some((Task::Look, "broken".into()))));
    }

    #[test]
    fn rows_of_a_surface_come_in_order() {
        let mut state = LessonState::default();
        let row =
            |row, length| Event::Heights { variant: Variant::Skip, row, losses: vec![1.0; length] };
        for tell in [
            row(0, SURFACE as usize),
            row(2, SURFACE as usize),
            row(1, 3),
            row(1, SURFACE as usize),
        ] {
            state.on_event(tell);
        }
        assert_eq!(state.heights[&Variant::Skip].len(), 2);
    }

    #[test]
    fn an_engine_that_goes_takes_the_experiment_with_it() {
        let mut state = LessonState::default();
        state.give_up();
        assert_eq!(state, LessonState::default());
        state.ask(Task::Race);
        state.give_up();
        assert!(state.busy.is_none() && state.failure.is_some());
    }
}
