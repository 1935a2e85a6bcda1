//! A race as the page knows it: the network without a skip connection, beside the run, which has
//! it.

use resnette_protocol::persistence::Restored;
use resnette_protocol::race::Race as Told;
use resnette_spec::BlockPlace;
use resnette_spec::loss_curve::LossCurve;

use crate::run::rival::Race;
use crate::run::state::{Phase, Run, first_steps};

impl Run {
    /// Whether a skip connection of the run can be cut now.
    pub fn can_be_cut(&self) -> bool {
        matches!(self.phase, Phase::Training | Phase::Paused)
            && !self.restored
            && self.race.is_none()
            && self.tuned.is_none()
    }

    /// Takes what the worker tells of a race.
    pub fn race_told(&mut self, told: Told) {
        match told {
            Told::Begun { place, steps } => {
                let (curve, rows) = (LossCurve::default(), Vec::new());
                self.race = Some(Race { place, common: steps, curve, rows });
                self.race_note = None;
            }
            Told::Steps(steps) => {
                if let Some(race) = &mut self.race {
                    steps.into_iter().for_each(|step| race.curve.push(step));
                }
            }
            Told::Epoch(row) => {
                if let Some(race) = &mut self.race {
                    race.rows.push(row);
                }
            }
            Told::Ended { kept, note } => {
                let race = self.race.take();
                self.race_note = Some(note);
                if let (Some(race), Some(kept)) = (race, kept) {
                    self.take_over(race.place, *kept);
                }
            }
        }
    }

    /// The race has ended with its engine.
    pub(super) fn lose_race(&mut self) {
        if let Some(race) = self.race.take() {
            self.race_note = Some(format!(
                "The engine stopped, which ended the race. The network with the skip of {} is kept \
                 as last saved.",
                race.place.words()
            ));
        }
    }

    /// The network without the skip is the run from now on, which stays where it is.
    fn take_over(&mut self, place: BlockPlace, kept: Restored) {
        place.add_to(&mut self.config.net.cut);
        self.shape = Some(kept.shape);
        self.at = kept.at;
        self.rows = kept.rows;
        self.steps = first_steps(&kept.curve);
        self.curve = kept.curve;
        self.gradients.clear();
        (self.validating, self.single_step) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_protocol::Event;
    use resnette_protocol::run::RunShape;
    use resnette_spec::epoch::{EpochRow, Step};

    use super::*;
    use crate::run::state::tests::{row, started, steps};

    const PLACE: BlockPlace = BlockPlace { stage: 2, block: 1 };

    fn step(step: u32, loss: f32) -> Step {
        Step { step, loss, smooth: loss, ..Step::default() }
    }

    fn racing() -> Run {
        let mut run = started();
        run.on_event(steps(0, 0, 1.0));
        assert!(run.can_be_cut());
        run.on_event(Event::Race(Told::Begun { place: PLACE, steps: 1 }));
        run.on_event(Event::Race(Told::Steps(vec![step(1, 3.0)])));
        run
    }

    #[test]
    fn a_race_has_losses_and_rows_of_its_own() {
        let mut run = racing();
        assert!(!run.can_be_cut());
        assert_eq!(
            run.status(),
            "Training epoch 0 of 5, batch 1 of 10, with the skip and without it"
        );
        let Event::Epoch(mine) = row(0, 1.0) else { panic!("a row") };
        run.on_event(Event::Race(Told::Epoch(mine)));
        let race = run.race.clone().unwrap();
        assert_eq!((race.curve.points.len(), race.rows.len()), (1, 1));
        assert_eq!((run.curve.points.len(), run.rows.len()), (1, 0));
    }

    #[test]
    fn the_one_with_the_skip_is_the_run_as_it_was() {
        let mut run = racing();
        let before = run.clone();
        run.on_event(Event::Race(Told::Ended { kept: None, note: "Kept.".into() }));
        assert_eq!((&run.race, run.race_note.as_deref()), (&None, Some("Kept.")));
        assert_eq!((run.config, run.curve), (before.config, before.curve));
    }

    #[test]
    fn the_one_without_it_takes_its_place() {
        let mut run = racing();
        let mut curve = LossCurve::default();
        [step(0, 2.0), step(1, 3.0), step(2, 4.0)].into_iter().for_each(|step| curve.push(step));
        let kept = Restored {
            link: String::new(),
            shape: RunShape { epochs: 5, batches: 10, parameters: 7, ..RunShape::default() },
            rows: vec![EpochRow::default()],
            curve,
            at: Some((0, 2)),
            done: false,
            note: None,
        };
        let kept = Some(Box::new(kept));
        run.on_event(Event::Race(Told::Ended { kept, note: "Kept.".into() }));
        assert_eq!(run.config.net.cut, [PLACE]);
        assert_eq!((run.rows.len(), run.steps.len(), run.at), (1, 3, Some((0, 2))));
        assert_eq!(run.status(), "Training epoch 0 of 5, batch 3 of 10");
        assert!(run.can_be_cut());
    }

    #[test]
    fn a_race_ends_with_its_engine_and_says_so() {
        let mut run = racing();
        run.engine_ended();
        assert!(run.race.is_none());
        assert!(run.race_note.is_some_and(|note| note.contains("stage 2, block 1 is kept")));
    }
}
