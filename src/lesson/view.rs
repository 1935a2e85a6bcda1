//! The place Learn: the chapter as prose, demos and questions.

use std::rc::Rc;

use resnette_lesson::STEPS;
use resnette_spec::architecture::Architecture;
use yew::prelude::*;

use crate::diagram::ribbon::Ribbon;
use crate::lesson::answers::{Edit, KeptAnswers, use_answers};
use crate::lesson::demos::context::DemoContext;
use crate::lesson::demos::picture_chooser::LessonPicture;
use crate::lesson::glossary::Glossary;
use crate::lesson::links::LessonLinks;
use crate::lesson::map::{Map, marks};
use crate::lesson::presenter::Presenter;
use crate::lesson::sheet::Sheet;
use crate::lesson::state::{LessonAction, LessonState};
use crate::lesson::step::Section;
use crate::lesson::target::Target;
use crate::route::link::Link;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::shell::platform;

/// Properties of [`LearnView`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The link. Its `step` is the open step.
    pub link: Link,
    /// What the experiments have found.
    pub lesson: Rc<LessonState>,
}

/// The place Learn.
#[component]
pub fn LearnView(props: &Props) -> Html {
    let answers = use_answers();
    // The English springer, the dog of the chapter.
    let chosen_picture = use_state(|| LessonPicture::drawn(1));
    let target = Target::read(&props.link.step);
    let presenter = props.link.presenter;
    use_effect_with((target, presenter), |(target, presenter)| {
        if let Some(target) = target.filter(|_| !presenter) {
            platform::focus(&target.element());
        }
    });
    let links = LessonLinks::new(&props.link);
    let on_picture = {
        let chosen_picture = chosen_picture.clone();
        let commands = use_commands();
        use_callback((), move |new: LessonPicture, ()| {
            chosen_picture.set(new);
            commands.dispatch(Action::Lesson(LessonAction::ChangePicture));
        })
    };
    let context = DemoContext {
        chosen_picture: (*chosen_picture).clone(),
        on_picture,
        links: links.clone(),
        lesson: props.lesson.clone(),
    };
    let on_edit = {
        let dispatcher = answers.dispatcher();
        use_callback((), move |edit: Edit, ()| dispatcher.dispatch(edit))
    };
    if presenter {
        return html! { <Presenter {target} {context} /> };
    }
    let run = &props.link.run;
    let progress = &answers.progress;
    html! {
        <div class="view learn">
            <h1>{"Learn"}</h1>
            if target.is_none() && !props.link.step.is_empty() {
                <p class="warning">
                    {format!(
                        "The chapter has no step “{}”; here it is from the beginning.",
                        props.link.step
                    )}
                </p>
            }
            <p class="prose lead">
                {"Chapter 14 of the fastai book in six steps, in its order and in words of our \
                  own: read, try it on the demos, answer. Follow the ribbon from left to right and \
                  you have the whole of it: a picture is a grid of numbers, each stage halves the \
                  grid and doubles the channels, and at the end the grid is averaged into one \
                  vector. The arcs are the chapter's idea, and the numbers below lead to the \
                  steps."}
            </p>
            <Ribbon plan={Architecture::new(&run.net, 10)} size={run.data.size}
                marks={marks(progress, &links)} />
            <Tools kept={(*answers).clone()} on_edit={on_edit.clone()}
                present={links.presenter(true)} />
            <div class="learn-columns">
                <Map progress={progress.clone()} {links} />
                <div class="steps">
                    {for STEPS.iter().map(|step| html! {
                        <Section key={step.slug} {step} progress={progress.clone()}
                            on_edit={on_edit.clone()} context={context.clone()} />
                    })}
                </div>
            </div>
            <Glossary />
            <Sheet progress={progress.clone()} />
        </div>
    }
}

/// Properties of [`Tools`].
#[derive(Properties, PartialEq)]
struct ToolsProps {
    kept: KeptAnswers,
    on_edit: Callback<Edit>,
    present: AttrValue,
}

/// What can be done with all answers at once.
#[component]
fn Tools(props: &ToolsProps) -> Html {
    let refused = use_state(|| None::<String>);
    let export = {
        let (progress, refused) = (props.kept.progress.clone(), refused.clone());
        move |_: MouseEvent| {
            let text = progress.to_markdown();
            let saved = platform::save("chapter-14-answers.md", "text/markdown", text.as_bytes());
            refused.set(saved.err());
        }
    };
    let print = |_: MouseEvent| {
        if let Some(window) = platform::window() {
            // Printing fails only in a sandboxed page, where the browser reports it.
            let _ = window.print();
        }
    };
    let edit = |edit: Edit| {
        let on_edit = props.on_edit.clone();
        move |_: MouseEvent| on_edit.emit(edit.clone())
    };
    html! {
        <div class="learn-tools">
            <p class="learn-done">
                <b>{format!("{} of 22", props.kept.progress.done_count())}</b>
                {" questions done"}
            </p>
            <div class="actions">
                <button type="button" class="button quiet-button" onclick={export}>
                    {"Export sheet"}
                </button>
                <button type="button" class="button quiet-button" onclick={print}>{"Print"}</button>
                <button type="button" class="button quiet-button" onclick={edit(Edit::Reset)}>
                    {"Reset answers"}
                </button>
                if props.kept.undo.is_some() {
                    <button type="button" class="button quiet-button" onclick={edit(Edit::Undo)}>
                        {"Undo the reset"}
                    </button>
                }
                <a href={props.present.clone()}>{"Present to a class"}</a>
            </div>
            if let Some(trouble) = &props.kept.trouble {
                <p class="warning" role="alert">{crate::lesson::verdict::sentence(trouble)}</p>
            }
            if let Some(refused) = &*refused {
                <p class="warning" role="alert">{crate::lesson::verdict::sentence(refused)}</p>
            }
        </div>
    }
}
