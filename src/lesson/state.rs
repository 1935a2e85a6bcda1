//! What the lesson's experiments have found.

use std::collections::BTreeMap;
use std::rc::Rc;

use resnette_protocol::lesson::{Clock, Event, GammaPoint, Look, SURFACE, Task, Variant};

/// Measured times that are kept.
const MOST_CLOCKS: usize = 8;

/// What the experiments have found, and which is under way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LessonState {
    /// The experiment under way, and how far it is from 0 to 1.
    pub busy: Option<(Task, f32)>,
    /// What failed last, and why.
    pub failure: Option<(Task, String)>,
    /// Gradient at the input of each block at the start.
    pub gradients: BTreeMap<Variant, Vec<f32>>,
    /// Distance from the identity.
    pub gamma: Vec<GammaPoint>,
    /// Losses of the steps of the newest training.
    pub losses: BTreeMap<Variant, Vec<f32>>,
    /// What was seen in the picture.
    pub look: Option<Rc<Look>>,
    /// Times, newest first.
    pub clocks: Vec<Clock>,
    /// Rows of the loss surfaces.
    pub heights: BTreeMap<Variant, Vec<Vec<f32>>>,
}

impl LessonState {
    pub fn ask(&mut self, task: Task) {
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

    pub fn hear(&mut self, tell: Event) {
        match tell {
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
                // Rows come in order; one that does not, or that has another length, is of another
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

    /// A new order ends the old one, whose end is told after the new one was asked for.
    fn end(&mut self, task: Task) {
        if self.busy.is_some_and(|(busy, _)| busy == task) {
            self.busy = None;
        }
    }

    /// The engine is gone, and with it what was under way.
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
            state.hear(tell);
        }
        assert_eq!(state.losses[&Variant::Deep], [2.0, 1.5, 1.0]);
        state.hear(losses(0, &[]));
        assert!(state.losses[&Variant::Deep].is_empty());
    }

    #[test]
    fn the_end_of_another_experiment_does_not_end_this_one() {
        let mut state = LessonState::default();
        state.ask(Task::Look);
        state.hear(Event::Cancelled(Task::Race));
        assert_eq!(state.busy, Some((Task::Look, 0.0)));
        state.hear(Event::Failed(Task::Look, "broken".into()));
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
            state.hear(tell);
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
