//! The glossary at the end of the lesson.

use resnette_lesson::glossary;
use yew::prelude::*;

use crate::lesson::target::Target;

/// The technical terms of the lesson in alphabetical order.
#[component]
pub fn Glossary() -> Html {
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
            <h2 {id} tabindex="-1">{"Glossary"}</h2>
            <dl>{for terms}</dl>
        </section>
    }
}
