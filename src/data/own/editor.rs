//! The table of classes that a reader makes, with names, and pictures by drop, chooser, clipboard
//! or camera.

use std::rc::Rc;

use resnette_spec::RunConfig;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;
use yew::prelude::*;

use crate::data::own::class_card::ClassCard;
use crate::data::own::kept::use_own_classes;
use crate::data::own::picture::opened;
use crate::data::own::project::ProjectButtons;
use crate::data::own::state::{Own, OwnAction};
use crate::data::own::thumbnails::OtherClass;
use crate::lesson::verdict::sentence;
use crate::shell::commands::use_commands;
use crate::widgets::file_input::use_paste;
use crate::widgets::opened_files::{Dropped, of_one_class};

/// Properties of [`OwnTable`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The classes that the reader makes.
    pub own: Rc<Own>,
    /// The settings that the classes are loaded with.
    pub run: RunConfig,
    /// Whether the settings can be read but not changed.
    pub locked: bool,
    /// Whether a run or a download is under way, which other pictures would end.
    pub busy: bool,
}

/// The table of classes, with the ways to add pictures to them.
#[component]
pub fn OwnTable(props: &Props) -> Html {
    let commands = use_commands();
    let own = &props.own;
    use_own_classes(&commands, own);
    let act = {
        let commands = commands.clone();
        use_callback((), move |action, ()| commands.change_own(action))
    };
    // This failure is shown here, because failures in the state would end a run.
    let trouble = use_state(|| None::<String>);
    let drop_on = {
        let (act, trouble) = (act.clone(), trouble.clone());
        Callback::from(move |(id, dropped): (usize, Dropped)| {
            let (act, trouble) = (act.clone(), trouble.clone());
            spawn_local(async move {
                let files = match dropped.files().await {
                    Ok(files) => of_one_class(files).await,
                    Err(trouble) => Err(trouble),
                };
                trouble.set(files.as_ref().err().cloned());
                if let Ok(files) = files {
                    act.emit(OwnAction::Add(id, opened(files)));
                }
            });
        })
    };
    let paste = {
        let act = act.clone();
        use_callback((), move |files: Vec<File>, ()| act.emit(OwnAction::Paste(opened(files))))
    };
    use_paste(paste);
    let on = |action: OwnAction| act.reform(move |_: MouseEvent| action.clone());
    let missing = own.missing();
    let is_closed = missing.is_some() || props.busy;
    let load = {
        let (commands, own, run) = (commands.clone(), own.clone(), props.run.clone());
        Callback::from(move |_: MouseEvent| commands.use_own(&own, &run))
    };
    let tune = {
        let (own, run) = (own.clone(), props.run.clone());
        Callback::from(move |_: MouseEvent| commands.fine_tune_own(&own, &run))
    };
    let titles: Vec<_> = own
        .classes
        .iter()
        .enumerate()
        .map(|(at, class)| OtherClass { id: class.id, title: class.title(at) })
        .collect();
    html! {
        <>
            <p class="prose">
                {"Name each class that the network should learn, and add at least five pictures to \
                  it; twenty or more are better. One picture in five is held out for validation. \
                  The pictures are sent nowhere; this browser keeps them for your next visit, \
                  until you remove them here."}
            </p>
            <fieldset disabled={props.locked}>
                <legend class="visually-hidden">{"Your classes"}</legend>
                <ul class="own-classes">
                    {for own.classes.iter().enumerate().map(|(at, class)| html! {
                        <ClassCard key={class.id} class={class.clone()} {at}
                            others={titles.iter().filter(|title| title.id != class.id).cloned()
                                .collect::<Vec<_>>()}
                            on_change={act.clone()} on_drop={drop_on.clone()} />
                    })}
                </ul>
                if let Some(trouble) = &*trouble {
                    <p class="warning" role="alert">{sentence(trouble)}</p>
                }
                if let Some(note) = &own.note {
                    <p class="warning" role="alert">{note}</p>
                }
                if let Some(unkept) = &own.unkept {
                    <p class="warning" role="alert">{unkept}</p>
                }
                if let Some(removed) = &own.removed {
                    <p class="help" aria-live="polite">
                        {format!("{} ", removed.words())}
                        <button type="button" class="button quiet-button"
                            onclick={on(OwnAction::Undo)}>
                            {"Undo"}
                        </button>
                    </p>
                }
                <div class="actions">
                    <button type="button" class="button primary" disabled={is_closed}
                        aria-describedby="own-missing" onclick={tune}>
                        {"Fine-tune the model that comes with the page"}
                    </button>
                    <button type="button" class="button" disabled={is_closed}
                        aria-describedby="own-missing" onclick={load}>
                        {"Use these classes"}
                    </button>
                    <button type="button" class="button" disabled={own.is_full()}
                        onclick={on(OwnAction::More)}>
                        {"Add a class"}
                    </button>
                </div>
                <p class="help" id="own-missing" aria-live="polite">
                    {missing.unwrap_or_else(|| match props.busy {
                        true => "A run or a download is under way. Stop it or let it end first."
                            .into(),
                        false => "Fine-tuning needs the fewest pictures. “Use these classes” \
                                  loads them; Train then trains a network from scratch. With few \
                                  pictures, batch size and epochs are set so that the run takes \
                                  at least a hundred steps."
                            .into(),
                    })}
                    {" Pasted pictures go to the class you last edited."}
                </p>
                <ProjectButtons own={own.clone()} run={props.run.clone()} locked={props.locked} />
            </fieldset>
        </>
    }
}
