//! The recorded run of the model that comes with the page, shown until the reader's own begins.

use std::rc::Rc;

use resnette_spec::epoch::EPOCH_HEADER;
use resnette_spec::recorded::RecordedRun;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::run::epoch_table;
use crate::shell::platform;
use crate::widgets::format;

/// Where the record of the shipped model's run lies, beside the page.
pub const RECORD_FILE: &str = "models/imagenette.json";
/// Largest record that is fetched, in bytes.
pub const MAX_RECORD_BYTES: u32 = 200_000;

/// The epoch table of the shipped model. Draws nothing if the page was built without one.
#[component]
pub fn RecordedRunCard() -> Html {
    let run = use_state(|| None::<Rc<RecordedRun>>);
    {
        let run = run.clone();
        use_effect_with((), move |()| {
            spawn_local(async move {
                // This is only an example, so nothing is shown if it cannot be fetched.
                if let Ok(Some(bytes)) = platform::fetch(RECORD_FILE, MAX_RECORD_BYTES).await
                    && let Ok(found) = RecordedRun::read(&bytes)
                {
                    run.set(Some(Rc::new(found)));
                }
            });
        });
    }
    let Some(run) = &*run else { return Html::default() };
    html! {
        <section class="card example" aria-label="A recorded run">
            <h2>{"A recorded run, as an example"}</h2>
            <p class="help">
                {format!(
                    "The model that Predict starts with was trained like this, outside the browser, \
                     on all of Imagenette: accuracy {} ({} with test-time augmentation). Your own run takes \
                     this place. ",
                    format::percent(run.accuracy),
                    format::percent(run.tta)
                )}
                <a href={format!("#{}", run.link)}>{"Take its settings"}</a>
            </p>
            <div class="table-room" tabindex="0" role="region" aria-label="Recorded epoch table">
                <table class="figures" translate="no"
                    aria-label="Recorded epochs">
                    <thead>
                        <tr>
                            {for EPOCH_HEADER.iter().map(|name| html! {
                                <th scope="col">{*name}</th>
                            })}
                        </tr>
                    </thead>
                    <tbody>{for run.rows.iter().map(epoch_table::line)}</tbody>
                </table>
            </div>
        </section>
    }
}
