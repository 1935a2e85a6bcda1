//! What corrects all classes at once: two that become one, where validation pictures come from,
//! which column is used, and the buttons that apply the corrections or take them back.

use std::rc::Rc;

use resnette_picture::report::{ClassCorrections, DataReport, Validation};
use resnette_spec::RunConfig;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::data::column_choice::FileChoices;
use crate::data::corrections::{CorrectionAction, Corrections};
use crate::data::state::DataAction;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;

/// Properties of [`CorrectionPanel`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is loaded.
    pub report: Rc<DataReport>,
    /// What the reader corrects about it.
    pub corrections: Rc<Corrections>,
    /// The settings that the files are read with again.
    pub run: RunConfig,
}

/// The panel below the classes.
#[component]
pub fn CorrectionPanel(props: &Props) -> Html {
    let commands = use_commands();
    let (report, corrections) = (&props.report, &props.corrections);
    let problem = corrections.problem(report);
    let pending = corrections.is_pending(report);
    let corrected = *corrections.applied() != ClassCorrections::default();
    let apply = {
        let (commands, run) = (commands.clone(), props.run.clone());
        let send = corrections.to_send(report);
        Callback::from(move |_: MouseEvent| commands.correct(send.clone(), &run))
    };
    let undo = {
        let run = props.run.clone();
        Callback::from(move |_: MouseEvent| {
            if corrected {
                commands.correct(ClassCorrections::default(), &run);
            } else {
                let none = CorrectionAction::Send(ClassCorrections::default());
                commands.dispatch(Action::Data(DataAction::Correct(none)));
            }
        })
    };
    let words = match &problem {
        Some(problem) => problem.clone(),
        None if pending => format!(
            "Not applied yet: {}. Apply reads the files again; until then the page trains on what \
             is shown.",
            corrections.summary(report)
        ),
        None if corrected => "These corrections hold until other files are opened.".into(),
        None => "Nothing is corrected.".into(),
    };
    html! {
        <div class="correct-all card">
            <Merge report={report.clone()} corrections={corrections.clone()} />
            <ValidationChoice corrections={corrections.clone()} />
            if let Some(opened) = &report.opened {
                <FileChoices opened={opened.clone()} corrections={corrections.clone()} />
            }
            <div class="actions">
                <button type="button" class="button" disabled={problem.is_some() || !pending}
                    aria-describedby="corrections-words" onclick={apply}>
                    {"Apply"}
                </button>
                <button type="button" class="button quiet-button"
                    disabled={!pending && !corrected} onclick={undo}>
                    {"Undo corrections"}
                </button>
            </div>
            <p class="help" id="corrections-words" aria-live="polite">{words}</p>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct MergeProps {
    report: Rc<DataReport>,
    corrections: Rc<Corrections>,
}

/// Two choices of a class and a button: the first becomes part of the second.
#[component]
fn Merge(props: &MergeProps) -> Html {
    let commands = use_commands();
    // By their first keys, which stay when other files are read.
    let (part, whole) = (use_state(String::new), use_state(String::new));
    let (report, corrections) = (&props.report, &props.corrections);
    let used = || report.classes.iter().filter(|class| !corrections.leaves_out(&class.keys));
    let find = |key: &str| used().find(|class| class.keys.first().is_some_and(|own| own == key));
    let choice = |id: &'static str, label: &'static str, chosen: &UseStateHandle<String>| {
        let onchange = {
            let chosen = chosen.clone();
            Callback::from(move |event: Event| {
                let select: HtmlSelectElement = event.target_unchecked_into();
                chosen.set(select.value());
            })
        };
        html! {
            <>
                <label for={id}>{label}</label>
                <select {id} {onchange}>
                    <option value="" selected={find(chosen).is_none()}>{"Choose a class"}</option>
                    {for used().filter_map(|class| {
                        let key = class.keys.first()?.clone();
                        Some(html! {
                            <option value={key.clone()}
                                selected={**chosen == key}>
                                {corrections.name(&class.keys, &class.name)}
                            </option>
                        })
                    })}
                </select>
            </>
        }
    };
    let pair = find(&part).zip(find(&whole)).filter(|_| *part != *whole);
    let merge = pair.map(|(from, into)| {
        let name = corrections.name(&into.keys, &into.name).to_string();
        let keys: Vec<String> = from.keys.iter().chain(&into.keys).cloned().collect();
        let chosen = [part.clone(), whole.clone()];
        Callback::from(move |_: MouseEvent| {
            commands.dispatch(Action::Data(DataAction::Correct(CorrectionAction::Rename(
                keys.clone(),
                name.clone(),
            ))));
            chosen.iter().for_each(|chosen| chosen.set(String::new()));
        })
    });
    html! {
        <div class="merge" role="group" aria-label="Put two classes together">
            {choice("merge-part", "The pictures of", &part)}
            {choice("merge-whole", "become part of", &whole)}
            <button type="button" class="button quiet-button" disabled={merge.is_none()}
                onclick={merge}>
                {"Put together"}
            </button>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ValidationProps {
    corrections: Rc<Corrections>,
}

/// The choice of where validation pictures come from.
#[component]
fn ValidationChoice(props: &ValidationProps) -> Html {
    let commands = use_commands();
    let corrections = &props.corrections;
    let chosen = value(corrections.validation());
    let onchange = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        let validation = CorrectionAction::Validate(validation(&select.value()));
        commands.dispatch(Action::Data(DataAction::Correct(validation)));
    });
    let option = |validation: Option<Validation>, words: String| {
        let value = value(validation.as_ref());
        let selected = value == chosen;
        html! { <option key={value.clone()} value={value.clone()} {selected}>{words}</option> }
    };
    html! {
        <div class="validation-choice">
            <label for="validation-choice">{"Pictures to validate with"}</label>
            <select id="validation-choice" {onchange}>
                {option(None, "As found in the files".into())}
                {option(
                    Some(Validation::Drawn),
                    "One in five of each class, drawn at random".into(),
                )}
                {for corrections.folders().map(|folder| option(
                    Some(Validation::Folder(folder.into())),
                    format!("Those in {folder}"),
                ))}
            </select>
        </div>
    }
}

/// A choice as the value of its option.
fn value(validation: Option<&Validation>) -> String {
    match validation {
        None => "found".into(),
        Some(Validation::Drawn) => "drawn".into(),
        Some(Validation::Folder(folder)) => format!("in {folder}"),
    }
}

/// The choice whose option has this value.
fn validation(value: &str) -> Option<Validation> {
    match value.strip_prefix("in ") {
        Some(folder) => Some(Validation::Folder(folder.into())),
        None => (value == "drawn").then_some(Validation::Drawn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_reads_back_as_it_was_written() {
        let folder = |name: &str| Some(Validation::Folder(name.into()));
        for choice in [None, Some(Validation::Drawn), folder("found"), folder("in drawn")] {
            assert_eq!(validation(&value(choice.as_ref())), choice);
        }
    }
}
