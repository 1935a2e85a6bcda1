//! Asks the engine how fast it is, once the settings have been left alone for a while.

use gloo_timers::callback::Timeout;
use resnette_protocol::Command;
use resnette_protocol::estimate::EstimateRequest;
use resnette_spec::run_time::StepWork;
use yew::prelude::*;

use crate::engine::action::EngineAction;
use crate::shell::action::Action;
use crate::shell::commands::Commands;

/// How long nothing changes before the engine is asked, in milliseconds.
const QUIET: u32 = 1_000;

/// Asks the engine about this step (`State::wanted_estimate`), if any, once it has been wanted for
/// a second without a break. No engine is started for it.
#[hook]
pub fn use_estimate(commands: &Commands, wanted: Option<StepWork>) {
    let commands = commands.clone();
    use_effect_with(wanted, move |wanted| {
        let timer = wanted.clone().map(|work| {
            Timeout::new(QUIET, move || {
                commands.dispatch(Action::Engine(EngineAction::AskEstimate(work.clone())));
                commands.bridge.tell(Command::Estimate(EstimateRequest { work }));
            })
        });
        move || drop(timer)
    });
}
