//! One step of the chapter: prose, demos, questions.

use resnette_lesson::arrangement::{Arrangement, arrangement};
use resnette_lesson::{Progress, Question, STEPS, Step};
use yew::prelude::*;

use crate::lesson::answers::Edit;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::frame::DemoView;
use crate::lesson::fold::Fold;
use crate::lesson::question::Card;
use crate::lesson::target::Target;
use crate::widgets::format;

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
    /// Whether the step is open.
    pub open: bool,
    /// Called when the step's heading is pressed.
    pub on_press: Callback<()>,
    /// Called when the browser has found something in the step while it was closed.
    pub on_find: Callback<()>,
}

/// A step with its prose, and its demos with the questions that they answer.
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
    let cards = |questions: Vec<&'static Question>| {
        (!questions.is_empty())
            .then(|| html! { <div class="questions">{for questions.into_iter().map(card)}</div> })
    };
    let Arrangement { warm_ups, after_prose, demos } = arrangement(step);
    let demos = demos.into_iter().map(|(demo, questions)| {
        html! {
            <>
                <DemoView key={demo.slug()} {demo} context={props.context.clone()} />
                {cards(questions)}
            </>
        }
    });
    html! {
        <section class="step" aria-labelledby={id.clone()}>
            <Fold {id} title={step.title} number={place + 1} open={props.open}
                on_press={props.on_press.clone()} on_find={props.on_find.clone()}>
                <div class="step-room">
                    <div class="prose">
                        {for step.prose.iter().map(|paragraph| html! { <p>{*paragraph}</p> })}
                    </div>
                    if !warm_ups.is_empty() {
                        <details class="warm-ups">
                            <summary>
                                {format!(
                                    "Warm up with {} from chapter 13",
                                    format::plural(warm_ups.len() as u64, "question")
                                )}
                            </summary>
                            {cards(warm_ups)}
                        </details>
                    }
                    {cards(after_prose)}
                    {for demos}
                    <p class="way-on">
                        if let Some(previous) =
                            place.checked_sub(1).and_then(|place| STEPS.get(place)) {
                            {way("Back to ", previous, &props.context)}
                        }
                        if let Some(next) = STEPS.get(place + 1) {
                            {way("On to ", next, &props.context)}
                        }
                    </p>
                </div>
            </Fold>
        </section>
    }
}

fn way(words: &'static str, step: &'static Step, context: &DemoContext) -> Html {
    let target = Target::Step(step);
    html! {
        <a href={context.links.to(target)} onclick={context.links.visit(target)}>
            {format!("{words}“{}”", step.title)}
        </a>
    }
}
