//! Ways to open files: a button, a drop, the clipboard.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, File, HtmlInputElement};
use yew::prelude::*;

use crate::shell::platform;
use crate::widgets::opened_files::Dropped;

/// Properties of [`FileButton`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The text of the button.
    pub label: AttrValue,
    /// The kinds of files that the browser's chooser offers.
    pub accept: AttrValue,
    /// The camera to use (`environment` is the one that faces outwards). A computer without one
    /// opens files.
    #[prop_or_default]
    pub capture: Option<AttrValue>,
    /// Receives the files.
    pub on_files: Callback<Vec<File>>,
    /// Receives what is dropped in place of `on_files`, if folders are welcome too.
    #[prop_or_default]
    pub on_drop: Option<Callback<Dropped>>,
}

/// A button that opens files, which may also be dropped on it.
#[component]
pub fn FileButton(props: &Props) -> Html {
    let over = use_state(|| false);
    let onchange = {
        let on_files = props.on_files.clone();
        Callback::from(move |event: Event| {
            let Some(input) =
                event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            let files = platform::files(input.files());
            // Without this, choosing the same file again would fire no event.
            input.set_value("");
            on_files.emit(files);
        })
    };
    let ondrop = {
        let (on_files, on_drop, over) =
            (props.on_files.clone(), props.on_drop.clone(), over.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            match &on_drop {
                Some(on_drop) => on_drop.emit(Dropped::take(event.data_transfer())),
                None => on_files.emit(platform::files(
                    event.data_transfer().and_then(|transfer| transfer.files()),
                )),
            }
        })
    };
    let ondragover = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(true);
        })
    };
    let ondragleave = {
        let over = over.clone();
        Callback::from(move |_: DragEvent| over.set(false))
    };
    html! {
        <label class={classes!("drop", over.then_some("drop-over"))} {ondrop} {ondragover}
            {ondragleave}>
            <span class="button">{&props.label}</span>
            <input type="file" class="visually-hidden" multiple={props.capture.is_none()}
                accept={props.accept.clone()} capture={props.capture.clone()} {onchange} />
            if props.capture.is_none() {
                <span class="help" aria-hidden="true">
                    {if props.on_drop.is_some() {
                        "or drop files or a folder here"
                    } else {
                        "or drop files here"
                    }}
                </span>
            }
        </label>
    }
}

/// Emits files that are pasted anywhere on the page.
#[hook]
pub fn use_paste(on_files: Callback<Vec<File>>) {
    use_effect_with(on_files, |on_files| {
        let on_files = on_files.clone();
        let listener = platform::document().map(|document| {
            EventListener::new(&document, "paste", move |event| {
                let transfer =
                    event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
                let files = platform::files(transfer.and_then(|transfer| transfer.files()));
                if !files.is_empty() {
                    on_files.emit(files);
                }
            })
        });
        move || drop(listener)
    });
}
