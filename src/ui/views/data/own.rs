//! Classes that a reader makes here: names, and pictures by drop, chooser, paste or camera.

use web_sys::File;
use yew::prelude::*;

use super::camera::Camera;
use crate::config::RunConfig;
use crate::ui::components::{FileButton, use_paste};
use crate::ui::hooks::use_page;
use crate::ui::opened::OpenedFile;
use crate::ui::text;

/// Fewer leave nothing to tell apart, or nothing to validate with.
const FEWEST_CLASSES: usize = 2;
const FEWEST_PICTURES: usize = 5;
/// Enough for a table of names; larger sets come as folders.
const MOST_CLASSES: usize = 20;

/// A class in the making.
#[derive(Clone, Debug, Default, PartialEq)]
struct Own {
    name: String,
    files: Vec<File>,
}

/// The settings that the classes are loaded with.
#[derive(Properties, PartialEq)]
pub struct Props {
    /// All of them.
    pub run: RunConfig,
    /// Nothing may be changed.
    pub locked: bool,
}

/// The table of classes.
#[component]
pub fn OwnClasses(props: &Props) -> Html {
    let page = use_page();
    let classes = use_state(|| vec![Own::default(); FEWEST_CLASSES]);
    let chosen = use_state(|| 0_usize);
    let change = {
        let classes = classes.clone();
        move |change: &dyn Fn(&mut Vec<Own>)| {
            let mut next = (*classes).clone();
            change(&mut next);
            classes.set(next);
        }
    };
    let add_to = |at: usize| {
        let change = change.clone();
        Callback::from(move |files: Vec<File>| change(&|classes| classes[at].files.extend(files.clone())))
    };
    use_paste(add_to((*chosen).min(classes.len() - 1)));
    let rename = |at: usize| {
        let change = change.clone();
        Callback::from(move |event: InputEvent| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            change(&|classes| classes[at].name = input.value());
        })
    };
    let empty = |at: usize| {
        let change = change.clone();
        Callback::from(move |_: MouseEvent| {
            change(&|classes| {
                classes[at].files.clear();
                if classes.len() > FEWEST_CLASSES {
                    classes.remove(at);
                }
            })
        })
    };
    let more = {
        let change = change.clone();
        Callback::from(move |_: MouseEvent| change(&|classes| classes.push(Own::default())))
    };
    let missing = missing(&classes.iter().map(|class| (class.name.as_str(), class.files.len())).collect::<Vec<_>>());
    let load = {
        let (classes, run) = (classes.clone(), props.run.clone());
        Callback::from(move |_: MouseEvent| page.open_files(as_folder(&classes), &run))
    };
    html! {
        <details class="own card fold">
            <summary><h2>{"Classes of your own"}</h2></summary>
            <p class="prose">{"Name what the network shall tell apart, and give each name at least five pictures; twenty or more work better. A fifth of them validate. They stay in this tab and are gone when it is closed."}</p>
            <fieldset disabled={props.locked}>
                <legend class="visually-hidden">{"Your classes"}</legend>
                <ul class="own-classes">
                    {for classes.iter().enumerate().map(|(at, class)| {
                        let (id, name) = (format!("own-class-{at}"), if class.name.trim().is_empty() { format!("class {}", at + 1) } else { class.name.clone() });
                        let choose = { let chosen = chosen.clone(); Callback::from(move |_: FocusEvent| chosen.set(at)) };
                        html! {
                            <li key={at} onfocusin={choose}>
                                <label for={id.clone()}>{format!("Name of class {}", at + 1)}</label>
                                <input type="text" {id} maxlength="60" autocomplete="off" value={class.name.clone()} oninput={rename(at)} />
                                <p aria-live="polite">{text::plural(class.files.len() as u64, "picture")}</p>
                                <FileButton label={format!("Add pictures to {name}")} accept="image/jpeg,image/png,image/webp" on_files={add_to(at)} />
                                <Camera name={name.clone()} on_file={add_to(at)} />
                                <button type="button" class="button quiet-button" aria-label={format!("Remove {name}")} onclick={empty(at)}>{"Remove"}</button>
                            </li>
                        }
                    })}
                </ul>
                <div class="actions">
                    <button type="button" class="button" disabled={classes.len() >= MOST_CLASSES} onclick={more}>{"Add a class"}</button>
                    <button type="button" class="button" disabled={missing.is_some()} aria-describedby="own-missing" onclick={load}>{"Use these classes"}</button>
                </div>
                <p class="help" id="own-missing" aria-live="polite">{missing.unwrap_or_default()}{" Pasted pictures go to the class that you touched last."}</p>
            </fieldset>
        </details>
    }
}

/// What is still to be done, from names and counts.
fn missing(classes: &[(&str, usize)]) -> Option<String> {
    if let Some(at) = classes.iter().position(|(name, _)| folder_name(name).is_empty()) {
        return Some(format!("Class {} needs a name.", at + 1));
    }
    let same =
        |at: usize| classes[..at].iter().any(|(name, _)| folder_name(name).to_lowercase() == folder_name(classes[at].0).to_lowercase());
    if let Some(at) = (0..classes.len()).find(|&at| same(at)) {
        return Some(format!("Two classes are called {}.", classes[at].0.trim()));
    }
    let (name, count) = classes.iter().find(|(_, count)| *count < FEWEST_PICTURES)?;
    Some(format!("{} needs {} more.", name.trim(), text::plural((FEWEST_PICTURES - count) as u64, "picture")))
}

/// A name that is one folder of a path, and not a hidden one.
fn folder_name(name: &str) -> String {
    name.trim().trim_start_matches('.').replace(['/', '\\'], " ").trim().to_string()
}

/// The classes as an opened folder of class folders. Numbers keep pictures of the same name apart.
fn as_folder(classes: &[Own]) -> Vec<OpenedFile> {
    let files = classes.iter().flat_map(|class| class.files.iter().enumerate().map(move |(number, file)| (class, number, file)));
    files
        .map(|(class, number, file)| OpenedFile {
            path: format!("My classes/{}/{number} {}", folder_name(&class.name), file.name()),
            file: file.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_one_thing_at_a_time() {
        let said = |classes: &[(&str, usize)]| missing(classes).unwrap_or_default();
        assert_eq!(said(&[("cat", 5), (" ./", 5)]), "Class 2 needs a name.");
        assert_eq!(said(&[("cat", 5), ("Cat ", 5)]), "Two classes are called Cat.");
        assert_eq!(said(&[("cat", 5), ("dog", 4)]), "dog needs 1 picture more.");
        assert_eq!(missing(&[("cat", 5), ("dog", 9)]), None);
    }

    #[test]
    fn names_are_one_folder() {
        assert_eq!(folder_name(" ../my/cat "), "my cat");
        assert_eq!(folder_name("🐈 חתול"), "🐈 חתול");
    }
}
