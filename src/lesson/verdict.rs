//! The verdict on an answer.

use resnette_lesson::Verdict as Outcome;
use resnette_lesson::question::WhereToTry;
use yew::prelude::*;

use crate::lesson::links::LessonLinks;
use crate::lesson::target::Target;

/// Properties of [`Verdict`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The outcome of the answer, once there is one.
    pub outcome: Option<Outcome>,
    /// Where the reader can try it.
    pub place: WhereToTry,
    /// Makes addresses.
    pub links: LessonLinks,
}

/// The status of an answer. It exists from the start, so that screen readers announce what is put
/// into it.
#[component]
pub fn Verdict(props: &Props) -> Html {
    let (class, words) = match &props.outcome {
        None => (None, Html::default()),
        Some(Outcome::Right { reason }) => {
            (Some("verdict-right"), html! { <p><strong>{"Right."}</strong>{" "}{*reason}</p> })
        }
        Some(Outcome::Wrong { hint }) => (
            Some("verdict-wrong"),
            html! { <p><strong>{"Not yet."}</strong>{" "}{hint}{way(props)}</p> },
        ),
        Some(Outcome::Unreadable { message }) => (
            Some("verdict-unread"),
            html! { <p><strong>{"Not checked."}</strong>{" "}{sentence(message)}{way(props)}</p> },
        ),
        Some(Outcome::MarkYourself { model_answer, reason, .. }) => (
            Some("verdict-compare"),
            html! {
                <>
                    <p><strong>{"One good answer."}</strong>{" "}{*model_answer}</p>
                    <p class="help">{*reason}{way(props)}</p>
                </>
            },
        ),
    };
    html! { <div role="status" class={classes!("verdict", class)}>{words}</div> }
}

/// A link to the place where it can be tried.
fn way(props: &Props) -> Html {
    let WhereToTry::Demo(demo) = props.place else {
        let href = props.links.train(props.links.run().clone());
        return html! { <>{" "}<a {href}>{format!("Go to the {}", props.place.title())}</a></> };
    };
    let target = Target::Demo(demo);
    html! {
        <>
            {" "}
            <a href={props.links.to(target)} onclick={props.links.visit(target)}>
                {format!("Go to {}", demo.title())}
            </a>
        </>
    }
}

/// A message with a capital letter at its start. Messages start with a small letter so that they
/// also fit behind a colon.
pub fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first =
        letters.next().map(|letter| letter.to_ascii_uppercase().to_string()).unwrap_or_default();
    let stop = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("write a number first"), "Write a number first.");
        assert_eq!(sentence("“x” is odd?"), "“x” is odd?");
        assert_eq!(sentence(""), ".");
    }
}
