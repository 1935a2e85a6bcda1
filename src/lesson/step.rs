//! One step of the chapter: prose, demos, questions.

use resnette_lesson::sheet::questions_of;
use resnette_lesson::{Progress, Question, STEPS, Step};
use yew::prelude::*;

use crate::lesson::answers::Edit;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::frame::DemoView;
use crate::lesson::question::Card;
use crate::lesson::target::Target;
use crate::shell::platform;

/// Properties of [`Section`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The step.
    pub step: &'static Step,
    /// The answers.
    pub progress: Progress,
    /// Receives answers and marks.
    pub on_edit: Callback<Edit>,
    /// What all demos share.
    pub context: DemoContext,
}

/// A step with its prose, its demos and its questions.
#[component]
pub fn Section(props: &Props) -> Html {
    let step = props.step;
    let id = Target::Step(step).element();
    let place = STEPS.iter().position(|other| other.slug == step.slug).unwrap_or(0);
    let card = |question: &'static Question| {
        html! {
            <Card key={question.id} {question} record={props.progress.get(question.id).cloned()}
                on_edit={props.on_edit.clone()} links={props.context.links.clone()} />
        }
    };
    let (numbered, warm_ups): (Vec<&Question>, Vec<&Question>) =
        questions_of(step).partition(|question| question.number().is_some());
    html! {
        <section class="step" aria-labelledby={id.clone()}>
            <h2 {id} tabindex="-1"><span class="step-number">{place + 1}</span>{step.title}</h2>
            <div class="prose">
                {for step.prose.iter().map(|paragraph| html! { <p>{*paragraph}</p> })}
            </div>
            {for step.demos.iter().map(|demo| html! {
                <DemoView key={demo.slug()} demo={*demo} context={props.context.clone()} />
            })}
            if !warm_ups.is_empty() {
                <details class="warm-ups">
                    <summary>
                        {format!(
                            "{} from chapter 13, to warm up",
                            crate::widgets::format::plural(warm_ups.len() as u64, "question")
                        )}
                    </summary>
                    <div class="questions">{for warm_ups.into_iter().map(card)}</div>
                </details>
            }
            <div class="questions">{for numbered.into_iter().map(card)}</div>
            <p class="way-on">
                if let Some(previous) = place.checked_sub(1).and_then(|place| STEPS.get(place)) {
                    {way("Back to ", previous, &props.context)}
                }
                if let Some(next) = STEPS.get(place + 1) { {way("On to ", next, &props.context)} }
            </p>
        </section>
    }
}

fn way(words: &'static str, step: &'static Step, context: &DemoContext) -> Html {
    let target = Target::Step(step);
    let onclick = move |_: MouseEvent| platform::focus(&target.element());
    html! { <a href={context.links.to(target)} {onclick}>{format!("{words}“{}”", step.title)}</a> }
}
