//! The search for a learning rate: the curve, and a press that applies what it suggests.

use std::rc::Rc;

use resnette_protocol::Command;
use resnette_spec::RunConfig;
use resnette_spec::lr_curve::{LrPoint, LrSuggestions};
use yew::prelude::*;

use crate::charts::axis;
use crate::charts::axis::Axis;
use crate::charts::frame::Chart;
use crate::rate_search::state::{RatesState, Search};
use crate::settings::draft::SettingsAction;
use crate::shell::action::Action;
use crate::shell::commands::use_page;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings that are searched for.
    pub config: RunConfig,
    /// The search.
    pub rates: Rc<RatesState>,
    /// A run is under way, which needs the engine for itself.
    pub busy: bool,
    /// The settings can be read but not changed.
    pub locked: bool,
}

/// The card.
#[component]
pub fn FindRate(props: &Props) -> Html {
    let page = use_page();
    let rates = &props.rates;
    let find = {
        let (page, config) = (page.clone(), props.config.clone());
        Callback::from(move |_: MouseEvent| page.find_rate(config.clone()))
    };
    let cancel = Callback::from(move |_: MouseEvent| page.bridge.tell(Command::Stop));
    html! {
        <details class="card fold finder" open={rates.asked}>
            <summary><h3>{"Which learning rate?"}</h3></summary>
            <p class="help finder-words" aria-live={if rates.search == Search::Trying { "off" } else { "polite" }}>{rates.words()}</p>
            <div class="actions">
                if rates.under_way() {
                    <button type="button" class="button" onclick={cancel}>{"End the search"}</button>
                } else {
                    <button type="button" class="button" disabled={props.busy} onclick={find}>{"Find learning rate"}</button>
                }
                if let Search::Over(Some(found)) = rates.search {
                    <Apply {found} lr={props.config.recipe.lr} locked={props.locked} />
                }
            </div>
            if !rates.points.is_empty() { <Curve rates={rates.clone()} /> }
        </details>
    }
}

/// What the buttons offer.
#[derive(Properties, PartialEq)]
struct ApplyProps {
    found: LrSuggestions,
    /// The rate of the settings.
    lr: f64,
    locked: bool,
}

/// fastai's four suggestions, one press each.
#[component]
fn Apply(props: &ApplyProps) -> Html {
    let page = use_page();
    let LrSuggestions { valley, slide, minimum, steep } = props.found;
    let offers =
        [("valley", valley), ("slide", slide), ("minimum / 10", minimum), ("steepest", steep)];
    let buttons = offers.into_iter().map(|(name, rate)| {
        let rate = two_figures(rate);
        let (text, page) = (rate.to_string(), page.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            page.act(Action::Settings(SettingsAction::Edit("lr", text.clone())));
            page.act(Action::Settings(SettingsAction::Leave("lr")));
        });
        html! {
            <button key={name} type="button" class="chip" aria-pressed={(rate == props.lr).to_string()} disabled={props.locked} {onclick}>{format!("Use {rate} ({name})")}</button>
        }
    });
    html! { <div class="chips" role="group" aria-label="Suggested rates">{for buttons}</div> }
}

/// The smoothed loss over the rate.
#[derive(Properties, PartialEq)]
struct CurveProps {
    rates: Rc<RatesState>,
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
        <Chart name="Loss" by="learning rate" words={words.clone()} x={x.clone()} y={y.clone()} key_of={html! { <span class="chart-words">{words.clone()}</span> }}>
            <path class="line-raw" d={axis::line(curve(|point| point.loss), &x, &y)} />
            <path class="line-train" d={axis::line(curve(|point| point.smooth), &x, &y)} />
            <path class="mark-valid" d={marks} />
        </Chart>
    }
}

/// From the lowest loss to a little above the first: the loss that blows up at the end would
/// flatten all the rest.
fn loss_axis(points: &[LrPoint]) -> Axis {
    let smooth = |point: &LrPoint| point.smooth;
    let first = points.first().map_or(1.0, smooth);
    let low = points.iter().map(smooth).fold(first, f64::min);
    Axis::around([low, first + (first - low).max(0.1)])
}

/// A rate is a matter of its power of ten: more figures would say more than the curve knows.
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
