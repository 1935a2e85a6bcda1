//! Which parts of the lesson are open, and where the reader goes.
//!
//! One step is open at a time, so that the page stays short, unless the reader opens several with
//! “Open all steps”. All steps are on the page, closed ones hidden: answers, demos and what the
//! browser finds on the page are the same whether a step is open or not.

use std::rc::Rc;

use resnette_lesson::{Progress, STEPS};
use yew::Reducible;

use crate::lesson::target::{Part, Target};

/// Something to do once the parts are drawn. Each counts, so that going to one place twice is two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// Focus this place, at the top of the window.
    GoTo(Target, u32),
    /// Bring the heading of a part that was opened to the top of the window: what was open before
    /// it has closed and moved it. The focus stays on its button.
    Show(Part, u32),
    /// Keep the heading of a part that was closed in the window.
    KeepInSight(Part, u32),
}

/// Which parts of the lesson are open, and the last move.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    steps: [bool; STEPS.len()],
    glossary: bool,
    /// The last move.
    pub last: Option<Move>,
    moves: u32,
}

/// What a reader does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReadingAction {
    /// Follows a link.
    Visit(Target),
    /// Presses the heading of a part.
    Press(Part),
    /// Lets the browser find something in a closed part.
    Find(Part),
    /// Opens all steps, or all but the first open one are closed.
    OpenAll(bool),
}

impl Reading {
    /// As the lesson opens: with the part that a link leads to, or the first step that has an open
    /// question.
    pub fn new(target: Option<Target>, progress: &Progress) -> Self {
        let unfinished = STEPS.iter().position(|step| {
            let (done, all) = progress.step_counts(step);
            done < all
        });
        let mut reading = Self::default();
        reading.open(target.map_or(Part::Step(unfinished.unwrap_or(0)), Target::part));
        reading
    }

    /// Whether a part is open.
    pub fn shows(&self, part: Part) -> bool {
        match part {
            Part::Step(step) => self.steps.get(step) == Some(&true),
            Part::Glossary => self.glossary,
        }
    }

    /// Whether all steps are open.
    pub fn shows_all(&self) -> bool {
        self.steps.iter().all(|open| *open)
    }

    /// The step that is open, if it is the only one.
    pub fn only_step(&self) -> Option<usize> {
        let mut open = (0..STEPS.len()).filter(|step| self.steps[*step]);
        open.next().filter(|_| open.next().is_none())
    }

    /// Opens a part. A step closes the other one, unless the reader has opened several.
    fn open(&mut self, part: Part) {
        match part {
            Part::Step(step) => {
                if self.steps.iter().filter(|open| **open).count() < 2 {
                    self.steps = [false; STEPS.len()];
                }
                if let Some(open) = self.steps.get_mut(step) {
                    *open = true;
                }
            }
            Part::Glossary => self.glossary = true,
        }
    }

    fn close(&mut self, part: Part) {
        match part {
            Part::Step(step) => {
                if let Some(open) = self.steps.get_mut(step) {
                    *open = false;
                }
            }
            Part::Glossary => self.glossary = false,
        }
    }

    /// The reading after what the reader did.
    pub fn after(mut self, action: ReadingAction) -> Self {
        self.moves = self.moves.wrapping_add(1);
        match action {
            ReadingAction::Visit(target) => {
                self.open(target.part());
                self.last = Some(Move::GoTo(target, self.moves));
            }
            ReadingAction::Press(part) => {
                self.last = Some(if self.shows(part) {
                    self.close(part);
                    Move::KeepInSight(part, self.moves)
                } else {
                    self.open(part);
                    Move::Show(part, self.moves)
                });
            }
            // The browser scrolls to what it has found.
            ReadingAction::Find(part) => {
                self.open(part);
                self.last = None;
            }
            ReadingAction::OpenAll(all) => {
                let first = self.steps.iter().position(|open| *open).unwrap_or(0);
                self.steps = std::array::from_fn(|step| all || step == first);
                self.last = None;
            }
        }
        self
    }
}

impl Reducible for Reading {
    type Action = ReadingAction;

    fn reduce(self: Rc<Self>, action: ReadingAction) -> Rc<Self> {
        Rc::new(self.after(action))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_lesson::{Answer, check, numbered};

    use super::*;

    fn open_steps(reading: &Reading) -> Vec<usize> {
        (0..STEPS.len()).filter(|step| reading.shows(Part::Step(*step))).collect()
    }

    fn opened(slug: &str) -> Reading {
        Reading::new(Target::read(slug), &Progress::default())
    }

    #[test]
    fn one_step_is_open_at_a_time() {
        let mut reading = opened("");
        assert_eq!(open_steps(&reading), [0]);
        for step in [3, 5, 0] {
            reading = reading.after(ReadingAction::Press(Part::Step(step)));
            assert_eq!((open_steps(&reading), reading.only_step()), (vec![step], Some(step)));
        }
        reading = reading.after(ReadingAction::Press(Part::Step(0)));
        assert_eq!((open_steps(&reading), reading.only_step()), (vec![], None));
    }

    #[test]
    fn every_link_opens_the_step_that_it_leads_into() {
        for (slug, step) in [
            ("bottleneck", 4),
            ("evidence-map", 1),
            ("question-14", 2),
            ("question-22", 5),
            ("kernel", 0),
        ] {
            assert_eq!(open_steps(&opened(slug)), [step], "{slug}");
            let target = Target::read(slug).unwrap();
            let reading = opened("").after(ReadingAction::Visit(target));
            assert_eq!(open_steps(&reading), [step], "{slug}");
            assert_eq!(reading.last, Some(Move::GoTo(target, 1)));
        }
        let reading = opened("glossary");
        assert!(reading.shows(Part::Glossary) && open_steps(&reading).is_empty());
        // The glossary is looked into while a step is read.
        let reading = opened("kernel").after(ReadingAction::Press(Part::Glossary));
        assert!(reading.shows(Part::Glossary) && open_steps(&reading) == [0]);
    }

    #[test]
    fn going_to_one_place_twice_is_two_moves() {
        let visit = ReadingAction::Visit(Target::read("residual").unwrap());
        let once = opened("").after(visit);
        assert_ne!(once.last, once.after(visit).last);
    }

    #[test]
    fn several_steps_stay_open_once_all_were() {
        let all = opened("bottleneck").after(ReadingAction::OpenAll(true));
        assert!(all.shows_all() && all.only_step().is_none());
        let reading = all.after(ReadingAction::Press(Part::Step(1)));
        assert_eq!(open_steps(&reading), [0, 2, 3, 4, 5]);
        let reading = reading.after(ReadingAction::Find(Part::Step(1)));
        assert!(reading.shows_all() && reading.last.is_none());
        assert_eq!(open_steps(&reading.after(ReadingAction::OpenAll(false))), [0]);
    }

    #[test]
    fn whoever_comes_back_finds_the_first_unfinished_step_open() {
        let mut progress = Progress::default();
        let question = numbered(1).unwrap();
        let answer = Answer::Choice(2);
        progress.record(question, &answer, &check(question, &answer));
        assert_eq!(open_steps(&Reading::new(None, &progress)), [1]);
    }
}
