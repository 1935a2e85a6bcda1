//! What could not be loaded: the reason, the address, and each refused file.

use std::rc::Rc;

use resnette_picture::report::Problem;
use resnette_spec::RunConfig;
use yew::prelude::*;

/// Properties of [`Refused`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Why nothing was loaded, if so.
    pub failure: Option<String>,
    /// The files and pictures that were refused.
    pub problems: Rc<Vec<Problem>>,
    /// The settings that were loaded.
    pub run: RunConfig,
}

/// What could not be loaded and why. Draws nothing if all went well.
#[component]
pub fn Refused(props: &Props) -> Html {
    let address = props.run.data.address();
    html! {
        <>
            if let Some(failure) = &props.failure {
                <div class="warning" role="alert">
                    <p>{format!("Loading failed: {failure}. What was loaded before is kept.")}</p>
                    if !address.is_empty() {
                        <details>
                            <summary>{"Address"}</summary>
                            <p class="address">{address}</p>
                        </details>
                    }
                </div>
            }
            if !props.problems.is_empty() {
                <details class="card fold problems-list" open=true>
                    <summary><h2>{format!("Problems ({})", props.problems.len())}</h2></summary>
                    <ul aria-label="Problems">
                        {for props.problems.iter().map(|problem| html! {
                            <li>
                                <strong translate="no"><bdi>{&problem.name}</bdi></strong>
                                {": "}
                                {&problem.reason}
                            </li>
                        })}
                    </ul>
                </details>
            }
        </>
    }
}
