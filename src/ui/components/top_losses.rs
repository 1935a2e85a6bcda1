//! The pictures that the network gets most wrong.

use yew::prelude::*;

use super::PictureView;
use crate::protocol::predict::Evaluation;
use crate::ui::text;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The network, measured.
    pub evaluation: std::rc::Rc<Evaluation>,
}

/// The pictures, largest loss first.
#[component]
pub fn TopLosses(props: &Props) -> Html {
    let name = |class: u32| props.evaluation.classes.get(class as usize).cloned().unwrap_or_else(|| format!("class {class}"));
    let cards = props.evaluation.top_losses.iter().map(|top| {
        let (guess, truth) = (name(top.guess), name(top.truth));
        html! {
            <li class="top-loss">
                <PictureView picture={top.seen.clone()} label={format!("A picture of class {truth}")} class="pixels" />
                <p><strong>{guess}</strong>{format!(", is {truth}")}</p>
                <p class="help">{format!("loss {:.2}, {} for the truth", top.loss, text::percent(top.probability))}</p>
            </li>
        }
    });
    html! {
        <section class="top-losses">
            <h3>{"Top losses"}</h3>
            <p class="help">{"The pictures with the largest loss: what the network says, what they are, and how likely it thought the truth."}</p>
            <ul>{for cards}</ul>
        </section>
    }
}
