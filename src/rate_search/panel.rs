//! The card of the search for a learning rate: the curve, and buttons that apply what it suggests.

use std::rc::Rc;

use resnette_protocol::Command;
use resnette_spec::RunConfig;
use resnette_spec::lr_curve::{LrPoint, LrSuggestions};
use yew::prelude::*;

use crate::charts::axis;
use crate::charts::axis::Axis;
use crate::charts::frame::Chart;
use crate::rate_search::state::{RateSearchState, Search};
use crate::shell::commands::use_commands;

/// Properties of [`RateSearch`].
#[derive(Properties, PartialEq)]
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
                    <Apply {found} lr={props.config.recipe.lr} locked={props.locked} />
                }
            </div>
            if !rates.points.is_empty() { <Curve rates={rates.clone()} /> }
        </details>
    }
}

/// Properties of [`Apply`].
#[derive(Properties, PartialEq)]
struct ApplyProps {
    found: LrSuggestions,
    /// The learning rate of the settings.
    lr: f64,
    locked: bool,
}

/// fastai's four suggestions, with a button for each that applies it.
#[component]
fn Apply(props: &ApplyProps) -> Html {
    let commands = use_commands();
    let LrSuggestions { valley, slide, minimum, steep } = props.found;
    let offers =
        [("valley", valley), ("slide", slide), ("minimum / 10", minimum), ("steepest", steep)];
    let buttons = offers.into_iter().map(|(name, rate)| {
        let rate = two_figures(rate);
        let (text, commands) = (rate.to_string(), commands.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            commands.set("lr", text.clone());
        });
        html! {
            <button key={name} type="button" class="chip"
                aria-pressed={(rate == props.lr).to_string()} disabled={props.locked} {onclick}>
                {format!("Use {rate} ({name})")}
            </button>
        }
    });
    html! { <div class="chips" role="group" aria-label="Suggested rates">{for buttons}</div> }
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
    let valley = match props.rates.search {
        Search::Over(Some(found)) => points.iter().find(|point| point.lr == found.valley),
        _ => None,
    };
    let words = valley.map_or_else(
        || format!("{} rates tried", points.len()),
        |point| {
            format!("valley at {}, where the loss is {:.3}", two_figures(point.lr), point.smooth)
        },
    );
    let marks = axis::marks(valley.map(|point| (point.lr.log10(), point.smooth)), &x, &y);
    html! {
        <Chart name="Loss" by="learning rate" words={words.clone()} x={x.clone()} y={y.clone()}
            key_of={html! { <span class="chart-words">{words.clone()}</span> }}>
            <path class="line-raw" d={axis::line(curve(|point| point.loss), &x, &y)} />
            <path class="line-train" d={axis::line(curve(|point| point.smooth), &x, &y)} />
            <path class="mark-valid" d={marks} />
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

/// The rate rounded to two significant figures. More would claim more than the curve knows.
fn two_figures(rate: f64) -> f64 {
    format!("{rate:.1e}").parse().unwrap_or(rate)
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

    #[test]
    fn rates_are_offered_as_settings_take_them() {
        let rate = two_figures(0.003_162_277);
        assert_eq!((rate, rate.to_string().as_str()), (0.0032, "0.0032"));
        let mut config = RunConfig::default();
        assert!(config.set("lr", &two_figures(1.234e-7).to_string()).is_ok());
    }
}
