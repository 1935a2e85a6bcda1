//! A map of the validation pictures: near each other is what the network finds alike.

use std::rc::Rc;

use resnette_protocol::watch::{Snapshot, WatchedPoint};
use yew::prelude::*;

use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::shell::platform;
use crate::watch::places::{SIDE, next, places, visits};
use crate::watch::state::WatchAction;
use crate::widgets::format;

/// Number of colours. Classes beyond have the colours of the first ones again; each has a number of
/// its own.
const COLOURS: u32 = 10;

/// Properties of [`Map`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The pictures.
    pub found: Rc<Snapshot>,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// The position of the pinned picture.
    pub pinned: usize,
}

/// The map and its legend. Each picture is the number of its class in the class' colour, with a
/// ring around it if the network is wrong about it, and a square around the pinned one. The
/// keyboard and the pointer pin one.
#[component]
pub fn Map(props: &Props) -> Html {
    let commands = use_commands();
    let points = &props.found.points;
    let focused = use_state(|| None::<usize>);
    let order = use_memo(props.found.clone(), |found| visits(&found.points));
    let at = (*focused).filter(|at| *at < points.len()).unwrap_or(props.pinned);
    let pin = {
        let commands = commands.clone();
        Callback::from(move |index: usize| {
            commands.dispatch(Action::Watch(WatchAction::Pin(index as u32)))
        })
    };
    let onkeydown = {
        let (order, focused, pin) = (order.clone(), focused.clone(), pin.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            if matches!(key.as_str(), "Enter" | " ") {
                event.prevent_default();
                pin.emit(at);
            } else if let Some(next) = next(&order, at, &key) {
                event.prevent_default();
                focused.set(Some(next));
                platform::focus(&id(next));
            }
        })
    };
    let marks = points.iter().zip(places(points)).enumerate().map(|(index, (point, (x, y)))| {
        let (pin, focused) = (pin.clone(), focused.clone());
        let onclick = Callback::from(move |_: MouseEvent| pin.emit(index));
        let onfocus = Callback::from(move |_: FocusEvent| focused.set(Some(index)));
        let is_pinned = index == props.pinned;
        let class = classes!(
            "watch-point",
            colour(point.truth),
            (!point.is_right()).then_some("watch-wrong"),
            is_pinned.then_some("watch-pinned"),
        );
        html! {
            <g key={index} id={id(index)} {class} role="button"
                transform={format!("translate({x:.1} {y:.1})")}
                tabindex={if index == at { "0" } else { "-1" }}
                aria-label={name(point, &props.classes)} aria-pressed={is_pinned.to_string()}
                {onclick} {onfocus}>
                if is_pinned {
                    <rect class="watch-pin" x="-11" y="-11" width="22" height="22" rx="3" />
                }
                <circle r="9" />
                <text y="4" aria-hidden="true">{point.truth + 1}</text>
            </g>
        }
    });
    let label = format!(
        "Map of {}. The arrow keys go from picture to picture, those with a wrong guess first; \
         Enter pins one",
        format::plural(points.len() as u64, "validation picture")
    );
    html! {
        <div class="watch-map">
            <svg viewBox={format!("0 0 {SIDE:.0} {SIDE:.0}")} role="group" aria-label={label}
                translate="no" {onkeydown}>
                {for marks}
            </svg>
            <Legend found={props.found.clone()} classes={props.classes.clone()} />
        </div>
    }
}

/// The id of a point.
fn id(index: usize) -> String {
    format!("watch-point-{index}")
}

/// The class of a colour.
fn colour(label: u32) -> String {
    format!("watch-colour-{}", label % COLOURS)
}

/// The name of a class, or its number where there is none.
pub fn class_name(classes: &[String], label: u32) -> String {
    classes.get(label as usize).cloned().unwrap_or_else(|| format!("class {}", label + 1))
}

/// A picture in words, with the number of its class on the map: “5 church, right with 82.1 %” or
/// “5 church, mistaken for tench with 50.0 %”.
pub fn name(point: &WatchedPoint, classes: &[String]) -> String {
    let truth = match classes.get(point.truth as usize) {
        Some(name) => format!("{} {name}", point.truth + 1),
        None => class_name(classes, point.truth),
    };
    match point.guesses.first() {
        Some((_, share)) if point.is_right() => {
            format!("{truth}, right with {}", format::percent(*share))
        }
        Some((guess, share)) => {
            let guess = class_name(classes, *guess);
            format!("{truth}, mistaken for {guess} with {}", format::percent(*share))
        }
        None => truth,
    }
}

#[derive(Properties, PartialEq)]
struct LegendProps {
    found: Rc<Snapshot>,
    classes: Vec<String>,
}

/// The classes with their numbers and colours, and how many pictures of each are right.
#[component]
fn Legend(props: &LegendProps) -> Html {
    let entries = props.classes.iter().zip(0_u32..).filter_map(|(name, label)| {
        let own = || props.found.points.iter().filter(move |point| point.truth == label);
        let (right, all) = (own().filter(|point| point.is_right()).count(), own().count());
        (all > 0).then(|| {
            html! {
                <li key={label}>
                    <span class={classes!("watch-number", colour(label))} translate="no">
                        {label + 1}
                    </span>
                    {format!(" {name}: {right} of {all} right")}
                </li>
            }
        })
    });
    html! {
        <div class="watch-legend">
            <ul aria-label="Classes on the map">{for entries}</ul>
            <p class="help">
                {"A ring marks a picture that the network is wrong about, a square the pinned one."}
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::state::tests::point;

    #[test]
    fn a_picture_says_what_it_shows_and_what_the_network_says() {
        let classes = ["tench".to_string(), "church".to_string()];
        let right = point(0.0, 0.0, 1, &[(1, 0.821), (0, 0.1)]);
        assert_eq!(name(&right, &classes), "2 church, right with 82.1 %");
        let wrong = point(0.0, 0.0, 1, &[(0, 0.5)]);
        assert_eq!(name(&wrong, &classes), "2 church, mistaken for tench with 50.0 %");
        assert_eq!(name(&point(0.0, 0.0, 7, &[]), &classes), "class 8");
    }
}
