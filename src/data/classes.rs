//! The classes that were loaded, with their pictures, where each came from, what was left out, and
//! the fields that correct them if they come from opened files.

use std::rc::Rc;

use resnette_picture::report::{ClassReport, DataReport, SplitOrigin, Validation};
use resnette_spec::RunConfig;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::data::column_choice::questions;
use crate::data::correction_panel::CorrectionPanel;
use crate::data::corrections::{CorrectionAction, Corrections, LONGEST_NAME};
use crate::data::state::DataAction;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;
use crate::widgets::format;
use crate::widgets::picture::PictureView;

/// The largest number of folders, files or names in a sentence.
const MOST_NAMES: usize = 4;

/// Properties of [`Classes`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// What is loaded.
    pub report: Rc<DataReport>,
    /// What the reader corrects about it; `None` if it does not come from opened files.
    pub corrections: Option<Rc<Corrections>>,
    /// The settings that the files are read with again.
    pub run: RunConfig,
    /// Whether nothing may be corrected now: the link locks the settings, or a run is under way.
    pub closed: bool,
}

/// The classes, the split and what was left out, with the fields that correct them.
#[component]
pub fn Classes(props: &Props) -> Html {
    let commands = use_commands();
    let report = &props.report;
    let editing = props.corrections.as_ref().filter(|corrections| corrections.open);
    let chosen = props.corrections.as_ref().and_then(|all| all.applied().validation.as_ref());
    let cards = report.classes.iter().enumerate().map(|(at, class)| {
        // With its place, so that no two are equal whatever the files are called.
        let key = format!("{at} {}", class.keys.first().map_or("", String::as_str));
        let fields = editing.map(|corrections| {
            html! {
                <Fields {at} report={report.clone()} corrections={corrections.clone()} />
            }
        });
        html! { <section {key} class="contact-class">{card(class, fields)}</section> }
    });
    let body = html! {
        <>
            <div class="contact">{for cards}</div>
            <LeftOutList report={report.clone()} corrections={props.corrections.clone()} />
            if let Some(corrections) = editing {
                <CorrectionPanel report={report.clone()} corrections={corrections.clone()}
                    run={props.run.clone()} />
            }
        </>
    };
    let toggle = props.corrections.as_ref().map(|corrections| {
        let open = corrections.open;
        let onclick = Callback::from(move |_: MouseEvent| {
            commands.dispatch(Action::Data(DataAction::Correct(CorrectionAction::Open(!open))))
        });
        html! {
            <div class="actions">
                <button type="button" class="button" aria-expanded={open.to_string()} {onclick}>
                    {"Correct classes and split"}
                </button>
                <span class="help">
                    {"A wrong name, two folders for one thing, a folder that is no class, or the \
                      wrong pictures for validation? Correct it here before you train."}
                </span>
            </div>
        }
    });
    html! {
        <section class="classes" aria-label="Classes">
            <h2>{"Classes"}</h2>
            <p>{split_words(&report.split, chosen)}</p>
            {for report.opened.iter().flat_map(questions).map(|question| html! {
                <p><bdi>{question}</bdi></p>
            })}
            {toggle.unwrap_or_default()}
            if editing.is_some() {
                <fieldset class="correcting" disabled={props.closed}>
                    <legend class="visually-hidden">{"Classes and split"}</legend>
                    {body}
                </fieldset>
            } else {
                {body}
            }
        </section>
    }
}

/// A class with its counts, where it came from, and some of its pictures.
fn card(class: &ClassReport, fields: Option<Html>) -> Html {
    html! {
        <>
            <h3 translate="no"><bdi>{&class.name}</bdi></h3>
            <p class="help" translate="no">
                {format!("{} train, {} valid", class.train, class.valid)}
            </p>
            if class.valid == 0 {
                <p class="help">
                    {"Without validation pictures, nothing shows how well the network recognises \
                      this class."}
                </p>
            }
            if !class.origins.is_empty() {
                <p class="help origins"><bdi>{format!("From {}", some_of(&class.origins))}</bdi></p>
            }
            {fields.unwrap_or_default()}
            <div class="contact-pictures">
                {for class.examples.iter().map(|picture| html! {
                    <PictureView picture={picture.clone()} label={class.name.clone()} />
                })}
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct FieldsProps {
    at: usize,
    report: Rc<DataReport>,
    corrections: Rc<Corrections>,
}

/// The fields that correct one class.
#[component]
fn Fields(props: &FieldsProps) -> Html {
    let commands = use_commands();
    let (report, corrections) = (&props.report, &props.corrections);
    let Some(class) = report.classes.get(props.at) else { return Html::default() };
    let correct = move |action| commands.dispatch(Action::Data(DataAction::Correct(action)));
    let keys = class.keys.clone();
    let rename = {
        let (correct, keys) = (correct.clone(), keys.clone());
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            correct(CorrectionAction::Rename(keys.clone(), input.value()));
        })
    };
    let out = corrections.leaves_out(&keys);
    let leave_out = {
        let (correct, keys) = (correct.clone(), keys.clone());
        Callback::from(move |_: Event| correct(CorrectionAction::LeaveOut(keys.clone(), !out)))
    };
    let separate = {
        let keys = keys.clone();
        Callback::from(move |_: MouseEvent| correct(CorrectionAction::Separate(keys.clone())))
    };
    let (id, notes_id) =
        (format!("class-name-{}", props.at), format!("class-name-{}-notes", props.at));
    html! {
        <div class="correct-class">
            <label for={id.clone()}>
                {"Name"}<span class="visually-hidden">{format!(" of {}", class.name)}</span>
            </label>
            <input type="text" {id} maxlength={LONGEST_NAME.to_string()} autocomplete="off"
                spellcheck="false" value={corrections.name(&keys, &class.name).to_string()}
                disabled={out} aria-describedby={notes_id.clone()} oninput={rename} />
            <label class="switch">
                <input type="checkbox" checked={out} onchange={leave_out} />
                <span>
                    {"Leave out"}
                    <span class="visually-hidden">{format!(" {}", class.name)}</span>
                </span>
            </label>
            if corrections.is_merged(&keys) {
                <button type="button" class="button quiet-button"
                    aria-label={format!("Separate {}", class.name)} onclick={separate}>
                    {"Separate"}
                </button>
            }
            <p class="help" id={notes_id} aria-live="polite">
                {notes(class, corrections, report)}
            </p>
        </div>
    }
}

/// What becomes of a class, as far as it is not plain from its fields.
fn notes(class: &ClassReport, corrections: &Corrections, report: &DataReport) -> String {
    let keys = &class.keys;
    let mut notes = Vec::new();
    if corrections.leaves_out(keys) {
        notes.push("Its pictures will not be used.".to_string());
    }
    if corrections.is_merged(keys) {
        notes.push(format!("Put together from {}.", some_of(&corrections.found_names(keys))));
    }
    let joins: Vec<String> =
        corrections.joins(keys, report).into_iter().map(str::to_string).collect();
    if !joins.is_empty() {
        notes.push(format!("“{}” and {} become one class.", class.name, quoted(&joins)));
    } else if let Some(other) = corrections.look_alike(keys, report) {
        notes.push(format!(
            "Another class is called “{other}”. The two names differ in capital letters, so they \
             stay separate classes; give both the same name to merge them."
        ));
    }
    notes.join(" ")
}

#[derive(Properties, PartialEq)]
struct LeftOutProps {
    report: Rc<DataReport>,
    corrections: Option<Rc<Corrections>>,
}

/// Folders and classes whose pictures are not used, and why. Draws nothing if there are none.
#[component]
fn LeftOutList(props: &LeftOutProps) -> Html {
    let commands = use_commands();
    let left_out = &props.report.left_out;
    let by_reader = |name: &str| {
        let corrections = props.corrections.as_ref();
        corrections.is_some_and(|corrections| corrections.applied().left_out.contains(name))
    };
    let again = |name: &str| {
        let corrections = props.corrections.as_ref().filter(|all| all.open && by_reader(name))?;
        let (commands, keys) = (commands.clone(), vec![name.to_string()]);
        let out = corrections.leaves_out(&keys);
        let label = some_of(&corrections.found_names(&keys));
        let onchange = Callback::from(move |_: Event| {
            commands.dispatch(Action::Data(DataAction::Correct(CorrectionAction::LeaveOut(
                keys.clone(),
                !out,
            ))))
        });
        Some(html! {
            <label class="switch">
                <input type="checkbox" checked={out} {onchange} />
                <span>{"Leave out"}<span class="visually-hidden">{format!(" {label}")}</span></span>
            </label>
        })
    };
    // A class that the reader left out can be used again, whether the report names it or not.
    let told = |name: &String| left_out.iter().any(|left_out| left_out.name == *name);
    let corrections = props.corrections.as_ref();
    let untold: Vec<&String> = corrections
        .map(|all| all.applied().left_out.iter().filter(|name| !told(name)).collect())
        .unwrap_or_default();
    if left_out.is_empty() && untold.is_empty() {
        return Html::default();
    }
    html! {
        <div class="left-out">
            <h3>{"Left out"}</h3>
            <ul aria-label="Left out">
                {for left_out.iter().map(|left_out| html! {
                    <li>
                        <strong translate="no"><bdi>{&left_out.name}</bdi></strong>
                        <span>
                            {format!(
                                " ({}): {}",
                                format::plural(left_out.pictures.into(), "picture"),
                                left_out.reason
                            )}
                        </span>
                        {again(&left_out.name).unwrap_or_default()}
                    </li>
                })}
                {for untold.into_iter().map(|name| html! {
                    <li>
                        <strong translate="no"><bdi>{name}</bdi></strong>
                        <span>{": you left this class out."}</span>
                        {again(name).unwrap_or_default()}
                    </li>
                })}
            </ul>
        </div>
    }
}

/// How training and validation pictures were told apart, as a sentence; `chosen` is what the reader
/// chose.
fn split_words(split: &SplitOrigin, chosen: Option<&Validation>) -> String {
    match (split, chosen) {
        (SplitOrigin::Published, _) => {
            "The source has separate pictures for training and for validation.".into()
        }
        (SplitOrigin::Drawn, Some(_)) => {
            "As you chose, one in five pictures of each class was drawn at random to validate \
             with; all others train."
                .into()
        }
        (SplitOrigin::Drawn, None) => {
            "No name says which pictures are for training and which for validation, as train and val \
             do. So one in five pictures of each class was drawn at random to validate with; all \
             others train."
                .into()
        }
        (SplitOrigin::Named { valid, .. }, Some(_)) => {
            format!("As you chose, the pictures in {} validate; all others train.", quoted(valid))
        }
        (SplitOrigin::Named { train, valid }, None) => format!(
            "Going by the names, the network trains on the pictures in {} and is validated on those \
             in {}.",
            quoted(train),
            quoted(valid)
        ),
    }
}

/// Some names in quotation marks, with the number of the others.
fn quoted(names: &[String]) -> String {
    some_of(&names.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>())
}

/// Some names, with the number of the others.
fn some_of(names: &[String]) -> String {
    match names {
        [] => "a part without a name".into(),
        [name] => name.clone(),
        names if names.len() > MOST_NAMES => {
            format!("{} and {} more", names[..MOST_NAMES].join(", "), names.len() - MOST_NAMES)
        }
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_split_is_told_in_words() {
        let named = SplitOrigin::Named {
            train: names(&["pets/train"]),
            valid: names(&["pets/val", "pets/test"]),
        };
        assert_eq!(
            split_words(&named, None),
            "Going by the names, the network trains on the pictures in “pets/train” and is validated \
             on those in “pets/val” and “pets/test”."
        );
        let folder = Validation::Folder("pets/test".into());
        assert!(split_words(&named, Some(&folder)).starts_with("As you chose, the pictures in"));
        assert!(split_words(&SplitOrigin::Drawn, None).contains("one in five"));
        let words = split_words(&SplitOrigin::Drawn, Some(&Validation::Drawn));
        assert!(words.starts_with("As you chose, one in five"), "{words}");
        assert!(split_words(&SplitOrigin::Published, None).contains("separate pictures"));
    }

    #[test]
    fn long_lists_end_in_a_number() {
        assert_eq!(some_of(&names(&["a", "b", "c"])), "a, b and c");
        assert_eq!(some_of(&names(&["a", "b", "c", "d"])), "a, b, c and d");
        assert_eq!(some_of(&names(&["a", "b", "c", "d", "e", "f"])), "a, b, c, d and 2 more");
        assert_eq!(quoted(&names(&["a"])), "“a”");
    }

    #[test]
    fn notes_say_what_becomes_of_a_class() {
        let class = |name: &str| ClassReport {
            name: name.into(),
            keys: vec![name.into()],
            ..ClassReport::default()
        };
        let report = DataReport {
            classes: vec![class("cat"), class("Katze"), class("dog")],
            ..DataReport::default()
        };
        let mut corrections = Corrections::default();
        corrections.loaded(&report);
        let said =
            |corrections: &Corrections, at: usize| notes(&report.classes[at], corrections, &report);
        assert_eq!(said(&corrections, 0), "");
        corrections.act(CorrectionAction::Rename(names(&["Katze"]), "cat".into()));
        assert_eq!(said(&corrections, 1), "“Katze” and “cat” become one class.");
        assert_eq!(said(&corrections, 2), "");
        corrections.act(CorrectionAction::Rename(names(&["Katze"]), "Cat".into()));
        assert!(said(&corrections, 1).starts_with("Another class is called “cat”"));
        corrections.act(CorrectionAction::LeaveOut(names(&["dog"]), true));
        assert_eq!(said(&corrections, 2), "Its pictures will not be used.");
    }
}
