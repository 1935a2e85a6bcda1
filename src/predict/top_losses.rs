//! The pictures that the network gets most wrong.

use resnette_protocol::predict::Evaluation;
use yew::prelude::*;

use crate::predict::measured_pictures::Pictures;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The network, measured.
    pub evaluation: std::rc::Rc<Evaluation>,
}

/// The pictures, largest loss first.
#[component]
pub fn TopLosses(props: &Props) -> Html {
    html! {
        <section class="top-losses">
            <h3>{"Top losses"}</h3>
            <p class="help">{"The pictures with the largest loss: what the network says and how sure it is, what they are, and how likely it thought the truth."}</p>
            <Pictures classes={props.evaluation.classes.clone()} pictures={props.evaluation.top_losses.clone()} />
        </section>
    }
}
