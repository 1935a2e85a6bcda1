//! The glossary at the end of the lesson.

use resnette_lesson::glossary;
use yew::prelude::*;

use crate::lesson::fold::Fold;
use crate::lesson::target::Target;

/// Properties of [`Glossary`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Whether it is open.
    pub open: bool,
    /// Called when its heading is pressed.
    pub on_press: Callback<()>,
    /// Called when the browser has found something in it while it was closed.
    pub on_find: Callback<()>,
}

/// The technical terms of the lesson in alphabetical order.
#[component]
pub fn Glossary(props: &Props) -> Html {
    let id = Target::Glossary.element();
    let terms = glossary::terms().into_iter().map(|term| {
        html! {
            <div key={term.word}>
                <dt>{term.word}</dt>
                <dd>
                    {term.meaning}
                    if !term.also.is_empty() {
                        <span class="also">{format!(" Also: {}.", term.also.join(", "))}</span>
                    }
                </dd>
            </div>
        }
    });
    html! {
        <section class="glossary" aria-labelledby={id.clone()}>
            <Fold {id} title="Glossary" open={props.open} on_press={props.on_press.clone()}
                on_find={props.on_find.clone()}>
                <dl>{for terms}</dl>
            </Fold>
        </section>
    }
}
