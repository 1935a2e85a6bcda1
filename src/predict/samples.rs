//! Drawn pictures to try at once.

use std::rc::Rc;

use resnette_picture::Picture;
use resnette_picture::classes::IMAGENETTE;
use resnette_spec::RunConfig;
use yew::prelude::*;

use crate::predict::drawn_sample;
use crate::shell::commands::use_page;
use crate::widgets::picture::PictureView;

/// What a press asks with.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The settings.
    pub run: RunConfig,
    /// The model that comes with the page should answer.
    pub shipped: bool,
}

/// A button for each class.
#[component]
pub fn Samples(props: &Props) -> Html {
    let page = use_page();
    let pictures: Rc<Vec<Picture>> =
        use_memo((), |()| (0..IMAGENETTE.len()).map(drawn_sample::sample).collect());
    let buttons =
        IMAGENETTE.iter().zip(pictures.iter()).enumerate().map(|(label, (class, picture))| {
            let (page, run, shipped) = (page.clone(), props.run.clone(), props.shipped);
            let name = format!("drawn {}", class.1);
            let onclick = {
                let name = name.clone();
                Callback::from(move |_: MouseEvent| {
                    page.predict_sample(label, name.clone(), &run, shipped)
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
        // Open: the quickest way to an answer. The reader may fold it.
        <details class="samples" open=true>
            <summary>{"Or try a drawn picture"}</summary>
            <p class="help">{"The page draws these. A network that was trained on photos may well be wrong about drawings."}</p>
            <ul>{for buttons}</ul>
        </details>
    }
}
