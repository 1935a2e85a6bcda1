//! What an answer rests on: the evidence for a class, the activations of a layer, the first layer's
//! filters.

use std::rc::Rc;

use resnette_protocol::predict::{ModelInfo, Prediction};
use resnette_spec::architecture::Architecture;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::diagram::ribbon::Ribbon;
use crate::predict::microscope::{Microscope, architecture};
use crate::predict::state::{PredictAction, PredictState};
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::widgets::channels::tiles;

/// Properties of [`Explanation`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The reader's choices, and the filters.
    pub predict: Rc<PredictState>,
    /// The network that answered.
    pub model: ModelInfo,
    /// The answer that is explained.
    pub prediction: Rc<Prediction>,
}

/// What an answer rests on.
#[component]
pub fn Explanation(props: &Props) -> Html {
    let commands = use_commands();
    let look = &props.predict.look;
    let chosen = |event: Event| {
        event
            .target()
            .and_then(|target| target.dyn_into::<HtmlSelectElement>().ok())
            .map(|select| select.value())
    };
    let on_class = {
        let commands = commands.clone();
        Callback::from(move |event: Event| {
            commands.dispatch(Action::Predict(PredictAction::HeatOf(
                chosen(event).and_then(|value| value.parse().ok()),
            )))
        })
    };
    let on_press = {
        let commands = commands.clone();
        Callback::from(move |layer: String| {
            commands.dispatch(Action::Predict(PredictAction::ShowLayer(Some(layer))))
        })
    };
    let on_layer = Callback::from(move |event: Event| {
        commands.dispatch(Action::Predict(PredictAction::ShowLayer(
            chosen(event).filter(|value| !value.is_empty()),
        )))
    });
    // What was found for another layer than the chosen one is not shown.
    let activations = props.prediction.activations.as_ref();
    let activations = activations.filter(|found| look.layer.as_ref() == Some(&found.layer));
    html! {
        <section class="inside card" aria-label="Look inside">
            <h2>{"Look inside"}</h2>
            if let Some(net) = &props.model.net {
                <Ribbon plan={Architecture::new(net, props.model.classes.len() as u32)}
                    size={props.model.size} tint={props.prediction.activity.clone()}
                    tint_name="size of the output" brief=true {on_press}
                    pressed={look.layer.clone()} />
            }
            <div class="inside-choices">
                <label class="inside-choice">
                    <span>{"Heat map for"}</span>
                    <select onchange={on_class}>
                        <option value="" selected={look.class.is_none()}>
                            {"the first guess"}
                        </option>
                        {for props.model.classes.iter().enumerate().map(|(index, name)| html! {
                            <option value={index.to_string()}
                                selected={look.class == Some(index as u32)}>
                                {name}
                            </option>
                        })}
                    </select>
                </label>
                <label class="inside-choice">
                    <span>{"Activations of"}</span>
                    <select onchange={on_layer}>
                        <option value="" selected={look.layer.is_none()}>{"no layer"}</option>
                        {for props.model.layers.iter().map(|name| html! {
                            <option value={name.clone()}
                                selected={look.layer.as_ref() == Some(name)}>
                                {name}
                            </option>
                        })}
                    </select>
                </label>
            </div>
            <p class="help">
                {"The heat map (Grad-CAM) weighs each channel of the last grid by how much the \
                  class's score rises with it: blue is evidence for the class."}
            </p>
            if let Some(activations) = activations {
                <Microscope key={activations.layer.clone()} activations={activations.clone()}
                    seen={props.prediction.seen.clone()}
                    squeezed={architecture(&props.model).is_some_and(|plan| {
                        plan.stages.iter().flatten().any(|block| block.squeeze.is_some())
                    })}
                    attends={architecture(&props.model)
                        .is_some_and(|plan| plan.attention().is_some())}
                    field={architecture(&props.model)
                        .and_then(|plan| plan.receptive_field(&activations.layer))} />
            }
            if !props.predict.filters.is_empty() {
                <details>
                    <summary>{"Filters of the first layer"}</summary>
                    <p class="help">
                        {"The weights with which the first convolution looks at red, green and \
                          blue. Middle grey is a weight of 0."}
                    </p>
                    {tiles("filter", props.predict.filters.as_ref().clone())}
                </details>
            }
        </section>
    }
}
