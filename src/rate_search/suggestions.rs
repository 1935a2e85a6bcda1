//! What a learning rate search suggests: each rate with its mark on the curve and its meaning.

use resnette_spec::lr_curve::{LrPoint, LrSuggestions};
use yew::prelude::*;

use crate::shell::commands::use_commands;

/// A suggested rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suggestion {
    /// fastai's name for it.
    pub name: &'static str,
    /// What it is on the curve.
    pub meaning: &'static str,
    /// The rate.
    pub rate: f64,
}

/// fastai's four suggestions, the one to try first at the front.
pub fn suggestions(found: LrSuggestions) -> [Suggestion; 4] {
    let LrSuggestions { valley, slide, minimum, steep } = found;
    [
        Suggestion {
            name: "valley",
            meaning: "two thirds down the longest fall of the loss; fastai's default",
            rate: valley,
        },
        Suggestion {
            name: "slide",
            meaning: "the last rate before the loss turns; often the highest that works",
            rate: slide,
        },
        Suggestion {
            name: "minimum / 10",
            meaning: "a tenth of the rate with the lowest loss",
            rate: minimum,
        },
        Suggestion {
            name: "steepest",
            meaning: "where the loss falls fastest; the noise of single batches moves it most",
            rate: steep,
        },
    ]
}

/// The smoothed loss at the tried rate that is nearest to `rate`, on a scale of ratios.
pub fn loss_at(points: &[LrPoint], rate: f64) -> Option<f64> {
    let apart = |point: &&LrPoint| (point.lr / rate).ln().abs();
    points.iter().min_by(|a, b| apart(a).total_cmp(&apart(b))).map(|point| point.smooth)
}

/// The rate rounded to two significant figures. More would claim more than the curve knows.
pub fn two_figures(rate: f64) -> f64 {
    format!("{rate:.1e}").parse().unwrap_or(rate)
}

/// Properties of [`Suggestions`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What was found.
    pub found: LrSuggestions,
    /// The learning rate of the settings.
    pub lr: f64,
    /// Whether the settings can be read but not changed.
    pub locked: bool,
}

/// The suggestions, with a button for each that applies it.
#[component]
pub fn Suggestions(props: &Props) -> Html {
    let commands = use_commands();
    let items = suggestions(props.found).into_iter().enumerate().map(|(index, suggestion)| {
        let Suggestion { name, meaning, rate } = suggestion;
        let rate = two_figures(rate);
        let (text, commands) = (rate.to_string(), commands.clone());
        let onclick = Callback::from(move |_: MouseEvent| commands.set("lr", text.clone()));
        html! {
            <li key={name}>
                <svg class={classes!("rate-key", mark_class(index))} viewBox="0 0 16 16"
                    aria-hidden="true" focusable="false">
                    <path d="M8 8h0" />
                </svg>
                <button type="button" class="chip" aria-pressed={(rate == props.lr).to_string()}
                    disabled={props.locked} {onclick}>
                    {format!("Use {rate} ({name})")}
                </button>
                <span class="help">{meaning}</span>
            </li>
        }
    });
    html! { <ul class="rate-suggestions" aria-label="Suggested rates">{for items}</ul> }
}

/// The class of the mark of a suggestion, by its place in [`suggestions`].
pub fn mark_class(index: usize) -> String {
    format!("rate-mark-{index}")
}

#[cfg(test)]
mod tests {
    use resnette_spec::RunConfig;

    use super::*;

    #[test]
    fn rates_are_offered_as_settings_take_them() {
        let rate = two_figures(0.003_162_277);
        assert_eq!((rate, rate.to_string().as_str()), (0.0032, "0.0032"));
        let mut config = RunConfig::default();
        assert!(config.set("lr", &two_figures(1.234e-7).to_string()).is_ok());
    }

    #[test]
    fn a_mark_stands_on_the_curve_at_the_nearest_rate() {
        let point = |lr: f64, smooth| LrPoint { lr, loss: 0.0, smooth };
        let points = [point(1e-4, 2.0), point(1e-3, 1.0), point(1e-2, 3.0)];
        assert_eq!(loss_at(&points, 2e-3), Some(1.0));
        assert_eq!(loss_at(&points, 5e-3), Some(3.0));
        assert_eq!(loss_at(&[], 1e-3), None);
    }
}
