//! The answers as a sheet that is only seen in print.

use resnette_lesson::question::QuestionKind;
use resnette_lesson::sheet::{Offered, offered, questions_of};
use resnette_lesson::{Progress, Question, QuestionState, STEPS};
use yew::prelude::*;

/// Properties of [`Sheet`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The answers.
    pub progress: Progress,
}

/// The answers for printing. The sheet is hidden on the screen and from assistive technology,
/// because the cards say the same.
#[component]
pub fn Sheet(props: &Props) -> Html {
    let steps = STEPS.iter().map(|step| {
        let asked = questions_of(step).filter(|question| {
            question.number().is_some() || props.progress.get(question.id).is_some()
        });
        html! {
            <section>
                <h2>{step.title}</h2>
                {for asked.map(|question| row(question, &props.progress))}
            </section>
        }
    });
    html! {
        <div class="sheet-print" aria-hidden="true">
            <p class="sheet-head"><span>{"Name"}</span><span>{"Date"}</span></p>
            {for steps}
        </div>
    }
}

fn row(question: &'static Question, progress: &Progress) -> Html {
    let answer = progress.get(question.id).and_then(|record| record.answer.as_ref());
    let offered = offered(question, answer);
    let words = answer.and_then(|answer| question.answer_as_text(answer));
    let free = matches!(question.kind, QuestionKind::Free { .. });
    let state = match progress.state(question.id) {
        QuestionState::Done if free => "marked by the reader",
        QuestionState::Done => "right",
        QuestionState::Tried => "not done yet",
        QuestionState::Open => "",
    };
    html! {
        <div class="sheet-row">
            <h3>{question.heading()}</h3>
            <p>{question.prompt}</p>
            // Options and steps are marked where they stand; everything else needs room to write.
            if offered.is_empty() {
                <p class={classes!("sheet-answer", words.is_none().then_some("sheet-blank"))}>
                    {words.unwrap_or_default()}
                </p>
            } else {
                <ul class="sheet-offered">{for offered.into_iter().map(line)}</ul>
            }
            <p class="help">{state}</p>
        </div>
    }
}

fn line(line: Offered) -> Html {
    html! { <li><span class="sheet-mark">{line.mark.on_paper()}</span>{line.text}</li> }
}
