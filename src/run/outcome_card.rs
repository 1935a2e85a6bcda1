//! The card that says how good a run is that has just ended, and where to go from there.

use std::rc::Rc;

use resnette_spec::Source;
use yew::prelude::*;

use crate::route::link::{Link, View, write_link};
use crate::run::outcome::{Facts, sentences};
use crate::run::state::Phase;
use crate::shell::state::State;

/// Properties of [`OutcomeCard`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// Everything that the page knows.
    pub state: Rc<State>,
}

/// How good the run is that has ended, and what to try next. Draws nothing before.
#[component]
pub fn OutcomeCard(props: &Props) -> Html {
    let state = &props.state;
    let run = &state.run;
    let told = match run.phase {
        Phase::Done => sentences(&facts(state)),
        _ => Vec::new(),
    };
    if told.is_empty() {
        return Html::default();
    }
    let to =
        |view| format!("#{}", write_link(&Link { view, autostart: false, ..state.link.clone() }));
    html! {
        <section class="card outcome" aria-label="How good is that?">
            <h2>{"How good is that?"}</h2>
            {for told.into_iter().map(|sentence| html! { <p>{sentence}</p> })}
            <p class="actions">
                <a href={to(View::Predict)}>{"Show it a picture"}</a>
                <a href={to(View::Learn)}>{"Learn how it works"}</a>
            </p>
        </section>
    }
}

fn facts(state: &State) -> Facts<'_> {
    let (run, data) = (&state.run, &state.run.config.data);
    let classes = run.shape.as_ref().map_or(0, |shape| shape.classes.len());
    // Only while the settings are still those of the run are the loaded pictures surely its own.
    let own = state
        .data
        .report
        .as_ref()
        .filter(|report| report.classes.len() == classes && state.link.run.data == *data);
    let validated =
        own.map(|report| report.classes.iter().map(|class| u64::from(class.valid)).sum());
    let trained = u64::from(data.train) * classes as u64;
    Facts {
        rows: &run.rows,
        kept: run.kept_epoch(),
        classes,
        validated,
        trained,
        // A run of classes of the reader's own may have any source in its settings.
        source: if classes == 10 { data.source } else { Source::Files },
        mixup: run.config.recipe.mixup.max(run.config.recipe.cutmix) > 0.0,
    }
}
