//! Asks the engine to tell what it makes of the validation pictures, while the part is open.

use resnette_protocol::Command;
use yew::prelude::*;

use crate::shell::commands::Commands;
use crate::watch::state::WatchState;

/// Tells the engine what is watched whenever that changes, whichever place of the page is open. An
/// engine that was started later is told too, and nobody is told anything while the part has never
/// been open. No engine is started for it.
#[hook]
pub fn use_watch(commands: &Commands, watch: &WatchState, is_engine_there: bool) {
    let bridge = commands.bridge.clone();
    let wanted = (watch.open && is_engine_there).then(|| watch.wanted.clone());
    let was_watched = use_mut_ref(|| false);
    use_effect_with(wanted, move |wanted| {
        let before = was_watched.replace(wanted.is_some());
        if before || wanted.is_some() {
            bridge.tell(Command::Watch(wanted.clone()));
        }
    });
}
