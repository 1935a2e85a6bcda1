//! What would be lost if the engine ended, or if another run took its network's place.

use resnette_protocol::predict::SHIPPED;

use crate::run::state::Phase;
use crate::shell::question::Stake;
use crate::shell::state::State;

impl State {
    /// What would be lost with the network that the engine holds.
    pub fn stake(&self) -> Stake {
        let run = &self.run;
        if run.under_way() {
            return Stake::UnderWay;
        }
        if self.engine.is_none() {
            return Stake::Nothing;
        }
        let trained = !run.rows.is_empty();
        let kept = self.saving.own_run().is_some() && !self.saving.unkept && run.tuned.is_none();
        let opened = self.predict.from_file
            && self.predict.model.as_ref().is_some_and(|model| model.name != SHIPPED);
        match run.phase {
            _ if trained && !kept && !run.restored => Stake::Unkept,
            Phase::Stopped { before_start: false } | Phase::Failed { .. } if trained => {
                Stake::Unfinished
            }
            _ if trained || opened => Stake::Kept,
            _ => Stake::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use resnette_protocol::engine::{EngineInfo, EngineKind};
    use resnette_protocol::persistence::{AutosaveOutcome, Kept};
    use resnette_protocol::run::RunShape;
    use resnette_protocol::{Event, Failure, Subsystem};
    use resnette_spec::epoch::EpochRow;
    use yew::Reducible;

    use super::*;
    use crate::engine::action::EngineAction;
    use crate::route::link::Link;
    use crate::run::state::RunAction;
    use crate::shell::action::Action;

    fn act(state: Rc<State>, actions: Vec<Action>) -> Rc<State> {
        actions.into_iter().fold(state, |state, action| state.reduce(action))
    }

    fn heard(event: Event) -> Action {
        Action::Event(Box::new(event))
    }

    /// A run with one complete epoch.
    fn trained() -> Rc<State> {
        let info = EngineInfo { kind: EngineKind::Cpu, device: String::new() };
        let state = Rc::new(State::new(Link::default(), vec![]));
        assert_eq!(state.stake(), Stake::Nothing);
        act(
            state,
            vec![
                Action::Run(RunAction::AskTrain),
                heard(Event::Ready(info)),
                heard(Event::Started(RunShape::default())),
                heard(Event::Epoch(EpochRow::default())),
            ],
        )
    }

    fn saved() -> Action {
        let kept = Kept { slot: 7, ..Kept::default() };
        heard(Event::Autosaved(AutosaveOutcome::Saved { epoch: 1, done: true, kept }))
    }

    #[test]
    fn what_is_at_stake_follows_the_run_and_its_save() {
        let state = trained();
        assert_eq!(state.stake(), Stake::UnderWay);
        let unsaved = act(state.clone(), vec![heard(Event::Done)]);
        assert_eq!(unsaved.stake(), Stake::Unkept);
        let done = act(state.clone(), vec![saved(), heard(Event::Done)]);
        assert_eq!(done.stake(), Stake::Kept);
        let stopped = act(state.clone(), vec![saved(), heard(Event::Stopped)]);
        assert_eq!(stopped.stake(), Stake::Unfinished);
        let full = heard(Event::Autosaved(AutosaveOutcome::Failed("full".to_string().into())));
        let unkept = act(state, vec![saved(), full, heard(Event::Done)]);
        assert_eq!(unkept.stake(), Stake::Unkept);
        // The engine is gone, and nothing more can be lost.
        let ended = act(unkept, vec![Action::Engine(EngineAction::Ended)]);
        assert_eq!(ended.stake(), Stake::Nothing);
    }

    #[test]
    fn a_failed_load_beside_a_run_puts_nothing_at_stake() {
        let failure = Failure { during: Subsystem::Data, message: "no connection".into() };
        let state = act(trained(), vec![saved(), Action::Failed(failure)]);
        assert_eq!(state.stake(), Stake::UnderWay);
    }
}
