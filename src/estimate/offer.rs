//! Settings that fit into a lesson, where those of the page would take too long.

use std::rc::Rc;

use resnette_spec::lesson_run::{LESSON_SECONDS, LessonRun, lesson_run};
use resnette_spec::run_time::Pace;
use resnette_spec::{RunConfig, Setting};
use yew::prelude::*;

use crate::estimate::pictures::KnownPictures;
use crate::estimate::words::about;
use crate::shell::commands::use_commands;

/// Properties of [`LessonOffer`].
#[derive(Clone, Properties, PartialEq)]
pub struct Props {
    /// The settings.
    pub run: RunConfig,
    /// How fast the engine is, if that is known.
    pub pace: Option<Rc<Pace>>,
    /// What is known of the pictures.
    pub pictures: Option<KnownPictures>,
    /// Whether the settings can be read but not changed.
    pub locked: bool,
}

/// The offer, with the settings that it would change. Draws nothing where a run fits into a lesson,
/// or where nobody knows how long it takes.
#[component]
pub fn LessonOffer(props: &Props) -> Html {
    let commands = use_commands();
    let (Some(pace), Some(pictures)) = (&props.pace, &props.pictures) else {
        return Html::default();
    };
    let seconds = pace.run_seconds(&props.run, pictures.counts(&props.run.data));
    if seconds <= LESSON_SECONDS {
        return Html::default();
    }
    let counts = |run: &RunConfig| pictures.counts(&run.data);
    let Some(LessonRun { changes, seconds: faster }) = lesson_run(&props.run, pace, counts) else {
        return Html::default();
    };
    let words = changed(&changes);
    let onclick = Callback::from(move |_: MouseEvent| {
        for &(key, value) in &changes {
            commands.set(key, value.to_string());
        }
    });
    html! {
        <div class="warning lesson-offer">
            <p>
                {format!(
                    "Too slow for a lesson? With these settings a run takes {} on this computer.",
                    about(seconds)
                )}
            </p>
            <button type="button" class="button quiet-button" disabled={props.locked} {onclick}>
                {format!("Use settings that take {}", about(faster))}
            </button>
            <p class="help">{words}</p>
        </div>
    }
}

/// What the button changes, by the labels of the fields.
fn changed(changes: &[(&'static str, u32)]) -> String {
    let settings = changes.iter().map(|&(key, value)| {
        let label = Setting::find(key).map_or(key, |setting| setting.label);
        format!("{label}: {value}")
    });
    format!("{}.", settings.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_named_as_its_fields_are() {
        assert_eq!(
            changed(&[("train", 30), ("epochs", 5), ("size", 48)]),
            "Training pictures a class: 30; Epochs: 5; Size in pixels: 48."
        );
    }
}
