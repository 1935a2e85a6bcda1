//! Drawn pictures that can be predicted at once.

use std::rc::Rc;

use resnette_picture::classes::IMAGENETTE;
use resnette_picture::{Picture, drawn};
use resnette_spec::RunConfig;
use yew::prelude::*;

use crate::shell::commands::use_commands;
use crate::widgets::picture::PictureView;

/// Properties of [`Samples`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings.
    pub run: RunConfig,
    /// Whether the model that comes with the page should answer.
    pub shipped: bool,
}

/// A button for a drawn picture of each class.
#[component]
pub fn Samples(props: &Props) -> Html {
    let commands = use_commands();
    let pictures: Rc<Vec<Picture>> =
        use_memo((), |()| (0..IMAGENETTE.len()).map(drawn::sample).collect());
    let buttons =
        IMAGENETTE.iter().zip(pictures.iter()).enumerate().map(|(label, (class, picture))| {
            let (commands, run, shipped) = (commands.clone(), props.run.clone(), props.shipped);
            let name = format!("drawn {}", class.1);
            let onclick = {
                let name = name.clone();
                Callback::from(move |_: MouseEvent| {
                    commands.predict_sample(label, name.clone(), &run, shipped)
                })
            };
            html! {
                <li>
                    <button type="button" class="sample" {onclick}>
                        <PictureView picture={picture.clone()} label={name} />
                    </button>
                </li>
            }
        });
    html! {
        // Open at first, as the quickest way to an answer. The reader may fold it.
        <details class="samples" open=true>
            <summary>{"Or try a drawn picture"}</summary>
            <p class="help">
                {"The page draws these. A network that was trained on photos alone may well be \
                  wrong about drawings."}
            </p>
            <ul>{for buttons}</ul>
        </details>
    }
}
