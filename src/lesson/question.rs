//! A question as a card.

use resnette_lesson::progress::AnswerRecord;
use resnette_lesson::question::{QuestionKind, RubricPoint};
use resnette_lesson::{Answer, Question, Verdict as Outcome, check};
use yew::prelude::*;

use crate::lesson::answers::Edit;
use crate::lesson::links::LessonLinks;
use crate::lesson::response::Response;
use crate::lesson::target::Target;
use crate::lesson::verdict::Verdict;

/// Properties of [`Card`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The question.
    pub question: &'static Question,
    /// The reader's answer and its outcome, if there are any.
    pub record: Option<AnswerRecord>,
    /// Receives answers and marks.
    pub on_edit: Callback<Edit>,
    /// Makes addresses.
    pub links: LessonLinks,
}

/// A question as a group named by its heading, with a way to answer, a button Check, and the
/// verdict.
#[component]
pub fn Card(props: &Props) -> Html {
    let question = props.question;
    let draft = use_state(|| None::<Answer>);
    let refused = use_state(|| None::<Outcome>);
    {
        let (draft, refused) = (draft.clone(), refused.clone());
        use_effect_with(props.record.is_some(), move |&there| {
            if !there {
                draft.set(None);
                refused.set(None);
            }
        });
    }
    let checked = props.record.as_ref().and_then(|record| record.answer.clone());
    let shown = (*draft).clone().or_else(|| checked.clone());
    let free = matches!(question.kind, QuestionKind::Free { .. });
    // A verdict belongs to the answer that was checked and goes when the answer changes. For an
    // answer in words it stays, as a help while writing.
    let outcome = (*refused).clone().or_else(|| {
        let answer = checked.as_ref().filter(|checked| free || shown.as_ref() == Some(checked))?;
        Some(check(question, answer))
    });
    let on_answer = {
        let (draft, refused) = (draft.clone(), refused.clone());
        Callback::from(move |answer: Answer| {
            draft.set(Some(answer));
            refused.set(None);
        })
    };
    let onsubmit = {
        let (shown, on_edit) = (shown.clone(), props.on_edit.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let answer = shown.clone().unwrap_or_else(|| blank(question));
            let verdict = check(question, &answer);
            if matches!(verdict, Outcome::Unreadable { .. }) {
                refused.set(Some(verdict));
            } else {
                refused.set(None);
                on_edit.emit(Edit::Answer(question, answer, verdict));
            }
        })
    };
    let done = props.record.as_ref().is_some_and(|record| record.done);
    let id = Target::Question(question).element();
    let prompt_id = format!("{id}-prompt");
    let list = match &outcome {
        Some(Outcome::MarkYourself { points, covered, .. }) => {
            let ticked =
                props.record.as_ref().map(|record| record.ticked.clone()).unwrap_or_default();
            html! {
                <Checklist {question} {points} covered={covered.clone()} {ticked}
                    on_edit={props.on_edit.clone()} />
            }
        }
        _ => Html::default(),
    };
    html! {
        <fieldset class={classes!("question", "card", done.then_some("question-done"))}
            id={id.clone()} tabindex="-1" aria-describedby={prompt_id.clone()}>
            <legend>{question.heading()}</legend>
            if done { <span class="question-state">{"Done"}</span> }
            <form {onsubmit}>
                <p class="question-prompt" id={prompt_id.clone()}>{question.prompt}</p>
                <Response {question} answer={shown} {on_answer} prompt_id={prompt_id} />
                <button type="submit" class="button check">{"Check"}</button>
            </form>
            <Verdict {outcome} place={question.where_to_try} links={props.links.clone()} />
            {list}
        </fieldset>
    }
}

/// The answer that is checked if the reader has given none.
fn blank(question: &Question) -> Answer {
    match &question.kind {
        // No option has this number, so it is refused with a message that says what to do.
        QuestionKind::Choose { .. } => Answer::Choice(usize::MAX),
        QuestionKind::Order { initial_order, .. } => Answer::Order(initial_order.to_vec()),
        _ => Answer::Text(String::new()),
    }
}

/// Properties of [`Checklist`].
#[derive(Properties, PartialEq)]
struct ListProps {
    question: &'static Question,
    points: &'static [RubricPoint],
    covered: Vec<bool>,
    ticked: Vec<bool>,
    on_edit: Callback<Edit>,
}

#[component]
fn Checklist(props: &ListProps) -> Html {
    let question = props.question;
    let ticks: Vec<bool> =
        (0..props.points.len()).map(|index| props.ticked.get(index) == Some(&true)).collect();
    let items = props.points.iter().enumerate().map(|(index, point)| {
        let (on_edit, ticks) = (props.on_edit.clone(), ticks.clone());
        let checked = ticks[index];
        let onchange = Callback::from(move |_: Event| {
            let mut ticks = ticks.clone();
            ticks[index] = !checked;
            on_edit.emit(Edit::Mark(question, ticks));
        });
        html! {
            <li>
                <label class="switch">
                    <input type="checkbox" {checked} {onchange} />
                    {point.text}
                </label>
                if props.covered.get(index) == Some(&true) {
                    <span class="suggested">{"possibly: your answer contains its keywords"}</span>
                }
            </li>
        }
    });
    html! {
        <div class="checklist" role="group" aria-label="What your answer says">
            <p class="help">
                {"Compare it with your own answer and tick each point that you also made. The \
                  page's suggestions are based on keywords alone; you decide."}
            </p>
            <ul>{for items}</ul>
        </div>
    }
}
