//! Saving the classes with their settings as one file, and opening it.

use std::rc::Rc;

use resnette_spec::RunConfig;
use web_sys::File;
use yew::prelude::*;

use crate::data::own::state::Own;
use crate::shell::commands::use_commands;
use crate::widgets::file_input::FileButton;

/// Properties of [`ProjectButtons`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The classes that the reader makes.
    pub own: Rc<Own>,
    /// The settings that are saved with them.
    pub run: RunConfig,
    /// Whether the settings can be read but not changed.
    pub locked: bool,
}

/// A button that saves the project and one that opens another.
#[component]
pub fn ProjectButtons(props: &Props) -> Html {
    let commands = use_commands();
    let save = {
        let (commands, own, run) = (commands.clone(), props.own.clone(), props.run.clone());
        Callback::from(move |_: MouseEvent| commands.save_project(&own, &run))
    };
    let open = {
        let (backend, locked) = (props.run.backend, props.locked);
        Callback::from(move |files: Vec<File>| commands.open_project(files, backend, locked))
    };
    html! {
        <div class="actions">
            <button type="button" class="button quiet-button"
                disabled={props.own.pictures() == 0} onclick={save}>
                {"Save project"}
            </button>
            <FileButton label="Open project" accept=".tar" on_files={open} />
            <p class="help">
                {"A project is one file with your pictures, their classes, the settings, and the \
                  network if it was trained on them."}
            </p>
        </div>
    }
}
