//! The run for a class: the epoch table, the loss and the status on one screen, in large type, and
//! nothing to press but the way out. The link says so (`present=1`).

use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::run::curves::Loss;
use crate::run::epoch_table::table;
use crate::run::state::Run;
use crate::shell::commands::{Commands, use_commands};
use crate::shell::platform;
use crate::widgets::bar::Progress;
use crate::widgets::live_text::live_text;

/// The id of the button in Train, which has the focus again when the view is left.
const BUTTON: &str = "projector-view";

/// The button in Train that opens the view.
#[component]
pub fn ProjectorButton() -> Html {
    let commands = use_commands();
    let onclick = Callback::from(move |_: MouseEvent| {
        commands.project(true);
        platform::ask_for_full_screen();
    });
    html! {
        <p class="actions">
            <button type="button" id={BUTTON} class="button quiet-button" {onclick}
                title="The table and the loss alone, in large type. Escape leads back">
                {"Projector view"}
            </button>
        </p>
    }
}

/// While the view is `on`, Escape leaves it, and so does giving the whole screen back, for which a
/// browser keeps Escape to itself.
#[hook]
pub fn use_projector(commands: &Commands, on: bool) {
    let was = use_mut_ref(|| false);
    let commands = commands.clone();
    use_effect_with(on, move |&on| {
        let before = was.replace(on);
        if on {
            platform::focus("main");
        } else if before {
            platform::leave_full_screen();
            platform::focus(BUTTON);
        }
        let listeners = platform::document().filter(|_| on).map(|document| {
            let by_key = commands.clone();
            let key = EventListener::new(&document, "keydown", move |event| {
                let key = event.dyn_ref::<KeyboardEvent>();
                if key.is_some_and(|key| key.key() == "Escape") {
                    by_key.project(false);
                }
            });
            let screen = EventListener::new(&document, "fullscreenchange", move |_| {
                if !platform::is_full_screen() {
                    commands.project(false);
                }
            });
            [key, screen]
        });
        move || drop(listeners)
    });
}

/// Properties of [`Projector`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The run.
    pub run: Rc<Run>,
    /// The text of the status line.
    pub status: String,
}

/// The whole view.
#[component]
pub fn Projector(props: &Props) -> Html {
    let commands = use_commands();
    let run = &props.run;
    let room = use_node_ref();
    use_effect_with(run.rows.len(), {
        let room = room.clone();
        move |_| {
            // Whoever looks at the screen cannot scroll it: the newest row is in sight.
            if let Some(room) = room.cast::<Element>() {
                room.set_scroll_top(room.scroll_height());
            }
        }
    });
    let leave = Callback::from(move |_: MouseEvent| commands.project(false));
    let failed = props.status.starts_with("Failed");
    html! {
        <div class="projection">
            <h1 class="visually-hidden">{"Train"}</h1>
            <section class="run-bar" aria-label="Run">
                <p class={classes!("status", failed.then_some("status-bad"))} role="status"
                    aria-live="off" translate="no">
                    {live_text(props.status.clone())}
                </p>
                <Progress name="Run" share={run.run_share()} />
            </section>
            <div ref={room} tabindex="0" role="region" aria-label="Epoch table"
                class={classes!("card", "table-room", "projection-table", rows_class(run))}>
                {table(&run.rows)}
                if run.rows.is_empty() {
                    <p class="empty">{"The first row comes with the end of the first epoch."}</p>
                }
            </div>
            <h2 class="visually-hidden">{"Curves"}</h2>
            <Loss run={run.clone()} />
            <button type="button" class="button projection-leave" onclick={leave}>
                {"Leave the projector view"}
            </button>
        </div>
    }
}

/// The class that keeps room for the rows of the run from the start; more than eight are scrolled.
fn rows_class(run: &Run) -> &'static str {
    let epochs = run.shape.as_ref().map_or(run.config.recipe.epochs, |shape| shape.epochs);
    match epochs {
        0..=3 => "projection-3",
        4..=5 => "projection-5",
        _ => "projection-8",
    }
}

#[cfg(test)]
mod tests {
    use resnette_protocol::run::RunShape;

    use super::*;

    #[test]
    fn there_is_room_for_eight_rows_at_most() {
        let mut run = Run::default();
        let mut class = |epochs| {
            run.shape = Some(RunShape { epochs, ..RunShape::default() });
            rows_class(&run)
        };
        assert_eq!([1, 3].map(&mut class), ["projection-3"; 2]);
        assert_eq!([4, 5].map(&mut class), ["projection-5"; 2]);
        assert_eq!([6, 8, 100].map(&mut class), ["projection-8"; 3]);
    }
}
