//! What a reader chooses about opened files besides their classes: the columns of parquet files,
//! and whether JPEGs that end early are used.

use std::rc::Rc;

use resnette_picture::report::{ColumnReport, OpenedReport};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::data::corrections::{CorrectionAction, Corrections};
use crate::data::state::DataAction;
use crate::shell::action::Action;
use crate::shell::commands::use_commands;

/// What stands before a column's name in the value of its option: a column may be called anything.
const IN: &str = "in ";
/// The largest number of columns that a sentence names.
const MOST_NAMED: usize = 6;

/// Properties of [`FileChoices`].
#[derive(Properties, PartialEq)]
pub struct Props {
    /// How the files were read.
    pub opened: OpenedReport,
    /// What the reader chose.
    pub corrections: Rc<Corrections>,
}

/// The choices that these files leave: nothing where there is one column of each, and no JPEG ends
/// early.
#[component]
pub fn FileChoices(props: &Props) -> Html {
    let commands = use_commands();
    let correct = move |action| commands.dispatch(Action::Data(DataAction::Correct(action)));
    let (opened, corrections) = (&props.opened, &props.corrections);
    let labels = {
        let correct = correct.clone();
        column_choice(
            ("label-column", "Labels are in column"),
            &opened.label_columns,
            corrections.label_column(),
            move |column| correct(CorrectionAction::LabelColumn(column)),
        )
    };
    let pictures = {
        let correct = correct.clone();
        column_choice(
            ("image-column", "Pictures are in column"),
            &opened.image_columns,
            corrections.image_column(),
            move |column| correct(CorrectionAction::ImageColumn(column)),
        )
    };
    let accepts = corrections.accepts_cut();
    let cut = cut_choice(opened, accepts);
    let accept = Callback::from(move |_: Event| correct(CorrectionAction::AcceptCut(!accepts)));
    html! {
        <>
            {labels}
            {pictures}
            if let Some(words) = cut {
                <label class="switch">
                    <input type="checkbox" id="accept-cut" checked={accepts} onchange={accept} />
                    <span>{words}</span>
                </label>
            }
        </>
    }
}

/// A choice between columns, if there are several. `None` is as it was found in the files.
fn column_choice(
    (id, label): (&'static str, &'static str),
    columns: &ColumnReport,
    chosen: Option<&str>,
    choose: impl Fn(Option<String>) + 'static,
) -> Html {
    if columns.names.len() < 2 && chosen.is_none() {
        return Html::default();
    }
    // The command line takes names in any capitals, and its runs can be opened here.
    let chosen = chosen.map(|chosen| {
        let is_same = |name: &&String| name.to_lowercase() == chosen.to_lowercase();
        let named = columns.names.iter().find(|name| *name == chosen);
        named.or_else(|| columns.names.iter().find(is_same)).map_or(chosen, String::as_str)
    });
    let onchange = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        choose(select.value().strip_prefix(IN).map(str::to_owned));
    });
    html! {
        <div class="validation-choice">
            <label for={id}>{label}</label>
            <select {id} {onchange}>
                <option value="found" selected={chosen.is_none()}>{"As found in the files"}</option>
                {for columns.names.iter().map(|name| html! {
                    <option key={name.clone()} value={format!("{IN}{name}")} translate="no"
                        selected={chosen == Some(name)}>{name}</option>
                })}
            </select>
        </div>
    }
}

/// The words beside the box that has JPEGs that end early used; `None` if there is nothing to
/// choose. What was chosen can be taken back, also where none of the pictures that were read ends
/// early: others may be read next time.
fn cut_choice(opened: &OpenedReport, accepts: bool) -> Option<String> {
    let among = match opened.unread {
        0 => String::new(),
        _ => format!(" (of the {} pictures that were read)", opened.read),
    };
    match opened.cut {
        0 if accepts || opened.corrections.accept_cut => {
            Some("Use JPEGs that end early as far as they go".into())
        }
        0 => None,
        1 => Some(format!("Use 1 JPEG that ends early as far as it goes{among}")),
        cut => Some(format!("Use {cut} JPEGs that end early as far as they go{among}")),
    }
}

/// What the reader is asked about opened files before anything is trained; empty if nothing is
/// open.
pub fn questions(opened: &OpenedReport) -> Vec<String> {
    let corrections = &opened.corrections;
    let question = |what: &str, columns: &ColumnReport, is_chosen: bool| {
        let listed = columns.names.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = match columns.names.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        (columns.names.len() > 1 && !is_chosen).then(|| {
            format!(
                "Which column holds the {what}? The files have {listed}{more}, and “{}” is used. \
                 Choose another under “Correct classes and split”.",
                columns.used
            )
        })
    };
    let cut = (opened.cut > 0 && !corrections.accept_cut).then(|| {
        let (jpegs, are) = match opened.cut {
            1 => ("1 JPEG ends early".to_string(), "is"),
            cut => (format!("{cut} JPEGs end early"), "are"),
        };
        let among = match opened.unread {
            0 => String::new(),
            unread => format!(
                " That is of the {} pictures that were read; {unread} others were not drawn.",
                opened.read
            ),
        };
        format!(
            "{jpegs} and {are} left out.{among} “Correct classes and split” can use them as far as they \
             go; what is missing is then grey or blurred."
        )
    });
    [
        question("labels", &opened.label_columns, corrections.label_column.is_some()),
        question("pictures", &opened.image_columns, corrections.image_column.is_some()),
        cut,
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_asked_until_it_is_chosen() {
        let columns = |names: &[&str]| ColumnReport {
            names: names.iter().map(ToString::to_string).collect(),
            used: names.first().map(ToString::to_string).unwrap_or_default(),
        };
        let mut opened = OpenedReport {
            label_columns: columns(&["fine_label", "coarse_label"]),
            image_columns: columns(&["img"]),
            cut: 3,
            ..OpenedReport::default()
        };
        let asked = questions(&opened);
        assert_eq!(
            asked,
            [
                "Which column holds the labels? The files have fine_label, coarse_label, and \
                 “fine_label” is used. Choose another under “Correct classes and split”.",
                "3 JPEGs end early and are left out. “Correct classes and split” can use them as \
                 far as they go; what is missing is then grey or blurred.",
            ]
        );
        (opened.read, opened.unread) = (40, 900);
        let counted = "3 JPEGs end early and are left out. That is of the 40 pictures that were \
                       read; 900 others were not drawn. “Correct";
        assert!(questions(&opened)[1].starts_with(counted), "{:?}", questions(&opened));
        opened.corrections.label_column = Some("fine_label".into());
        opened.corrections.accept_cut = true;
        opened.image_columns = columns(&["img", "mask"]);
        let asked = questions(&opened);
        assert!(asked.len() == 1 && asked[0].starts_with("Which column holds the pictures?"));
        assert_eq!(questions(&OpenedReport::default()), [""; 0]);
    }

    #[test]
    fn what_was_chosen_about_cut_pictures_can_be_taken_back() {
        let report = |cut: u32, unread: u32, accepted: bool| {
            let mut report = OpenedReport { cut, read: 40, unread, ..OpenedReport::default() };
            report.corrections.accept_cut = accepted;
            report
        };
        let words = |cut, unread, accepted, accepts| {
            cut_choice(&report(cut, unread, accepted), accepts).unwrap_or_default()
        };
        assert_eq!(words(0, 0, false, false), "");
        assert_eq!(words(2, 0, false, false), "Use 2 JPEGs that end early as far as they go");
        assert_eq!(words(2, 0, true, true), "Use 2 JPEGs that end early as far as they go");
        assert_eq!(
            words(1, 9, false, false),
            "Use 1 JPEG that ends early as far as it goes (of the 40 pictures that were read)"
        );
        // Used, and none of those that are read now ends early; unchecked, and not applied yet.
        for accepts in [true, false] {
            let said = words(0, 9, true, accepts);
            assert_eq!(said, "Use JPEGs that end early as far as they go");
        }
        assert_ne!(words(0, 0, false, true), "", "checked, and other pictures came meanwhile");
    }
}
