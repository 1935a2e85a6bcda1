//! The notice that asks the reader before work is lost or another host is asked.

use yew::prelude::*;

use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::shell::platform;
use crate::shell::question::{Question, Stake, Why};

/// Properties of [`QuestionNotice`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the reader must decide.
    pub question: Question,
}

/// What would happen, with a button to agree and one to leave everything as it is.
#[component]
pub fn QuestionNotice(props: &Props) -> Html {
    let commands = use_commands();
    use_effect_with((), |()| platform::focus("leave-as-it-is"));
    let (title, sentences) = words(&props.question.why);
    let yes = match props.question.why {
        Why::Link { stake: Stake::UnderWay, .. } => None,
        Why::Link { .. } => Some("Start the link’s run"),
        Why::Engine(_) => Some("Change the engine"),
    };
    let no = match (&props.question.why, yes) {
        (_, None) => "Close",
        (Why::Link { .. }, _) => "Start nothing",
        (Why::Engine(_), _) => "Keep this engine",
    };
    let agree = {
        let (commands, question) = (commands.clone(), props.question.clone());
        Callback::from(move |_: MouseEvent| commands.agree(question.clone()))
    };
    let leave = Callback::from(move |_: MouseEvent| commands.dispatch(Action::Ask(None)));
    html! {
        <section class="terms" aria-labelledby="question-title">
            <h2 id="question-title">{title}</h2>
            {for sentences.into_iter().map(|sentence| html! { <p>{sentence}</p> })}
            <div class="actions">
                if let Some(yes) = yes {
                    <button type="button" class="button" onclick={agree}>{yes}</button>
                }
                <button type="button" id="leave-as-it-is" class="button" onclick={leave}>
                    {no}
                </button>
            </div>
        </section>
    }
}

fn words(why: &Why) -> (&'static str, Vec<String>) {
    let unkept = "The network here is not saved, and it would be lost. Save model, under Keep in \
                  Train, keeps it as a file.";
    match why {
        Why::Link { stake: Stake::UnderWay, .. } => (
            "This link wants to start another run",
            vec![
                "A run is under way here, so nothing was started; that run goes on. The settings \
                 of the link are in the fields now. To start its run, stop this one, then press \
                 Train."
                    .into(),
            ],
        ),
        Why::Link { stake, goes, host } => {
            let mut sentences = Vec::new();
            match stake {
                Stake::Unkept => sentences.push(unkept.into()),
                Stake::Unfinished => sentences.push(
                    "The run here was stopped before its end. It is saved up to its last complete \
                     epoch and can be continued later; the steps after that would be lost."
                        .into(),
                ),
                Stake::Nothing | Stake::Kept | Stake::UnderWay => {}
            }
            sentences.extend(goes.as_ref().map(|goes| {
                format!("No room is left for another saved run: one that has not ended would go ({goes}).")
            }));
            sentences
                .extend(host.as_ref().map(|host| format!("It would fetch pictures from {host}.")));
            ("This link wants to start a run", sentences)
        }
        Why::Engine(stake) => {
            let sentence = match stake {
                Stake::Unkept => unkept,
                Stake::UnderWay => {
                    "The run under way would end. It is saved after every epoch, and can be \
                     continued from there."
                }
                Stake::Nothing | Stake::Kept | Stake::Unfinished => {
                    "The network that answers here would be gone from this page. A run is saved \
                     up to its last complete epoch and can be continued or shown again; a model \
                     from a file can be opened again."
                }
            };
            ("This needs the other engine", vec![sentence.into()])
        }
    }
}
