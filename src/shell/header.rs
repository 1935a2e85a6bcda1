//! The header with the page's name and its four places.

use yew::prelude::*;

use crate::route::action::LinkAction;
use crate::route::link::{Link, View, write_link};
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::widgets::icons;

/// Properties of [`Header`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The link, from which the addresses of the places are made.
    pub link: Link,
}

const PLACES: [(View, &str); 4] = [
    (View::Data, "Data"),
    (View::Train, "Train"),
    (View::Predict, "Predict"),
    (View::Learn, "Learn"),
];

/// The page's name and the links to its four places.
#[component]
pub fn Header(props: &Props) -> Html {
    let commands = use_commands();
    let places = PLACES.iter().map(|&(view, name)| {
        let commands = commands.clone();
        let onclick = Callback::from(move |event: MouseEvent| {
            // With a modifier key the reader wants a new tab, which the browser opens by the
            // address.
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                commands.dispatch(Action::Link(LinkAction::GoTo(view)));
            }
        });
        let href = format!("#{}", write_link(&Link { view, ..props.link.clone() }));
        let current = (props.link.view == view).then_some("page");
        html! { <li key={name}><a {href} {onclick} aria-current={current}>{name}</a></li> }
    });
    html! {
        <header class="site-header">
            <p class="brand">
                {icons::logo()}
                <span>{"Resnette"}</span>
                <span class="tagline">{"train a neural network in your browser"}</span>
            </p>
            <nav aria-label="Places"><ul>{for places}</ul></nav>
        </header>
    }
}
