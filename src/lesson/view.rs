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
use crate::lesson::reading::{Move, Reading, ReadingAction};
use crate::lesson::sheet::Sheet;
use crate::lesson::state::{LessonAction, LessonState};
use crate::lesson::step::Section;
use crate::lesson::target::{Part, Target};
use crate::route::link::Link;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::shell::platform;

/// Properties of [`LearnView`].
#[derive(Properties, PartialEq, Clone)]
pub struct Props {
    /// The link. Its `step` is the place to read first.
    pub link: Link,
    /// What the experiments have found.
    pub lesson: Rc<LessonState>,
    /// Whether the model that comes with the page should be looked into, because the reader has
    /// none yet.
    pub shipped: bool,
}

/// The place Learn.
#[component]
pub fn LearnView(props: &Props) -> Html {
    let answers = use_answers();
    // The English springer, the dog of the chapter.
    let chosen_picture = use_state(|| LessonPicture::drawn(1));
    let target = Target::read(&props.link.step);
    let presenter = props.link.presenter;
    let reading = use_reducer(|| Reading::new(target, &answers.progress));
    {
        let reading = reading.dispatcher();
        use_effect_with((target, presenter), move |(target, presenter)| {
            if let Some(target) = target.filter(|_| !presenter) {
                reading.dispatch(ReadingAction::Visit(target));
            }
        });
    }
    use_effect_with((reading.last, presenter), |(last, presenter)| {
        if let Some(last) = last.filter(|_| !presenter) {
            make(last);
        }
    });
    let on_visit = {
        let reading = reading.dispatcher();
        use_callback((), move |target: Target, ()| reading.dispatch(ReadingAction::Visit(target)))
    };
    let links = LessonLinks::new(&props.link, on_visit);
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
        shipped: props.shipped,
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
    let on_part = |part: Part, action: fn(Part) -> ReadingAction| {
        let reading = reading.dispatcher();
        Callback::from(move |()| reading.dispatch(action(part)))
    };
    let on_all = {
        let (reading, all) = (reading.dispatcher(), reading.shows_all());
        Callback::from(move |()| reading.dispatch(ReadingAction::OpenAll(!all)))
    };
    let steps = STEPS.iter().enumerate().map(|(place, step)| {
        let part = Part::Step(place);
        html! {
            <Section key={step.slug} {step} progress={progress.clone()} on_edit={on_edit.clone()}
                context={context.clone()} open={reading.shows(part)}
                on_press={on_part(part, ReadingAction::Press)}
                on_find={on_part(part, ReadingAction::Find)} />
        }
    });
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
                {"Chapter 14 of the fastai book in six steps, in its order but in our own words: \
                  read, try the demos, answer the questions. The diagram shows it all from left to \
                  right: a picture is a grid of numbers, from stage to stage the grid halves and \
                  the channels double, and at the end the grid is averaged into one vector. The \
                  arcs are the chapter's main idea, and the numbers below lead to the steps."}
            </p>
            <Ribbon plan={Architecture::new(&run.net, 10)} size={run.data.size}
                marks={marks(progress, &links)} />
            <Tools kept={(*answers).clone()} on_edit={on_edit.clone()}
                present={links.presenter(true)} all_open={reading.shows_all()} {on_all} />
            <div class="learn-columns">
                <Map progress={progress.clone()} {links} only={reading.only_step()} />
                <div class="steps">{for steps}</div>
            </div>
            <Glossary open={reading.shows(Part::Glossary)}
                on_press={on_part(Part::Glossary, ReadingAction::Press)}
                on_find={on_part(Part::Glossary, ReadingAction::Find)} />
            <Sheet progress={progress.clone()} />
        </div>
    }
}

/// Moves the reader.
fn make(last: Move) {
    let heading = |part| {
        let target = match part {
            Part::Step(step) => Target::Step(STEPS.get(step)?),
            Part::Glossary => Target::Glossary,
        };
        platform::document()?.get_element_by_id(&target.element())
    };
    match last {
        Move::GoTo(target, _) => platform::go_to(&target.element()),
        Move::Show(part, _) => {
            if let Some(heading) = heading(part) {
                heading.scroll_into_view();
            }
        }
        Move::KeepInSight(part, _) => {
            if let Some(heading) = heading(part) {
                platform::bring_into_sight(&heading);
            }
        }
    }
}

/// Properties of [`Tools`].
#[derive(Properties, PartialEq)]
struct ToolsProps {
    kept: KeptAnswers,
    on_edit: Callback<Edit>,
    present: AttrValue,
    all_open: bool,
    on_all: Callback<()>,
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
    let all = {
        let on_all = props.on_all.clone();
        move |_: MouseEvent| on_all.emit(())
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
                <button type="button" class="button quiet-button" onclick={all}>
                    {if props.all_open { "One step at a time" } else { "Open all steps" }}
                </button>
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
