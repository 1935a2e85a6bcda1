//! The list of settings in a link that were refused.

use resnette_spec::SettingError;
use yew::prelude::*;

use crate::route::action::LinkAction;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::widgets::{format, icons};

/// The most refused settings that are listed: a link can hold thousands.
const MOST: usize = 10;

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
                {for listed(&props.problems).into_iter().map(|line| html! { <li>{line}</li> })}
            </ul>
            <button type="button" class="button icon-button" aria-label="Close this list" {onclick}>
                {icons::close()}
            </button>
        </div>
    }
}

/// The lines of the list: the first problems, and how many more there are.
fn listed(problems: &[SettingError]) -> Vec<String> {
    let mut lines: Vec<String> = problems.iter().take(MOST).map(ToString::to_string).collect();
    let more = problems.len().saturating_sub(MOST) as u64;
    if more > 0 {
        lines.push(format!("… and {} more", format::count(more)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::link::read_link;

    #[test]
    fn thousands_of_refused_settings_are_summed_up() {
        let listed = |count: usize| {
            let (_, problems) = read_link(&vec!["x"; count].join("&"));
            assert_eq!(problems.len(), count);
            listed(&problems)
        };
        assert_eq!(listed(MOST).len(), MOST);
        assert!(listed(MOST).iter().all(|line| line.contains("no setting of this page")));
        // As many as a link of 8,000 bytes can hold.
        let lines = listed(4_000);
        assert_eq!((lines.len(), lines[MOST].as_str()), (MOST + 1, "… and 3,990 more"));
    }
}
