//! The list of settings in a link that were refused.

use resnette_spec::SettingError;
use yew::prelude::*;

use crate::route::action::LinkAction;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::widgets::icons;

/// Properties of [`RefusedSettings`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings that were refused, and why.
    pub problems: Vec<SettingError>,
}

/// The list of refused settings. Draws nothing if there are none.
#[component]
pub fn RefusedSettings(props: &Props) -> Html {
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
            <ul>
                {for props.problems.iter().map(|problem| html! { <li>{problem.to_string()}</li> })}
            </ul>
            <button type="button" class="button icon-button" aria-label="Close this list" {onclick}>
                {icons::close()}
            </button>
        </div>
    }
}
