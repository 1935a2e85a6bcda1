//! A part of the lesson under a heading that opens and closes it.

use gloo_events::EventListener;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Properties of [`Fold`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The id of the heading.
    pub id: AttrValue,
    /// The heading.
    pub title: AttrValue,
    /// The number before it.
    #[prop_or_default]
    pub number: Option<usize>,
    /// Whether the part is open.
    pub open: bool,
    /// Called when the heading is pressed.
    pub on_press: Callback<()>,
    /// Called when the browser has found something in the closed part.
    pub on_find: Callback<()>,
    /// What is in the part.
    pub children: Html,
}

/// A heading whose button opens and closes what follows. What is closed stays on the page and is
/// found by the browser's own search, where the browser can do that (`hidden="until-found"`).
#[component]
pub fn Fold(props: &Props) -> Html {
    let room = use_node_ref();
    {
        let room = room.clone();
        use_effect_with(props.open, move |&open| {
            if let Some(room) = room.cast::<HtmlElement>().filter(|_| !open) {
                // Without it the part is hidden all the same, only not from the browser's search.
                let _ = room.set_attribute("hidden", "until-found");
            }
        });
    }
    {
        let room = room.clone();
        use_effect_with(props.on_find.clone(), move |on_find| {
            let on_find = on_find.clone();
            let listener = room
                .cast::<HtmlElement>()
                .map(|room| EventListener::new(&room, "beforematch", move |_| on_find.emit(())));
            move || drop(listener)
        });
    }
    let onclick = {
        let on_press = props.on_press.clone();
        Callback::from(move |_: MouseEvent| on_press.emit(()))
    };
    let room_id = format!("{}-room", props.id);
    html! {
        <>
            <h2 id={props.id.clone()} class="fold" tabindex="-1">
                <button type="button" aria-expanded={props.open.to_string()}
                    aria-controls={room_id.clone()} {onclick}>
                    if let Some(number) = props.number {
                        <span class="step-number">{number}</span>{" "}
                    }
                    <span class="fold-title">{&props.title}</span>
                </button>
            </h2>
            <div ref={room} id={room_id} hidden={!props.open}>
                {props.children.clone()}
            </div>
        </>
    }
}
