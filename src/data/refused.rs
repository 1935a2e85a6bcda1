//! What could not be loaded: the reason, the address, and each refused file.

use std::rc::Rc;

use resnette_picture::report::Problem;
use resnette_spec::RunConfig;
use yew::prelude::*;

/// What is told.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// Why nothing was loaded.
    pub failure: Option<String>,
    /// Each refused file or picture.
    pub problems: Rc<Vec<Problem>>,
    /// Where from.
    pub run: RunConfig,
}

/// The story, or nothing where all went well.
#[component]
pub fn Refused(props: &Props) -> Html {
    let address = props.run.data.address();
    html! {
        <>
            if let Some(failure) = &props.failure {
                <div class="warning">
                    <p>{format!("Loading failed: {failure}. What was loaded before is kept.")}</p>
                    if !address.is_empty() {
                        <details><summary>{"Address"}</summary><p class="address">{address}</p></details>
                    }
                </div>
            }
            if !props.problems.is_empty() {
                <details class="card fold problems-list" open=true>
                    <summary><h2>{format!("Problems ({})", props.problems.len())}</h2></summary>
                    <ul aria-label="Problems">
                        {for props.problems.iter().map(|problem| html! { <li><strong><bdi>{&problem.name}</bdi></strong>{": "}{&problem.reason}</li> })}
                    </ul>
                </details>
            }
        </>
    }
}
