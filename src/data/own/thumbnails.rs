//! The pictures of a class, small. One can be selected, and then moved or removed.

use yew::prelude::*;

use crate::data::own::picture::OwnPicture;
use crate::data::own::state::OwnAction;

/// Another class, to which a picture can be moved.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherClass {
    /// Its id.
    pub id: usize,
    /// Its name.
    pub title: String,
}

/// Properties of [`Thumbnails`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The id of the class.
    pub class: usize,
    /// The name of the class.
    pub title: String,
    /// Its pictures.
    pub pictures: Vec<OwnPicture>,
    /// The other classes.
    pub others: Vec<OtherClass>,
    /// Receives what is to be done with a picture.
    pub on_change: Callback<OwnAction>,
}

/// The pictures as buttons. Draws nothing if there are none.
#[component]
pub fn Thumbnails(props: &Props) -> Html {
    let selected = use_state(|| None::<String>);
    let at = props.pictures.iter().position(|picture| Some(&picture.key) == selected.as_ref());
    if props.pictures.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <ul class="thumbnails" aria-label={format!("Pictures of {}", props.title)}>
                {for props.pictures.iter().enumerate().map(|(number, picture)| {
                    let is_selected = at == Some(number);
                    let onclick = {
                        let (selected, key) = (selected.clone(), picture.key.clone());
                        Callback::from(move |_: MouseEvent| {
                            selected.set((!is_selected).then(|| key.clone()))
                        })
                    };
                    let name = format!("Picture {} of {}", number + 1, props.title);
                    html! {
                        <li key={picture.key.clone()}>
                            <button type="button" class="thumbnail" {onclick}
                                aria-pressed={is_selected.to_string()} aria-label={name}
                                title={picture.file.name()}>
                                <img src={picture.url.as_str().to_owned()} alt="" loading="lazy"
                                    decoding="async" />
                            </button>
                        </li>
                    }
                })}
            </ul>
            if let Some(at) = at {
                {changes(props, at)}
            }
        </>
    }
}

/// What can be done with the picture at this index.
fn changes(props: &Props, at: usize) -> Html {
    let on = |action: OwnAction| {
        let on_change = props.on_change.clone();
        Callback::from(move |_: MouseEvent| on_change.emit(action.clone()))
    };
    html! {
        <div class="actions" role="group" aria-label={format!("Picture {}", at + 1)}>
            <button type="button" class="button quiet-button"
                onclick={on(OwnAction::RemovePicture(props.class, at))}>
                {"Remove this picture"}
            </button>
            {for props.others.iter().map(|other| html! {
                <button type="button" class="button quiet-button" key={other.id}
                    onclick={on(OwnAction::Move(props.class, at, other.id))}>
                    {format!("Move it to {}", other.title)}
                </button>
            })}
        </div>
    }
}
