//! What is kept for next time, and the way to forget it.

use std::collections::BTreeMap;
use std::rc::Rc;

use resnette_picture::report::DataReport;
use resnette_spec::source::address_name;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::data::range_cache;
use crate::widgets::format;

/// When to count anew.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What was loaded last: it may be kept now.
    pub report: Option<Rc<DataReport>>,
}

/// File by file, or nothing where nothing is kept.
#[component]
pub fn Kept(props: &Props) -> Html {
    let sizes = use_state(BTreeMap::<String, u64>::new);
    let told = use_state(|| None);
    {
        let sizes = sizes.clone();
        use_effect_with(props.report.clone(), move |_| {
            spawn_local(async move { sizes.set(range_cache::sizes().await) })
        });
    }
    let forget = {
        let (sizes, told) = (sizes.clone(), told.clone());
        Callback::from(move |_: MouseEvent| {
            let (sizes, told) = (sizes.clone(), told.clone());
            spawn_local(async move {
                let words = if range_cache::forget().await {
                    "Forgotten: the next visit loads the pictures again. Those of this visit stay until the page is closed."
                } else {
                    "The browser refuses to forget them; clear this site’s data in the browser’s settings."
                };
                told.set(Some(words));
                sizes.set(range_cache::sizes().await);
            });
        })
    };
    if sizes.is_empty() && told.is_none() {
        return Html::default();
    }
    html! {
        <section class="kept card" aria-label="Kept for next time">
            <h2>{"Kept for next time"}</h2>
            if !sizes.is_empty() {
                <p>{format!("This browser keeps {} of pictures, so that the next visit needs no network.", format::bytes(sizes.values().sum()))}</p>
                <ul>{for sizes.iter().map(|(url, size)| html! { <li>{format!("{}: {}", address_name(url), format::bytes(*size))}</li> })}</ul>
                <button type="button" class="button" onclick={forget}>{"Forget kept pictures"}</button>
            }
            <p class="help" aria-live="polite">{told.unwrap_or_default()}</p>
        </section>
    }
}
