//! The page's name and its four places.

use resnette_spec::link::View;
use resnette_spec::{Link, write_link};
use yew::prelude::*;

use crate::shell::action::Action;
use crate::shell::commands::use_page;
use crate::widgets::icons;

/// What the header shows.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings, for the addresses of the places.
    pub link: Link,
}

const PLACES: [(View, &str); 4] = [
    (View::Data, "Data"),
    (View::Train, "Train"),
    (View::Predict, "Predict"),
    (View::Learn, "Learn"),
];

/// The header.
#[component]
pub fn Header(props: &Props) -> Html {
    let page = use_page();
    let places = PLACES.iter().map(|&(view, name)| {
        let page = page.clone();
        let onclick = Callback::from(move |event: MouseEvent| {
            // With a modifier the reader wants a new tab, which the browser does by the address.
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                page.act(Action::Go(view));
            }
        });
        let href = format!("#{}", write_link(&Link { view, ..props.link.clone() }));
        let current = (props.link.view == view).then_some("page");
        html! { <li key={name}><a {href} {onclick} aria-current={current}>{name}</a></li> }
    });
    html! {
        <header class="site-header">
            <p class="brand">{icons::logo()}<span>{"Resnette"}</span><span class="tagline">{"train a ResNet in this tab"}</span></p>
            <nav aria-label="Places"><ul>{for places}</ul></nav>
        </header>
    }
}
