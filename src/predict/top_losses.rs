//! The validation pictures with the largest loss.

use resnette_protocol::predict::Evaluation;
use yew::prelude::*;

use crate::predict::measured_pictures::MeasuredPictures;

/// Properties of [`TopLosses`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The results on the validation pictures.
    pub evaluation: std::rc::Rc<Evaluation>,
}

/// The pictures with the largest loss, the largest first.
#[component]
pub fn TopLosses(props: &Props) -> Html {
    html! {
        <section class="top-losses">
            <h3>{"Top losses"}</h3>
            <p class="help">
                {"The pictures with the largest loss: the network's guess and how sure it is, the \
                  correct class, and the probability that the network gave it."}
            </p>
            <MeasuredPictures classes={props.evaluation.classes.clone()}
                pictures={props.evaluation.top_losses.clone()} />
        </section>
    }
}
