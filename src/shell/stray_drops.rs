//! Files that are dropped beside every place for them. They are opened if it is clear what for;
//! otherwise a note says where they belong.

use resnette_spec::RunConfig;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::route::link::View;
use crate::shell::commands::use_commands;
use crate::shell::drop_listener::use_stray_drops;
use crate::widgets::icons;
use crate::widgets::opened_files::Dropped;

/// Properties of [`StrayDrops`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings that dropped pictures are loaded with.
    pub run: RunConfig,
    /// The place that is open.
    pub view: View,
    /// Whether the settings can be read but not changed.
    pub locked: bool,
    /// Whether a run is under way.
    pub busy: bool,
}

/// A note on why dropped files were not opened. Draws nothing if there is nothing to say.
#[component]
pub fn StrayDrops(props: &Props) -> Html {
    let commands = use_commands();
    let note = use_state(|| None::<&'static str>);
    {
        let note = note.clone();
        use_effect_with((props.view, props.busy), move |_| note.set(None));
    }
    let on_drop = {
        let note = note.clone();
        use_callback(
            (props.run.clone(), refusal(props.view, props.locked, props.busy)),
            move |dropped: Dropped, (run, refusal)| {
                note.set(*refusal);
                if refusal.is_none() {
                    let (commands, run) = (commands.clone(), run.clone());
                    spawn_local(async move { commands.open_dropped(dropped.files().await, &run) });
                }
            },
        )
    };
    use_stray_drops(on_drop);
    let Some(words) = *note else { return Html::default() };
    let onclick = Callback::from(move |_: MouseEvent| note.set(None));
    html! {
        <div class="problems" role="alert">
            <p>{words}</p>
            <button type="button" class="button icon-button" aria-label="Close this note" {onclick}>
                {icons::close()}
            </button>
        </div>
    }
}

/// Why files are not taken that were dropped beside every place for them; `None` if they are taken.
fn refusal(view: View, locked: bool, busy: bool) -> Option<&'static str> {
    match view {
        View::Data if locked => Some(
            "Nothing was opened: whoever made this link has locked the settings, and with them the \
             pictures.",
        ),
        View::Data if busy => Some(
            "Nothing was opened: a run or a download is under way. Stop it or let it end, then \
             drop the files again.",
        ),
        View::Data => None,
        View::Predict => Some(
            "Nothing was opened. Drop a picture onto Open a picture to ask the network about it; \
             pictures to train on belong in Data.",
        ),
        View::Train | View::Learn => Some(
            "Nothing was opened. Pictures to train on can be dropped in Data, pictures to ask \
             about in Predict.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_data_takes_files_and_only_while_they_can_be_used() {
        for view in [View::Data, View::Train, View::Predict, View::Learn] {
            assert_eq!(refusal(view, false, false).is_none(), view == View::Data);
            assert!(refusal(view, true, false).is_some() && refusal(view, false, true).is_some());
        }
    }
}
