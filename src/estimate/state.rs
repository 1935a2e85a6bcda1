//! What the engine was asked about its pace, and what it has answered.

use std::rc::Rc;

use resnette_protocol::Outcome;
use resnette_protocol::estimate::Estimate;
use resnette_spec::run_time::{Pace, StepWork};

/// What the engine was asked about its pace, and what it has answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EstimateState {
    /// What it was asked and has not answered.
    asked: Option<Rc<StepWork>>,
    /// What it has answered last, or has refused to measure: it is not asked that again.
    settled: Option<Rc<StepWork>>,
    /// The pace that it has measured last.
    pub pace: Option<Rc<Pace>>,
}

impl EstimateState {
    /// Whether the engine should be asked about this step: it is not being asked about another one,
    /// and has not answered already.
    pub fn lacks(&self, work: &StepWork) -> bool {
        self.asked.is_none() && self.settled.as_deref() != Some(work)
    }

    /// The engine was asked.
    pub fn ask(&mut self, work: StepWork) {
        self.asked = Some(Rc::new(work));
    }

    /// The engine has answered.
    pub fn answered(&mut self, estimate: Estimate) {
        self.settled = Some(Rc::new(estimate.asked));
        self.pace = Some(Rc::new(estimate.pace));
    }

    /// The request has ended. One that had to make room for something else is made again.
    pub fn request_ended(&mut self, outcome: &Outcome) {
        let asked = self.asked.take();
        if *outcome != Outcome::Cancelled {
            self.settled = asked;
        }
    }

    /// The engine is gone. Another one has another pace.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use resnette_protocol::{Failure, Subsystem};
    use resnette_spec::RunConfig;

    use super::*;

    fn work(bs: u32) -> StepWork {
        StepWork { bs, ..StepWork::of(&RunConfig::default()) }
    }

    fn answer(bs: u32) -> Estimate {
        let pace = Pace { of: work(bs), step_seconds: 0.1, valid_seconds: 0.001 };
        Estimate { asked: work(bs), pace }
    }

    #[test]
    fn the_engine_is_asked_one_thing_at_a_time_and_nothing_twice() {
        let mut state = EstimateState::default();
        assert!(state.lacks(&work(64)));
        state.ask(work(64));
        assert!(!state.lacks(&work(64)) && !state.lacks(&work(32)));
        state.answered(answer(64));
        state.request_ended(&Outcome::Answered);
        assert!(!state.lacks(&work(64)) && state.lacks(&work(32)));
        assert_eq!(state.pace.as_deref(), Some(&answer(64).pace));
    }

    #[test]
    fn what_was_called_off_is_asked_again_and_what_was_refused_is_not() {
        let mut state = EstimateState::default();
        state.ask(work(64));
        state.request_ended(&Outcome::Cancelled);
        assert!(state.lacks(&work(64)));
        state.ask(work(64));
        let failure = Failure { during: Subsystem::Training, message: "too large".into() };
        state.request_ended(&Outcome::Refused(failure));
        assert!(!state.lacks(&work(64)) && state.lacks(&work(32)) && state.pace.is_none());
        state.forget();
        assert!(state.lacks(&work(64)));
    }
}
