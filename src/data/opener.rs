//! The ways to open pictures to train on: files, a folder, or a drop of either.

use resnette_spec::RunConfig;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::shell::commands::use_commands;
use crate::widgets::opened_files;
use crate::widgets::opened_files::{Dropped, OpenedFile};

/// The kinds of files that the browser's chooser offers first. What is in a file is found by its
/// bytes, so others can be chosen too.
const KINDS: &str = "image/*,.jpg,.jpeg,.jpe,.jfif,.png,.webp,.gif,.bmp,.avif,.heic,.heif,.zip,\
                     .tar,.tgz,.gz,.parquet";

/// Properties of [`Opener`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings that opened files are loaded with.
    pub run: RunConfig,
    /// Whether nothing may be opened now. What is dropped all the same is left to
    /// [`StrayDrops`](crate::shell::stray_drops::StrayDrops), which says why.
    pub closed: bool,
}

/// Buttons for files and for a folder, and a place to drop either.
#[component]
pub fn Opener(props: &Props) -> Html {
    let commands = use_commands();
    let over = use_state(|| false);
    let open =
        use_callback(props.run.clone(), move |files: Result<Vec<OpenedFile>, String>, run| {
            commands.open_dropped(files, run)
        });
    let onchange = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            let Some(input) =
                event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
            else {
                return;
            };
            let files = opened_files::chosen(input.files());
            // Without this, choosing the same files again would fire no event.
            input.set_value("");
            open.emit(Ok(files));
        })
    };
    let closed = props.closed;
    let ondrop = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            if closed {
                return;
            }
            event.prevent_default();
            over.set(false);
            let (dropped, open) = (Dropped::take(event.data_transfer()), open.clone());
            spawn_local(async move { open.emit(dropped.files().await) });
        })
    };
    let hover = |on: bool| {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            if closed {
                return;
            }
            event.prevent_default();
            over.set(on);
        })
    };
    html! {
        <div class={classes!("drop", over.then_some("drop-over"))} {ondrop}
            ondragover={hover(true)} ondragleave={hover(false)}>
            <input type="file" id="open-files" class="visually-hidden" multiple=true
                disabled={closed} accept={KINDS} onchange={onchange.clone()} />
            <label for="open-files" class="button">{"Open pictures or archives"}</label>
            <input type="file" id="open-folder" class="visually-hidden" webkitdirectory=true
                disabled={closed} {onchange} />
            <label for="open-folder" class="button">{"Open a folder"}</label>
            <span class="help">{"or drop files or a folder here"}</span>
        </div>
    }
}
