//! What of a link was refused.

use resnette_spec::SettingError;
use yew::prelude::*;

use crate::route::action::LinkAction;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::widgets::icons;

/// What is listed.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The refusals.
    pub problems: Vec<SettingError>,
}

/// The list, or nothing.
#[component]
pub fn Problems(props: &Props) -> Html {
    let commands = use_commands();
    if props.problems.is_empty() {
        return Html::default();
    }
    let onclick = Callback::from(move |_: MouseEvent| {
        commands.dispatch(Action::Link(LinkAction::DismissProblems))
    });
    html! {
        <div class="problems" role="alert">
            <p>{"Some settings of this link were refused; all others are kept."}</p>
            <ul>{for props.problems.iter().map(|problem| html! { <li>{problem.to_string()}</li> })}</ul>
            <button type="button" class="button icon-button" aria-label="Close this list" {onclick}>{icons::close()}</button>
        </div>
    }
}
