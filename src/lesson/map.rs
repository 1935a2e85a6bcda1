//! The chapter's steps with what is done of each, to find the way around.

use gloo_events::EventListener;
use resnette_lesson::{Progress, STEPS, Step};
use yew::prelude::*;

use crate::diagram::marks::{Mark, NetworkPart};
use crate::lesson::links::LessonLinks;
use crate::lesson::target::Target;
use crate::shell::platform;
use crate::widgets::bar::Bar;
use crate::widgets::format;

/// Properties of [`Map`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The answers.
    pub progress: Progress,
    /// Makes addresses.
    pub links: LessonLinks,
    /// The step that is open, if it is the only one.
    pub only: Option<usize>,
}

/// The steps of the lesson with what is done of each. The open step is marked; of several, the one
/// in sight.
#[component]
pub fn Map(props: &Props) -> Html {
    let in_sight = use_step_in_sight();
    let here = props.only.unwrap_or(in_sight);
    let items = STEPS.iter().enumerate().map(|(index, step)| {
        let target = Target::Step(step);
        let (done, all) = props.progress.step_counts(step);
        html! {
            <li key={step.slug}>
                <a href={props.links.to(target)} aria-current={(index == here).then_some("step")}
                    onclick={props.links.visit(target)}>
                    <span class="map-title">{format!("{}. {}", index + 1, step.title)}</span>
                    <span class="map-done">
                        {format!("{done} of {all}")}
                        <span class="visually-hidden">
                            {if all == 1 { " question done" } else { " questions done" }}
                        </span>
                    </span>
                    <Bar share={done as f64 / all.max(1) as f64} />
                </a>
            </li>
        }
    });
    html! { <nav class="map" aria-label="Steps of the chapter"><ol>{for items}</ol></nav> }
}

/// The steps as numbers under the parts of the network that they are about.
pub fn marks(progress: &Progress, links: &LessonLinks) -> Vec<Mark> {
    let mark = |(index, (step, part)): (usize, (&'static Step, NetworkPart))| {
        let target = Target::Step(step);
        let (done, all) = progress.step_counts(step);
        Mark {
            part,
            number: index + 1,
            title: format!(
                "{}. {}: {done} of {} done",
                index + 1,
                step.title,
                format::plural(all as u64, "question")
            ),
            href: links.to(target),
            share: done as f64 / all.max(1) as f64,
            onclick: links.visit(target),
        }
    };
    STEPS.iter().zip(PARTS).enumerate().map(mark).collect()
}

/// The part of the network that each step is about. The last step is about the whole network and
/// stands at its end.
const PARTS: [NetworkPart; STEPS.len()] = [
    NetworkPart::Picture,
    NetworkPart::Head,
    NetworkPart::Stage(0),
    NetworkPart::Stem,
    NetworkPart::Stage(2),
    NetworkPart::Head,
];

/// The index of the step whose heading was passed last.
#[hook]
fn use_step_in_sight() -> usize {
    let here = use_state_eq(|| 0);
    {
        let here = here.clone();
        use_effect_with((), move |()| {
            let listener = platform::window()
                .map(|window| EventListener::new(&window, "scroll", move |_| here.set(in_sight())));
            move || drop(listener)
        });
    }
    *here
}

fn in_sight() -> usize {
    let line = platform::window()
        .and_then(|window| window.inner_height().ok())
        .and_then(|height| height.as_f64())
        .unwrap_or(800.0)
        * 0.4;
    let top = |step: &'static Step| {
        let element = platform::document()?.get_element_by_id(&Target::Step(step).element())?;
        Some(element.get_bounding_client_rect().top())
    };
    STEPS.iter().rposition(|step| top(step).is_some_and(|top| top < line)).unwrap_or(0)
}
