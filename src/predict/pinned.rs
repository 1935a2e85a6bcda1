//! Predicts the pinned picture again during training, whichever place of the page is open.

use std::rc::Rc;

use resnette_spec::RunConfig;
use yew::prelude::*;

use crate::predict::state::PredictState;
use crate::shell::commands::Commands;

/// Predicts the open picture again whenever what is known of it is out of date.
#[hook]
pub fn use_pinned(commands: &Commands, predict: &Rc<PredictState>, run: &RunConfig) {
    let (commands, predict, run) = (commands.clone(), predict.clone(), run.clone());
    use_effect_with(predict.due(), move |due| {
        if let Some(picture) = due {
            commands.ask_again(picture.clone(), predict.look.explain(), &run);
        }
    });
}
