//! Bars, as SVG: a strict content policy forbids style attributes, and a rectangle's width is none.

use yew::prelude::*;

/// A share of a whole.
#[derive(Properties, PartialEq)]
pub struct BarProps {
    /// From 0 to 1.
    pub share: f64,
    /// Class of the bar.
    #[prop_or_default]
    pub class: Classes,
}

/// A bar that only shows; the number stands beside it.
#[component]
pub fn Bar(props: &BarProps) -> Html {
    let width = format!(
        "{:.2}",
        if props.share.is_finite() { props.share.clamp(0.0, 1.0) * 100.0 } else { 0.0 }
    );
    html! {
        <svg class={classes!("bar", props.class.clone())} viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect class="bar-track" width="100" height="1" />
            <rect class="bar-fill" {width} height="1" />
        </svg>
    }
}

/// How far something is.
#[derive(Properties, PartialEq)]
pub struct ProgressProps {
    /// Its name.
    pub name: AttrValue,
    /// From 0 to 1.
    pub share: f64,
}

/// A progress bar with its name.
#[component]
pub fn Progress(props: &ProgressProps) -> Html {
    // Whole percents: a screen reader must not be told of every batch.
    let percent = (props.share.clamp(0.0, 1.0) * 100.0).floor() as u32;
    html! {
        <div class="progress">
            <span class="progress-name" aria-hidden="true">{&props.name}</span>
            <div role="progressbar" aria-label={props.name.clone()} aria-valuemin="0" aria-valuemax="100" aria-valuenow={percent.to_string()}>
                <Bar share={props.share} />
            </div>
            <span class="progress-percent" aria-hidden="true">{format!("{percent} %")}</span>
        </div>
    }
}
