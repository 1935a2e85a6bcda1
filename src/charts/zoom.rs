//! A zoom for charts that share their lower edge: buttons for the keyboard, and a drag across a
//! chart for the pointer.

use yew::prelude::*;

use crate::charts::axis::Axis;
use crate::charts::span::Span;

/// A zoom that several charts share.
pub struct Zoom {
    /// The axis along the lower edge as it is now.
    pub x: Axis,
    /// Zooms to a span. Charts call it with what was dragged across.
    pub choose: Callback<Span>,
    /// Whether a part is shown and not the whole.
    pub zoomed: bool,
    whole: Span,
    now: Span,
    set: UseStateHandle<Option<(f64, Span)>>,
}

/// A zoom over `whole`. When `whole` changes, all of it is shown again.
#[hook]
pub fn use_zoom(whole: Axis) -> Zoom {
    let set = use_state(|| None::<(f64, Span)>);
    let all = Span { from: whole.low, to: whole.high };
    let chosen =
        (*set).filter(|(high, span)| *high == whole.high && *span != all).map(|(_, span)| span);
    let choose = {
        let set = set.clone();
        Callback::from(move |span: Span| set.set(Some((whole.high, span))))
    };
    // The axis has round numbers at evenly spaced ticks around the span.
    let x = chosen.map_or_else(|| whole.clone(), |span| Axis::around([span.from, span.to]));
    Zoom { x, choose, zoomed: chosen.is_some(), whole: all, now: chosen.unwrap_or(all), set }
}

impl Zoom {
    /// The values of the points in sight, from which the left axis is made.
    pub fn visible<'a>(&'a self, points: &'a [(f64, f64)]) -> impl Iterator<Item = f64> + 'a {
        points
            .iter()
            .filter(|(at, _)| (self.x.low..=self.x.high).contains(at))
            .map(|(_, value)| *value)
    }

    /// The buttons of the zoom, folded away while there is nothing to look at yet (`empty`).
    pub fn bar(&self, label: &'static str, empty: bool) -> Html {
        let press = |name: &'static str, span: Span, disabled: bool| {
            let choose = self.choose.clone();
            let onclick = Callback::from(move |_: MouseEvent| choose.emit(span));
            html! {
                <button key={name} type="button" class="button quiet-button" {disabled} {onclick}>
                    {name}
                </button>
            }
        };
        let reset = {
            let set = self.set.clone();
            Callback::from(move |_: MouseEvent| set.set(None))
        };
        let (now, whole) = (self.now, self.whole);
        let words = match (self.x.ticks.first(), self.x.ticks.last()) {
            (Some(first), Some(last)) if self.zoomed => format!("epochs {first} to {last}"),
            _ if empty => String::new(),
            _ => "drag across a chart to look closer".into(),
        };
        let bar = html! {
            <div class="zoom-bar" role="group" aria-label={label}>
                {press("Zoom in", now.inward(whole), empty || now.inward(whole) == now)}
                {press("Zoom out", now.outward(whole), !self.zoomed)}
                {press("Earlier", now.moved(-1.0, whole), now.from <= whole.from)}
                {press("Later", now.moved(1.0, whole), now.to >= whole.to)}
                <button type="button" class="button quiet-button" disabled={!self.zoomed}
                    onclick={reset}>
                    {"Whole run"}
                </button>
                <span class="help" aria-live="polite">{words}</span>
            </div>
        };
        if empty {
            html! { <details class="menu"><summary>{"Zoom"}</summary>{bar}</details> }
        } else {
            bar
        }
    }
}
