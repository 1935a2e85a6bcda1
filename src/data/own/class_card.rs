//! One class of the reader's own: its name, its pictures, and the ways to add more.

use web_sys::File;
use yew::prelude::*;

use crate::data::own::camera::Camera;
use crate::data::own::class::OwnClass;
use crate::data::own::picture::opened;
use crate::data::own::state::{MOST_NAME_CHARS, OwnAction};
use crate::data::own::thumbnails::{OtherClass, Thumbnails};
use crate::widgets::file_input::FileButton;
use crate::widgets::format;
use crate::widgets::opened_files::{Dropped, PICTURES};

/// Properties of [`ClassCard`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The class.
    pub class: OwnClass,
    /// Its index.
    pub at: usize,
    /// The other classes.
    pub others: Vec<OtherClass>,
    /// Receives changes.
    pub on_change: Callback<OwnAction>,
    /// Receives what is dropped on the class: its id, and the files.
    pub on_drop: Callback<(usize, Dropped)>,
}

/// A class in the table of classes.
#[component]
pub fn ClassCard(props: &Props) -> Html {
    let Props { class, at, on_change, .. } = props;
    let (at, class_id) = (*at, class.id);
    let (id, title) = (format!("own-class-{at}"), class.title(at));
    let add = {
        let on_change = on_change.clone();
        Callback::from(move |files: Vec<File>| {
            on_change.emit(OwnAction::Add(class_id, opened(files)))
        })
    };
    let drop_on = props.on_drop.reform(move |dropped| (class_id, dropped));
    let choose = on_change.reform(move |_: FocusEvent| OwnAction::Choose(at));
    let rename = on_change.reform(move |event: InputEvent| {
        let input: web_sys::HtmlInputElement = event.target_unchecked_into();
        OwnAction::Rename(at, input.value())
    });
    let remove = on_change.reform(move |_: MouseEvent| OwnAction::Remove(at));
    html! {
        <li onfocusin={choose}>
            <label for={id.clone()}>{format!("Name of class {}", at + 1)}</label>
            <input type="text" {id} maxlength={MOST_NAME_CHARS.to_string()} autocomplete="off"
                value={class.name.clone()} oninput={rename} />
            <p aria-live="polite">{format::plural(class.pictures.len() as u64, "picture")}</p>
            <FileButton label={format!("Add pictures to {title}")} accept={PICTURES}
                on_files={add.clone()} on_drop={drop_on} />
            <Camera name={title.clone()} on_file={add} />
            <button type="button" class="button quiet-button"
                aria-label={format!("Remove {title}")} onclick={remove}>
                {"Remove"}
            </button>
            <Thumbnails class={class_id} {title} pictures={class.pictures.clone()}
                others={props.others.clone()} on_change={on_change.clone()} />
        </li>
    }
}
