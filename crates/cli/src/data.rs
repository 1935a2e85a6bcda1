//! `resnette data`: says what is made of opened pictures, as the page does before anything is
//! trained.

use std::fmt::Write;
use std::path::PathBuf;

use resnette_picture::report::{ColumnReport, DataReport, OpenedReport, Problem, SplitOrigin};
use serde_json::{Value, json};

use crate::arguments::settings_from;
use crate::correction_args::CorrectionArgs;
use crate::output::{print, print_line};
use crate::quoted::in_line;
use crate::{device, pictures};

/// Arguments of `data`.
#[derive(Clone, Debug, clap::Args)]
pub struct DataArgs {
    /// A folder, an archive, a parquet file or a picture.
    place: PathBuf,
    /// Settings, as in the page's link: '#train=150&valid=50&size=64&seed=1'.
    #[arg(default_value = "")]
    settings: String,
    #[command(flatten)]
    corrections: CorrectionArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the classes, the split, what is left out, the problems and the fingerprint.
///
/// # Errors
/// If a setting or a correction is refused, the place cannot be read, or there are no pictures to
/// train on. What could not be used is printed all the same.
pub async fn data(args: DataArgs) -> anyhow::Result<()> {
    let config = settings_from(&args.settings)?;
    device::use_threads(config.threads)?;
    let (set, problems) = pictures::open(&config, &args.place, &args.corrections.read()?).await?;
    let report = set.as_ref().map(|set| DataReport { problems: problems.clone(), ..set.report() });
    match (&report, args.json) {
        (Ok(report), true) => print_line(json(report))?,
        (Ok(report), false) => print(render(report))?,
        (Err(error), true) => {
            let refused = error.to_string();
            print_line(json!({ "refused": refused, "problems": listed(&problems) }))?;
        }
        (Err(_), false) => print(render_problems(&problems))?,
    }
    set.map(drop).map_err(anyhow::Error::from)
}

fn render(report: &DataReport) -> String {
    let source = in_line(&report.source);
    let mut out = format!("{source}\n\n| class | train | validate | from |\n|--|--:|--:|--|\n");
    for class in &report.classes {
        let (name, from) = (in_line(&class.name), listed_names(&class.origins));
        let _ = writeln!(out, "| {name} | {} | {} | {from} |", class.train, class.valid);
    }
    let _ = match &report.split {
        SplitOrigin::Published => writeln!(out, "\nThe source has both parts of the split."),
        SplitOrigin::Drawn => writeln!(out, "\nOne in five pictures of each class validates."),
        SplitOrigin::Named { train, valid } => {
            let (train, valid) = (listed_names(train), listed_names(valid));
            writeln!(out, "\nTrains: {train}. Validates: {valid}.")
        }
    };
    if !report.left_out.is_empty() {
        let _ = writeln!(out, "\nLeft out:\n");
        for left_out in &report.left_out {
            let (name, pictures) = (in_line(&left_out.name), left_out.pictures);
            let _ = writeln!(out, "- {name} ({pictures} pictures): {}", left_out.reason);
        }
    }
    if let Some(opened) = &report.opened {
        out += &render_choices(opened);
    }
    out += &render_problems(&report.problems);
    let _ = writeln!(out, "\nFingerprint {:016x}", report.fingerprint);
    out
}

/// What may be chosen: a column where several would do, and pictures that end early.
fn render_choices(opened: &OpenedReport) -> String {
    let mut out = String::new();
    let mut columns = |what: &str, columns: &ColumnReport, argument: &str| {
        if columns.names.len() > 1 {
            let (used, names) = (in_line(&columns.used), listed_names(&columns.names));
            let _ = writeln!(
                out,
                "\n{what} are in column {used}, of {names}; {argument} chooses another."
            );
        }
    };
    columns("Labels", &opened.label_columns, "--label-column");
    columns("Pictures", &opened.image_columns, "--image-column");
    let among = match opened.unread {
        0 => String::new(),
        unread => format!(
            ", of the {} pictures that were read ({unread} more were not drawn)",
            opened.read
        ),
    };
    let _ = match (opened.cut, opened.corrections.accept_cut) {
        (0, _) | (_, true) => Ok(()),
        (cut, false) => writeln!(
            out,
            "\nJPEGs that end early and are left out: {cut}{among}; --accept-cut uses them as far \
             as they go."
        ),
    };
    out
}

/// Names from files, one after another.
fn listed_names(names: &[String]) -> String {
    names.iter().map(|name| in_line(name)).collect::<Vec<_>>().join(", ")
}

fn render_problems(problems: &[Problem]) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let items = problems
        .iter()
        .map(|problem| format!("- {}: {}\n", in_line(&problem.name), in_line(&problem.reason)));
    format!("\nProblems:\n\n{}", items.collect::<String>())
}

fn listed(problems: &[Problem]) -> Vec<Value> {
    let value = |problem: &Problem| json!({ "name": problem.name, "reason": problem.reason });
    problems.iter().map(value).collect()
}

fn json(report: &DataReport) -> Value {
    let classes: Vec<Value> = report
        .classes
        .iter()
        .map(|class| {
            json!({
                "name": class.name, "keys": class.keys, "origins": class.origins,
                "train": class.train, "valid": class.valid,
            })
        })
        .collect();
    let split = match &report.split {
        SplitOrigin::Published => json!({ "kind": "published" }),
        SplitOrigin::Drawn => json!({ "kind": "drawn" }),
        SplitOrigin::Named { train, valid } => {
            json!({ "kind": "named", "train": train, "valid": valid })
        }
    };
    let columns = |of: fn(&OpenedReport) -> &ColumnReport| {
        report.opened.as_ref().map(|opened| {
            let columns = of(opened);
            json!({ "used": columns.used, "names": columns.names })
        })
    };
    let left_out: Vec<Value> = report
        .left_out
        .iter()
        .map(|out| json!({ "name": out.name, "pictures": out.pictures, "reason": out.reason }))
        .collect();
    json!({
        "source": report.source,
        "classes": classes,
        "split": split,
        "left_out": left_out,
        "label_columns": columns(|opened| &opened.label_columns),
        "image_columns": columns(|opened| &opened.image_columns),
        "cut": report.opened.as_ref().map_or(0, |opened| opened.cut),
        "read": report.opened.as_ref().map_or(0, |opened| opened.read),
        "unread": report.opened.as_ref().map_or(0, |opened| opened.unread),
        "problems": listed(&report.problems),
        "fingerprint": format!("{:016x}", report.fingerprint),
    })
}

#[cfg(test)]
mod tests {
    use resnette_picture::report::{ClassReport, LeftOut};

    use super::*;

    fn report() -> DataReport {
        let class = |name: &str| ClassReport {
            name: name.into(),
            keys: vec![name.into()],
            origins: vec![format!("pets/train/{name}")],
            train: 8,
            valid: 2,
            examples: Vec::new(),
        };
        DataReport {
            classes: vec![class("cat"), class("dog")],
            source: "pets".into(),
            problems: vec![Problem { name: "pets/x.exe".into(), reason: "no".into() }],
            fingerprint: 0xab,
            split: SplitOrigin::Named {
                train: vec!["pets/train".into()],
                valid: vec!["pets/val".into()],
            },
            left_out: vec![LeftOut { name: "pets/test".into(), pictures: 7, reason: "why".into() }],
            opened: Some(OpenedReport {
                label_columns: ColumnReport {
                    names: vec!["label".into(), "class".into()],
                    used: "label".into(),
                },
                image_columns: ColumnReport { names: vec!["img".into()], used: "img".into() },
                cut: 3,
                ..OpenedReport::default()
            }),
            ..DataReport::default()
        }
    }

    #[test]
    fn everything_is_said_in_both_forms() {
        let text = render(&report());
        for part in [
            "| cat | 8 | 2 | pets/train/cat |",
            "Trains: pets/train. Validates: pets/val.",
            "- pets/test (7 pictures): why",
            "- pets/x.exe: no",
            "Labels are in column label, of label, class; --label-column chooses another.",
            "end early and are left out: 3; --accept-cut uses them",
            "Fingerprint 00000000000000ab",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let value = json(&report());
        assert_eq!(value["classes"][1]["keys"][0], "dog");
        assert!(!text.contains("--image-column"), "there is one column only");
        assert_eq!(value["label_columns"]["names"][1], "class");
        assert_eq!((&value["image_columns"]["used"], &value["cut"]), (&"img".into(), &3.into()));
        assert_eq!(value["split"]["valid"][0], "pets/val");
        assert_eq!(value["left_out"][0]["pictures"], 7);
        assert_eq!(value["fingerprint"], "00000000000000ab");
    }

    #[test]
    fn the_number_of_jpegs_that_end_early_is_of_those_that_were_read() {
        let mut report = report();
        if let Some(opened) = &mut report.opened {
            (opened.read, opened.unread) = (40, 900);
        }
        let text = render(&report);
        let said = "left out: 3, of the 40 pictures that were read (900 more were not drawn); \
                    --accept-cut uses them";
        assert!(text.contains(said), "{text}");
        let value = json(&report);
        assert_eq!((&value["read"], &value["unread"]), (&40.into(), &900.into()));
    }

    /// Every name that comes from files, wherever it is printed.
    #[test]
    fn names_give_no_orders_to_the_terminal() {
        const BAD: &str = "a\u{1b}[2J\nb\u{9b}\u{202e}";
        let bad = || BAD.to_string();
        let columns = ColumnReport { names: vec![bad(), "label".into()], used: bad() };
        let mut report = report();
        report.source = bad();
        report.classes[0].name = bad();
        report.classes[0].origins = vec![bad()];
        report.problems = vec![Problem { name: bad(), reason: bad() }];
        report.split = SplitOrigin::Named { train: vec![bad()], valid: vec![bad()] };
        report.left_out[0].name = bad();
        report.opened = Some(OpenedReport {
            label_columns: columns.clone(),
            image_columns: columns,
            ..OpenedReport::default()
        });
        let text = render(&report);
        assert_eq!(text.matches("a\\u001b[2J\\u000ab\\u009b\\u202e").count(), 12, "{text}");
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text}");
        assert!(text.lines().all(|line| !line.starts_with('b')), "{text}");
    }
}
