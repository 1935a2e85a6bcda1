//! Bars as SVG, because the content security policy forbids style attributes and the width of a
//! rectangle is none.

use yew::prelude::*;

use crate::widgets::live_text::live_text;

/// Properties of [`Bar`].
#[derive(Properties, PartialEq)]
pub struct BarProps {
    /// The length of the bar, from 0 to 1.
    pub share: f64,
    /// The class of the bar.
    #[prop_or_default]
    pub class: Classes,
}

/// A bar that repeats the number beside it and is hidden from screen readers.
#[component]
pub fn Bar(props: &BarProps) -> Html {
    let width = format!(
        "{:.2}",
        if props.share.is_finite() { props.share.clamp(0.0, 1.0) * 100.0 } else { 0.0 }
    );
    html! {
        <svg class={classes!("bar", props.class.clone())} viewBox="0 0 100 1"
            preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect class="bar-track" width="100" height="1" />
            <rect class="bar-fill" {width} height="1" />
        </svg>
    }
}

/// Properties of [`Progress`].
#[derive(Properties, PartialEq)]
pub struct ProgressProps {
    /// The name of the bar.
    pub name: AttrValue,
    /// The progress, from 0 to 1.
    pub share: f64,
}

/// A progress bar with its name.
#[component]
pub fn Progress(props: &ProgressProps) -> Html {
    // Whole percents, so that screen readers do not announce every batch.
    let percent = (props.share.clamp(0.0, 1.0) * 100.0).floor() as u32;
    html! {
        <div class="progress">
            <span class="progress-name" aria-hidden="true">{&props.name}</span>
            <div role="progressbar" aria-label={props.name.clone()} aria-valuemin="0"
                aria-valuemax="100" aria-valuenow={percent.to_string()}>
                <Bar share={props.share} />
            </div>
            <span class="progress-percent" aria-hidden="true" translate="no">
                {live_text(format!("{percent} %"))}
            </span>
        </div>
    }
}
