//! Keeps the settings and the address bar in step.

use gloo_events::EventListener;
use yew::prelude::*;

use crate::route::action::LinkAction;
use crate::route::link::{Link, read_link, write_link};
use crate::shell::action::Action;
use crate::shell::platform;
use crate::shell::state::State;

/// Writes the settings into the hash when they change, and reads them when the reader changes the
/// hash. Returns how many times a hash has requested a start by itself (`autostart=1`).
#[hook]
pub fn use_hash(state: &UseReducerHandle<State>, first: &Link) -> u32 {
    let starts = use_state(|| u32::from(first.autostart));
    {
        let dispatcher = state.dispatcher();
        let starts = starts.clone();
        use_effect_with(*starts, move |&count| {
            let listener = platform::window().map(|window| {
                EventListener::new(&window, "hashchange", move |_| {
                    let (link, problems) = read_link(&platform::hash());
                    let autostart = link.autostart;
                    dispatcher.dispatch(Action::Link(LinkAction::Opened(link.into(), problems)));
                    if autostart {
                        starts.set(count + 1);
                    }
                })
            });
            move || drop(listener)
        });
    }
    let link = state.link.clone();
    use_effect_with(link, |link| {
        let written = write_link(link);
        let untouched = platform::hash().is_empty() && *link == Link::default();
        if !untouched && platform::hash().trim_start_matches('#') != written {
            platform::replace_hash(&written);
        }
    });
    *starts
}
