//! Asks the engine to tell what it makes of the validation pictures, while the part is open.

use yew::prelude::*;

use crate::shell::commands::Commands;
use crate::watch::state::WatchState;

/// Tells the bridge what is watched whenever that changes, whichever place of the page is open; it
/// tells every engine. Nobody is told anything while the part has never been open.
#[hook]
pub fn use_watch(commands: &Commands, watch: &WatchState) {
    let bridge = commands.bridge.clone();
    let wanted = watch.open.then(|| watch.wanted.clone());
    let was_watched = use_mut_ref(|| false);
    use_effect_with(wanted, move |wanted| {
        let before = was_watched.replace(wanted.is_some());
        if before || wanted.is_some() {
            bridge.watch(wanted.clone());
        }
    });
}
