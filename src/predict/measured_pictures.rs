//! Evaluated pictures, each with its predicted and its true class.

use resnette_protocol::predict::TopLoss;
use yew::prelude::*;

use crate::widgets::format;
use crate::widgets::picture::PictureView;

/// Properties of [`MeasuredPictures`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The names of the classes.
    pub classes: Vec<String>,
    /// The pictures with the predictions for them.
    pub pictures: Vec<TopLoss>,
}

/// Evaluated pictures as cards.
#[component]
pub fn MeasuredPictures(props: &Props) -> Html {
    let name = |class: u32| {
        props.classes.get(class as usize).cloned().unwrap_or_else(|| format!("class {class}"))
    };
    let cards = props.pictures.iter().map(|top| {
        let (guess, truth) = (name(top.guess), name(top.truth));
        html! {
            <li class="top-loss">
                <PictureView picture={top.seen.clone()}
                    label={format!("A picture of class {truth}")} class="pixels" />
                <p>
                    <strong>{format!("{guess} {}", format::percent(top.confidence))}</strong>
                    {format!(", is {truth}")}
                </p>
                <p class="help">
                    {format!(
                        "loss {:.2}, {} for the truth",
                        top.loss, format::percent(top.probability)
                    )}
                </p>
            </li>
        }
    });
    html! { <ul class="measured-pictures">{for cards}</ul> }
}
