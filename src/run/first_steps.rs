//! The loss of each of the first steps.

use resnette_spec::epoch::Step;
use yew::prelude::*;

/// Properties of [`FirstSteps`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The first steps of the run.
    pub steps: Vec<Step>,
}

/// The table of the first steps, folded.
#[component]
pub fn FirstSteps(props: &Props) -> Html {
    html! {
        <details class="card fold">
            <summary><h3>{"Loss of the first steps"}</h3></summary>
            <p class="help">
                {"Each step is one batch. The same seed gives the same pictures in the same order, \
                  so that two engines can be compared step by step. The first 200 steps are kept."}
            </p>
            <div class="steps-room" tabindex="0" role="region" aria-label="Step table">
                <table class="figures" translate="no">
                    <caption>{"Steps"}</caption>
                    <thead>
                        <tr><th scope="col">{"step"}</th><th scope="col">{"loss"}</th></tr>
                    </thead>
                    <tbody>
                        {for props.steps.iter().map(|step| html! {
                            <tr key={step.step}>
                                <th scope="row">{step.step}</th>
                                <td>{format!("{:.6}", step.loss)}</td>
                            </tr>
                        })}
                    </tbody>
                </table>
            </div>
        </details>
    }
}
