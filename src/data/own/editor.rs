//! The table of classes that a reader makes, with names, and pictures by drop, chooser, clipboard
//! or camera.

use resnette_spec::RunConfig;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;
use yew::prelude::*;

use crate::data::own::camera::Camera;
use crate::data::own::state::{Own, OwnAction, OwnClass, folder_name};
use crate::data::state::DataAction;
use crate::lesson::verdict::sentence;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::widgets::file_input::{FileButton, use_paste};
use crate::widgets::format;
use crate::widgets::opened_files::{Dropped, OpenedFile, PICTURES, of_one_class};

/// Properties of [`OwnClasses`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The classes that the reader makes.
    pub own: Own,
    /// The settings that the classes are loaded with.
    pub run: RunConfig,
    /// Whether the settings can be read but not changed.
    pub locked: bool,
    /// Whether a run or a download is under way, which other pictures would end.
    pub busy: bool,
}

/// The table of classes, with the ways to add pictures to them.
#[component]
pub fn OwnClasses(props: &Props) -> Html {
    let commands = use_commands();
    let classes = &props.own.classes;
    let act = {
        let commands = commands.clone();
        move |action| commands.dispatch(Action::Data(DataAction::OwnClasses(action)))
    };
    let add_to = |id: usize| {
        let act = act.clone();
        Callback::from(move |files: Vec<File>| act(OwnAction::Add(id, files)))
    };
    // This failure is shown here, because failures in the state would end a run.
    let trouble = use_state(|| None::<String>);
    let drop_on = |id: usize| {
        let (act, trouble) = (act.clone(), trouble.clone());
        Callback::from(move |dropped: Dropped| {
            let (act, trouble) = (act.clone(), trouble.clone());
            spawn_local(async move {
                let files = match dropped.files().await {
                    Ok(files) => of_one_class(files).await,
                    Err(trouble) => Err(trouble),
                };
                trouble.set(files.as_ref().err().cloned());
                if let Ok(files) = files {
                    act(OwnAction::Add(id, files));
                }
            });
        })
    };
    let paste = {
        let act = act.clone();
        use_callback((), move |files: Vec<File>, ()| act(OwnAction::Paste(files)))
    };
    use_paste(paste);
    let rename = |at: usize| {
        let act = act.clone();
        Callback::from(move |event: InputEvent| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            act(OwnAction::Rename(at, input.value()));
        })
    };
    let on = |action: OwnAction| {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act(action.clone()))
    };
    let missing = props.own.missing();
    let load = {
        let (own, run) = (props.own.clone(), props.run.clone());
        Callback::from(move |_: MouseEvent| commands.open_files(as_folder(&own.classes), &run))
    };
    html! {
        <details class="own card fold" open={props.own.begun}>
            <summary><h2>{"Classes of your own"}</h2></summary>
            <p class="prose">
                {"Name the classes that the network should learn, and add at least five pictures \
                  to each; twenty or more work better. One picture in five is used for validation. \
                  The pictures stay in this tab and are gone when you close it."}
            </p>
            <fieldset disabled={props.locked}>
                <legend class="visually-hidden">{"Your classes"}</legend>
                <ul class="own-classes">
                    {for classes.iter().enumerate().map(|(at, class)| {
                        let (id, name) = (
                            format!("own-class-{at}"),
                            if class.name.trim().is_empty() {
                                format!("class {}", at + 1)
                            } else {
                                class.name.clone()
                            },
                        );
                        let choose = {
                            let act = act.clone();
                            Callback::from(move |_: FocusEvent| act(OwnAction::Choose(at)))
                        };
                        html! {
                            <li key={class.id} onfocusin={choose}>
                                <label for={id.clone()}>
                                    {format!("Name of class {}", at + 1)}
                                </label>
                                <input type="text" {id} maxlength="60" autocomplete="off"
                                    value={class.name.clone()} oninput={rename(at)} />
                                <p aria-live="polite">
                                    {format::plural(class.files.len() as u64, "picture")}
                                </p>
                                <FileButton label={format!("Add pictures to {name}")}
                                    accept={PICTURES}
                                    on_files={add_to(class.id)} on_drop={drop_on(class.id)} />
                                <Camera name={name.clone()} on_file={add_to(class.id)} />
                                <button type="button" class="button quiet-button"
                                    aria-label={format!("Remove {name}")}
                                    onclick={on(OwnAction::Remove(at))}>
                                    {"Remove"}
                                </button>
                            </li>
                        }
                    })}
                </ul>
                if let Some(trouble) = &*trouble {
                    <p class="warning" role="alert">{sentence(trouble)}</p>
                }
                <div class="actions">
                    <button type="button" class="button" disabled={props.own.is_full()}
                        onclick={on(OwnAction::More)}>
                        {"Add a class"}
                    </button>
                    <button type="button" class="button" disabled={missing.is_some() || props.busy}
                        aria-describedby="own-missing" onclick={load}>
                        {"Use these classes"}
                    </button>
                </div>
                <p class="help" id="own-missing" aria-live="polite">
                    {missing.unwrap_or_else(|| match props.busy {
                        true => "A run or a download is under way. Stop it or let it end first."
                            .into(),
                        false => String::new(),
                    })}
                    {" Pasted pictures go to the class that you touched last."}
                </p>
            </fieldset>
        </details>
    }
}

/// The classes as an opened folder with a subfolder for each. Numbers keep pictures of the same
/// name apart.
fn as_folder(classes: &[OwnClass]) -> Vec<OpenedFile> {
    let files = classes.iter().flat_map(|class| {
        class.files.iter().enumerate().map(move |(number, file)| (class, number, file))
    });
    files
        .map(|(class, number, file)| OpenedFile {
            path: format!("My classes/{}/{number} {}", folder_name(&class.name), file.name()),
            file: file.clone(),
        })
        .collect()
}
