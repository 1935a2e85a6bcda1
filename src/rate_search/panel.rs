//! The card of the search for a learning rate: the curve, and buttons that apply what it suggests.

use std::rc::Rc;

use resnette_protocol::Command;
use resnette_spec::RunConfig;
use resnette_spec::lr_curve::LrPoint;
use yew::prelude::*;

use crate::charts::axis;
use crate::charts::axis::Axis;
use crate::charts::frame::Chart;
use crate::rate_search::state::{RateSearchState, Search};
use crate::rate_search::suggestions::{
    Suggestion, Suggestions, loss_at, mark_class, suggestions, two_figures,
};
use crate::shell::commands::use_commands;

/// Properties of [`RateSearch`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The settings for which a learning rate is searched.
    pub config: RunConfig,
    /// The state of the search.
    pub rates: Rc<RateSearchState>,
    /// Whether a run is under way, which needs the engine for itself.
    pub busy: bool,
    /// Whether the settings can be read but not changed.
    pub locked: bool,
}

/// The card of the search for a learning rate.
#[component]
pub fn RateSearch(props: &Props) -> Html {
    let commands = use_commands();
    let rates = &props.rates;
    let find = {
        let (commands, config) = (commands.clone(), props.config.clone());
        Callback::from(move |_: MouseEvent| commands.find_rate(config.clone()))
    };
    let cancel = Callback::from(move |_: MouseEvent| commands.bridge.tell(Command::Stop));
    html! {
        <details class="card fold finder" open={rates.asked}>
            <summary><h3>{"Which learning rate?"}</h3></summary>
            <p class="help finder-words"
                aria-live={if rates.search == Search::Trying { "off" } else { "polite" }}>
                {rates.words()}
            </p>
            <div class="actions">
                if rates.under_way() {
                    <button type="button" class="button" onclick={cancel}>
                        {"End the search"}
                    </button>
                } else {
                    <button type="button" class="button" disabled={props.busy} onclick={find}>
                        {"Find learning rate"}
                    </button>
                }
                if let Search::Over(Some(found)) = rates.search {
                    <Suggestions {found} lr={props.config.recipe.lr} locked={props.locked} />
                }
            </div>
            if !rates.points.is_empty() { <Curve rates={rates.clone()} /> }
        </details>
    }
}

/// Properties of [`Curve`].
#[derive(Properties, PartialEq)]
struct CurveProps {
    rates: Rc<RateSearchState>,
}

#[component]
fn Curve(props: &CurveProps) -> Html {
    let points = &props.rates.points;
    let ticks = ["1e-7", "1e-5", "0.001", "0.1", "10"].map(String::from).to_vec();
    let x = Axis { low: -7.0, high: 1.0, ticks };
    let y = loss_axis(points);
    let curve = |value: fn(&LrPoint) -> f64| {
        points.iter().map(move |point| (point.lr.log10(), value(point)))
    };
    let found = match props.rates.search {
        Search::Over(found) => found.map(suggestions),
        _ => None,
    };
    let words = found.as_ref().map_or_else(
        || format!("{} rates tried", points.len()),
        |[valley, ..]| {
            let loss = loss_at(points, valley.rate).unwrap_or_default();
            format!("valley at {}, where the loss is {loss:.3}", two_figures(valley.rate))
        },
    );
    let mark = |(index, suggestion): (usize, &Suggestion)| {
        let at = loss_at(points, suggestion.rate).map(|loss| (suggestion.rate.log10(), loss));
        html! { <path class={mark_class(index)} d={axis::marks(at, &x, &y)} /> }
    };
    html! {
        <Chart name="Loss" by="learning rate" words={words.clone()} x={x.clone()} y={y.clone()}
            key_of={html! { <span class="chart-words">{words.clone()}</span> }}>
            <path class="line-raw" d={axis::line(curve(|point| point.loss), &x, &y)} />
            <path class="line-train" d={axis::line(curve(|point| point.smooth), &x, &y)} />
            {for found.iter().flatten().enumerate().map(mark)}
        </Chart>
    }
}

/// An axis from the lowest loss to a little above the first. The loss that blows up at the end
/// would flatten all the rest.
fn loss_axis(points: &[LrPoint]) -> Axis {
    let smooth = |point: &LrPoint| point.smooth;
    let first = points.first().map_or(1.0, smooth);
    let low = points.iter().map(smooth).fold(first, f64::min);
    Axis::around([low, first + (first - low).max(0.1)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_is_made_for_the_fall_and_not_for_the_explosion() {
        let point = |smooth| LrPoint { lr: 1e-3, loss: smooth, smooth };
        let axis = loss_axis(&[point(2.3), point(1.8), point(900.0)]);
        assert!(axis.low <= 1.8 && axis.high >= 2.3 && axis.high < 4.0, "{axis:?}");
        assert!(loss_axis(&[]).high > loss_axis(&[]).low);
    }
}
