//! The controls to answer with: options, fields, lists to order, and free text.

use resnette_lesson::progress::truncate_answer;
use resnette_lesson::question::{Choice, QuestionKind};
use resnette_lesson::{Answer, Question};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::shell::platform;

/// Properties of [`Response`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The question.
    pub question: &'static Question,
    /// The answer so far.
    pub answer: Option<Answer>,
    /// Receives every change.
    pub on_answer: Callback<Answer>,
    /// The id of the element that asks the question.
    pub prompt_id: AttrValue,
}

/// The control for the kind of the question.
#[component]
pub fn Response(props: &Props) -> Html {
    let id = format!("answer-{}", props.question.id);
    let text = match &props.answer {
        Some(Answer::Text(text)) => text.clone(),
        _ => String::new(),
    };
    match &props.question.kind {
        QuestionKind::Choose { options } => choose(&id, options, props),
        QuestionKind::Number { .. } => typed(id, "Number", "for example 1,024", text, props),
        QuestionKind::Shape { .. } => typed(id, "Shape", "for example 64x1x1", text, props),
        QuestionKind::Free { .. } => written(id, text, props),
        QuestionKind::Order { steps, initial_order } => {
            let order = match &props.answer {
                Some(Answer::Order(order)) => order.clone(),
                _ => initial_order.to_vec(),
            };
            html! {
                <Order {id} {steps} {order} on_answer={props.on_answer.clone()}
                    prompt_id={props.prompt_id.clone()} />
            }
        }
    }
}

fn choose(id: &str, options: &'static [Choice], props: &Props) -> Html {
    let chosen = match props.answer {
        Some(Answer::Choice(index)) => Some(index),
        _ => None,
    };
    let items = options.iter().enumerate().map(|(index, option)| {
        let on_answer = props.on_answer.clone();
        let onchange = Callback::from(move |_: Event| on_answer.emit(Answer::Choice(index)));
        html! {
            <li>
                <label class="option">
                    <input type="radio" name={id.to_string()} checked={chosen == Some(index)}
                        {onchange} />
                    <span>{option.text}</span>
                </label>
            </li>
        }
    });
    html! { <ul class="options">{for items}</ul> }
}

fn typed(
    id: String,
    label: &'static str,
    placeholder: &'static str,
    value: String,
    props: &Props,
) -> Html {
    let on_answer = props.on_answer.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        if let Some(input) =
            event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        {
            on_answer.emit(Answer::Text(truncate_answer(&input.value())));
        }
    });
    html! {
        <div class="typed">
            <label for={id.clone()}>{label}</label>
            <input {id} type="text" autocomplete="off" spellcheck="false" {placeholder} {value}
                aria-describedby={props.prompt_id.clone()} {oninput} />
        </div>
    }
}

fn written(id: String, value: String, props: &Props) -> Html {
    let on_answer = props.on_answer.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        if let Some(area) =
            event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok())
        {
            on_answer.emit(Answer::Text(truncate_answer(&area.value())));
        }
    });
    html! {
        <div class="written">
            <label for={id.clone()}>{"In your own words"}</label>
            <textarea {id} rows="4" {value} aria-describedby={props.prompt_id.clone()} {oninput} />
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct OrderProps {
    id: String,
    steps: &'static [&'static str],
    order: Vec<usize>,
    on_answer: Callback<Answer>,
    prompt_id: AttrValue,
}

/// Steps to put in order, with a button up and a button down for each.
#[component]
fn Order(props: &OrderProps) -> Html {
    // A button loses the focus when its row moves, so the same button of the same step gets it
    // back.
    let moved = use_state(|| None::<(String, String)>);
    {
        let moved = moved.clone();
        use_effect_with(props.order.clone(), move |_| {
            if let Some((button, _)) = &*moved {
                platform::focus(button);
            }
        });
    }
    let last = props.order.len().saturating_sub(1);
    let rows = props.order.iter().enumerate().map(|(place, &step)| {
        let words = props.steps.get(step).copied().unwrap_or_default();
        let button = |direction: &'static str, sign: &'static str, to: Option<usize>| {
            let id = format!("{}-{direction}-{step}", props.id);
            let (moved, order, on_answer) =
                (moved.clone(), props.order.clone(), props.on_answer.clone());
            let here = id.clone();
            let onclick = Callback::from(move |_: MouseEvent| {
                let Some(to) = to else { return };
                let mut order = order.clone();
                order.swap(place, to);
                moved.set(Some((
                    here.clone(),
                    format!("{words}: now {} of {}.", to + 1, order.len()),
                )));
                on_answer.emit(Answer::Order(order));
            });
            // The button is not `disabled`, because it would lose the focus at the ends.
            html! {
                <button type="button" {id} class="button icon-button"
                    aria-label={format!("Move {direction}: {words}")}
                    aria-disabled={to.is_none().to_string()} {onclick}>
                    {sign}
                </button>
            }
        };
        html! {
            <li key={step}>
                <span class="order-words">{words}</span>
                {button("up", "↑", place.checked_sub(1))}
                {button("down", "↓", (place < last).then_some(place + 1))}
            </li>
        }
    });
    html! {
        <>
            <ol class="order" aria-labelledby={props.prompt_id.clone()}>{for rows}</ol>
            <span class="visually-hidden" aria-live="polite">
                {moved.as_ref().map(|(_, words)| words.clone()).unwrap_or_default()}
            </span>
        </>
    }
}
