//! The lesson for a projector: one thing on each screen, and answers hidden until a key is pressed.

use gloo_events::EventListener;
use resnette_lesson::{Progress, Question};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::lesson::answers::Edit;
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::frame::DemoView;
use crate::lesson::question::Card;
use crate::lesson::slides::{Keeps, Press, Slide, after, opened_at, press, slides};
use crate::lesson::target::Target;
use crate::shell::platform;

/// Properties of [`Presenter`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The place that the link points to.
    pub target: Option<Target>,
    /// What all demos share.
    pub context: DemoContext,
}

/// The screens of the lesson, one at a time.
#[component]
pub fn Presenter(props: &Props) -> Html {
    let at = use_state(|| opened_at(props.target));
    let revealed = use_state(|| false);
    // The class starts without answers: the presenter's own would give the solutions away.
    let progress = use_state(Progress::default);
    {
        let (at, revealed) = (at.clone(), revealed.clone());
        use_effect_with(props.target, move |target| {
            at.set(opened_at(*target));
            revealed.set(false);
        });
    }
    let on_press = {
        let (at, revealed) = (at.clone(), revealed.clone());
        Callback::from(move |press: Press| {
            if press == Press::Reveal {
                revealed.set(!*revealed);
            } else {
                at.set(after(*at, press));
                revealed.set(false);
            }
        })
    };
    use_effect_with((*at, *revealed), {
        let on_press = on_press.clone();
        move |_| {
            let listener = platform::document().map(|document| {
                let options = gloo_events::EventListenerOptions::enable_prevent_default();
                EventListener::new_with_options(&document, "keydown", options, move |event| {
                    let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
                    if key.ctrl_key() || key.alt_key() || key.meta_key() {
                        return;
                    }
                    if let Some(press) = press(&key.key(), keeps(event.target())) {
                        event.prevent_default();
                        on_press.emit(press);
                    }
                })
            });
            move || drop(listener)
        }
    });
    use_effect_with(*at, |_| {
        if let Some(window) = platform::window() {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
    });
    let on_edit = {
        let progress = progress.clone();
        Callback::from(move |edit: Edit| {
            let mut next = (*progress).clone();
            match edit {
                Edit::Answer(question, answer, verdict) => next.record(question, &answer, &verdict),
                Edit::Mark(question, ticked) => next.mark(question, &ticked),
                _ => return,
            }
            progress.set(next);
        })
    };
    let all = slides();
    let Some(slide) = all.get(*at) else { return Html::default() };
    let button = |words: &'static str, press: Press, off: bool| {
        let on_press = on_press.clone();
        html! {
            <button type="button" class="button" disabled={off}
                onclick={move |_: MouseEvent| on_press.emit(press)}>
                {words}
            </button>
        }
    };
    let question = match slide {
        Slide::Question(question) => Some(*question),
        _ => None,
    };
    html! {
        <section class="slides" aria-label="Presentation">
            // Each screen has one heading of the first level; a demo and a question bring one of
            // their own level.
            if !matches!(slide, Slide::Prose(_)) { <h1 class="visually-hidden">{"Learn"}</h1> }
            if let Slide::Demo(demo) = slide {
                <h2 class="visually-hidden">{demo.step().map_or("Demo", |step| step.title)}</h2>
            }
            <div class="slide" key={*at}>
                { match slide {
                    Slide::Prose(step) => html! {
                        <>
                            <h1>{step.title}</h1>
                            <div class="prose">
                                {for step.prose.iter().map(|paragraph| html! {
                                    <p>{*paragraph}</p>
                                })}
                            </div>
                        </>
                    },
                    Slide::Demo(demo) => html! {
                        <DemoView demo={*demo} context={props.context.clone()} />
                    },
                    Slide::Question(question) => html! {
                        <Card question={*question} record={progress.get(question.id).cloned()}
                            on_edit={on_edit} links={props.context.links.clone()} />
                    },
                } }
                if let Some(question) = question.filter(|_| *revealed) { {answer(question)} }
            </div>
            <div class="slide-foot">
                {button("Back", Press::Go(-1), *at == 0)}
                {button("Next", Press::Go(1), *at + 1 == all.len())}
                if question.is_some() {
                    {button(
                        if *revealed { "Hide the answer" } else { "Show the answer" },
                        Press::Reveal,
                        false,
                    )}
                }
                <span class="help">{format!("{} of {}", *at + 1, all.len())}</span>
                <span class="help slide-keys">
                    {"Keys: → or Page Down, ← or Page Up, A for the answer"}
                </span>
                <a href={props.context.links.presenter(false)}>{"Leave presenter mode"}</a>
            </div>
        </section>
    }
}

fn answer(question: &'static Question) -> Html {
    html! {
        <div class="revealed card">
            <p><strong>{question.right_answer_as_text()}</strong></p>
            <p>{question.reason}</p>
        </div>
    }
}

/// The keys that the focused element needs for itself.
fn keeps(target: Option<web_sys::EventTarget>) -> Keeps {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    let inside = |selector: &str| {
        element.as_ref().is_some_and(|element| element.closest(selector).ok().flatten().is_some())
    };
    // A checkbox does not use the arrow keys, but options and sliders do.
    if inside(
        "input:not([type=radio], [type=range], [type=checkbox], [type=file]), textarea, select, \
         [contenteditable]",
    ) {
        Keeps::Letters
    } else if inside("input:not([type=checkbox], [type=file]), .ribbon") {
        Keeps::Arrows
    } else {
        Keeps::Nothing
    }
}
