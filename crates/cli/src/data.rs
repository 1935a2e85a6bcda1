//! `resnette data`: says what is made of opened pictures, as the page does before anything is
//! trained.

use std::fmt::Write;
use std::path::PathBuf;

use resnette_picture::report::{ColumnReport, DataReport, OpenedReport, Problem, SplitOrigin};
use serde_json::{Value, json};

use crate::arguments::settings_from;
use crate::correction_args::CorrectionArgs;
use crate::output::{print, print_line};
use crate::pictures;

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
    let mut out =
        format!("{}\n\n| class | train | validate | from |\n|--|--:|--:|--|\n", report.source);
    for class in &report.classes {
        let from = class.origins.join(", ");
        let _ = writeln!(out, "| {} | {} | {} | {from} |", class.name, class.train, class.valid);
    }
    let _ = match &report.split {
        SplitOrigin::Published => writeln!(out, "\nThe source has both parts of the split."),
        SplitOrigin::Drawn => writeln!(out, "\nOne in five pictures of each class validates."),
        SplitOrigin::Named { train, valid } => {
            writeln!(out, "\nTrains: {}. Validates: {}.", train.join(", "), valid.join(", "))
        }
    };
    if !report.left_out.is_empty() {
        let _ = writeln!(out, "\nLeft out:\n");
        for left_out in &report.left_out {
            let (name, pictures) = (&left_out.name, left_out.pictures);
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
            let (used, names) = (&columns.used, columns.names.join(", "));
            let _ = writeln!(
                out,
                "\n{what} are in column {used}, of {names}; {argument} chooses another."
            );
        }
    };
    columns("Labels", &opened.label_columns, "--label-column");
    columns("Pictures", &opened.image_columns, "--image-column");
    let _ = match (opened.cut, opened.corrections.accept_cut) {
        (0, _) | (_, true) => Ok(()),
        (cut, false) => writeln!(
            out,
            "\nJPEGs that end early and are left out: {cut}; --accept-cut uses them as far as they \
             go."
        ),
    };
    out
}

fn render_problems(problems: &[Problem]) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let items = problems.iter().map(|problem| format!("- {}: {}\n", problem.name, problem.reason));
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
}
