//! The downloads that the browser keeps for the next visit, and the button that deletes them.

use std::collections::BTreeMap;
use std::rc::Rc;

use resnette_picture::report::DataReport;
use resnette_spec::source::address_name;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::data::range_cache;
use crate::widgets::format;

/// Properties of [`KeptDownloads`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The pictures that were loaded last. When they change, what the browser keeps is counted
    /// again.
    pub report: Option<Rc<DataReport>>,
}

/// The files that the browser keeps with their sizes, and a button that deletes them. Draws nothing
/// if no file is kept.
#[component]
pub fn KeptDownloads(props: &Props) -> Html {
    let sizes = use_state(BTreeMap::<String, u64>::new);
    let outcome = use_state(|| None);
    {
        let sizes = sizes.clone();
        use_effect_with(props.report.clone(), move |_| {
            spawn_local(async move { sizes.set(range_cache::sizes().await) })
        });
    }
    let forget = {
        let (sizes, outcome) = (sizes.clone(), outcome.clone());
        Callback::from(move |_: MouseEvent| {
            let (sizes, outcome) = (sizes.clone(), outcome.clone());
            spawn_local(async move {
                let words = if range_cache::forget().await {
                    "The kept pictures are deleted; the next visit will download them again. The \
                     pictures that are loaded now stay until you close the page."
                } else {
                    "The browser did not delete the kept pictures; they are still there. Clear \
                     this site’s data in the browser’s settings."
                };
                outcome.set(Some(words));
                sizes.set(range_cache::sizes().await);
            });
        })
    };
    if sizes.is_empty() && outcome.is_none() {
        return Html::default();
    }
    html! {
        <section class="kept card" aria-label="Kept for next time">
            <h2>{"Kept for next time"}</h2>
            if !sizes.is_empty() {
                <p>
                    {format!(
                        "This browser keeps {} of pictures, so that the next visit needs no \
                         network.",
                        format::bytes(sizes.values().sum())
                    )}
                </p>
                <ul>
                    {for sizes.iter().map(|(url, size)| html! {
                        <li>{format!("{}: {}", address_name(url), format::bytes(*size))}</li>
                    })}
                </ul>
                <button type="button" class="button" onclick={forget}>
                    {"Forget kept pictures"}
                </button>
            }
            <p class="help" aria-live="polite">{outcome.unwrap_or_default()}</p>
        </section>
    }
}
