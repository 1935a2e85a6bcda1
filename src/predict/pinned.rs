//! The pinned picture follows the training, whichever place of the page is open.

use std::rc::Rc;

use resnette_spec::RunConfig;
use yew::prelude::*;

use crate::predict::state::PredictState;
use crate::shell::commands::Page;

/// Asks about the open picture again whenever what is known of it is no longer what the reader
/// wants to see.
#[hook]
pub fn use_pinned(page: &Page, predict: &Rc<PredictState>, run: &RunConfig) {
    let (page, predict, run) = (page.clone(), predict.clone(), run.clone());
    use_effect_with(predict.due(), move |due| {
        if let Some(picture) = due {
            page.ask_again(picture.clone(), predict.look.explain(), &run);
        }
    });
}
