//! The row of an experiment, with buttons to start and end it and its progress.

use resnette_protocol::lesson::{Request, Task};
use yew::prelude::*;

use crate::lesson::demos::context::DemoContext;
use crate::lesson::verdict::sentence;
use crate::shell::commands::use_commands;
use crate::widgets::bar::Progress;

/// Properties of [`Experiment`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// The text of the button.
    pub label: AttrValue,
    /// The request that starts the experiment.
    pub ask: Request,
    /// What all demos share, among it the state of the experiments.
    pub context: DemoContext,
    /// What the experiment takes, in words.
    #[prop_or_default]
    pub about: AttrValue,
}

/// A row with a button that starts the experiment, its progress, and a button that ends it. One
/// experiment runs at a time.
#[component]
pub fn Experiment(props: &Props) -> Html {
    let commands = use_commands();
    let lesson = &props.context.lesson;
    let Some(task) = props.ask.task() else { return Html::default() };
    let share = lesson.busy.filter(|(busy, _)| *busy == task).map(|(_, share)| share);
    let other = lesson.busy.map(|(busy, _)| busy).filter(|busy| *busy != task);
    let begin = {
        let (commands, ask) = (commands.clone(), props.ask.clone());
        let shipped = props.context.shipped && task == Task::Look;
        move |_: MouseEvent| commands.look(ask.clone(), shipped)
    };
    let end = move |_: MouseEvent| commands.experiment(Request::Cancel);
    let failure = lesson.failure.as_ref().filter(|(failed, _)| *failed == task);
    html! {
        <div class="experiment">
            if let Some(share) = share {
                <button type="button" class="button" onclick={end}>{"End the experiment"}</button>
                <Progress name="Done" share={f64::from(share)} />
            } else {
                <button type="button" class="button" disabled={other.is_some()} onclick={begin}>
                    {&props.label}
                </button>
                <span class="help">{ match other {
                    Some(other) => format!("once {} is done", name(other)),
                    None => props.about.to_string(),
                } }</span>
            }
            if let Some((_, message)) = failure {
                <p class="warning" role="alert">{sentence(message)}</p>
            }
        </div>
    }
}

fn name(task: Task) -> &'static str {
    match task {
        Task::Race => "the training of the three networks",
        Task::Look => "the look at the picture",
        Task::Clock => "the timing of the blocks",
        Task::Surface => "the loss surface",
    }
}
