//! A warning where a run on opened pictures would be too short to learn anything, with a button
//! that makes it longer.

use std::rc::Rc;

use resnette_picture::report::DataReport;
use resnette_spec::Source;
use resnette_spec::recipe::Recipe;
use resnette_spec::short_run::{Longer, longer, steps};
use yew::prelude::*;

use crate::shell::commands::use_commands;
use crate::widgets::format;

/// Properties of [`ShortRun`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The pictures that are loaded.
    pub report: Option<Rc<DataReport>>,
    /// Where the pictures of the next run come from.
    pub source: Source,
    /// How they would be trained on.
    pub recipe: Recipe,
    /// Whether the settings can be read but not changed.
    pub locked: bool,
}

/// The warning. Draws nothing where a run is long enough, or where the pictures are none that the
/// reader has opened: the runs of this page's links are as long as their authors want them.
#[component]
pub fn ShortRun(props: &Props) -> Html {
    let commands = use_commands();
    let opened = props
        .report
        .as_ref()
        .filter(|report| report.opened.is_some() && props.source == Source::Files);
    let pictures =
        opened.map_or(0, |report| report.classes.iter().map(|class| class.train as usize).sum());
    let Some(Longer { bs, epochs, steps: enough }) = longer(pictures, &props.recipe) else {
        return Html::default();
    };
    let onclick = Callback::from(move |_: MouseEvent| {
        commands.set("bs", bs.to_string());
        commands.set("epochs", epochs.to_string());
    });
    html! {
        <div class="warning">
            <p>
                {format!(
                    "With these settings a run takes {} on {}, which is too few to learn much.",
                    format::plural(steps(pictures, &props.recipe).into(), "step"),
                    format::plural(pictures as u64, "picture")
                )}
            </p>
            <button type="button" class="button quiet-button" disabled={props.locked} {onclick}>
                {format!("Use {epochs} epochs of batch size {bs}: {enough} steps")}
            </button>
        </div>
    }
}
