//! The table of docs/data.md: what was opened, and what the page makes of it. Every row loads its
//! files and holds classes, counts, fingerprint, problems and messages to what is written here.
//!
//! `RESNETTE_WRITE_DOCS=1 cargo test -p resnette-images --test data the_table` rewrites the table
//! and prints the fingerprints of rows whose own is 0.

mod archives;
mod class_folders;
mod layouts;
mod names;
mod parquets;
mod pictures;
mod set_aside;

use std::fs;
use std::path::Path;

use resnette_images::fingerprint::fingerprint;
use resnette_picture::report::ClassCorrections;

use crate::made::{Held, config, load_corrected};

const START: &str = "<!-- Made by crates/images/tests/data/table: begin -->\n";
const END: &str = "<!-- Made by crates/images/tests/data/table: end -->\n";

/// A row of the table.
pub struct Row {
    /// What was opened: a layout, a spelling or a format.
    pub opened: &'static str,
    /// What the page makes of it, in a few words.
    pub outcome: &'static str,
    /// The opened files.
    pub files: Vec<Held>,
    /// What the reader corrects about them.
    pub corrections: ClassCorrections,
    /// What loading them gives.
    pub expected: Expected,
}

impl Row {
    pub fn new(
        opened: &'static str,
        outcome: &'static str,
        files: Vec<Held>,
        expected: Expected,
    ) -> Self {
        Self { opened, outcome, files, corrections: ClassCorrections::default(), expected }
    }

    /// The same files, with this correction.
    pub fn corrected(mut self, correct: impl FnOnce(&mut ClassCorrections)) -> Self {
        correct(&mut self.corrections);
        self
    }
}

/// What loading gives.
pub enum Expected {
    /// A data set.
    Loaded {
        /// Each class's displayed name, and its numbers of training and validation pictures.
        classes: Vec<(String, u32, u32)>,
        /// The fingerprint.
        fingerprint: u64,
        /// Each problem as `name: reason`.
        problems: Vec<String>,
        /// The folders that were left out, each as `name (pictures): reason`.
        left_out: Vec<String>,
    },
    /// A refusal, with the whole message.
    Refused(String),
}

/// A data set without problems and without folders that are left out.
pub fn loaded(classes: &[(&str, u32, u32)], fingerprint: u64) -> Expected {
    loaded_with(classes, fingerprint, &[], &[])
}

/// A data set with problems, or with folders that are left out.
pub fn loaded_with(
    classes: &[(&str, u32, u32)],
    fingerprint: u64,
    problems: &[&str],
    left_out: &[&str],
) -> Expected {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Expected::Loaded {
        classes: classes
            .iter()
            .map(|(name, train, valid)| ((*name).to_owned(), *train, *valid))
            .collect(),
        fingerprint,
        problems: owned(problems),
        left_out: owned(left_out),
    }
}

/// A refusal with this message.
pub fn refused(message: &str) -> Expected {
    Expected::Refused(message.into())
}

fn rows() -> Vec<(&'static str, Vec<Row>)> {
    vec![
        (
            "Folders: splits and classes",
            [layouts::rows(), class_folders::rows(), set_aside::rows()]
                .into_iter()
                .flatten()
                .collect(),
        ),
        ("Names", names::rows()),
        ("Parquet", parquets::rows()),
        ("Pictures", pictures::rows()),
        ("Archives", archives::rows()),
    ]
}

#[test]
fn every_row_of_the_table_is_true() {
    let mut wrong = Vec::new();
    for row in rows().into_iter().flat_map(|(_, rows)| rows) {
        let (found, problems) = load_corrected(&row.files, &row.corrections, &config(100, 100), 0);
        let found = match found {
            Err(error) => format!("refused: {error}"),
            Ok(set) => {
                let report = set.report();
                let classes: Vec<_> = report
                    .classes
                    .iter()
                    .map(|class| (class.name.clone(), class.train, class.valid))
                    .collect();
                // Two files of one set keep their problems in the set.
                let problems: Vec<_> = set
                    .problems
                    .iter()
                    .chain(&problems)
                    .map(|problem| format!("{}: {}", problem.name, problem.reason))
                    .collect();
                let left_out: Vec<_> = report
                    .left_out
                    .iter()
                    .map(|out| format!("{} ({}): {}", out.name, out.pictures, out.reason))
                    .collect();
                let hash = fingerprint(&set);
                format!("{classes:?}\n  {hash:#018x}\n  {problems:#?}\n  {left_out:#?}")
            }
        };
        let expected = match row.expected {
            Expected::Refused(message) => format!("refused: {message}"),
            Expected::Loaded { classes, fingerprint, problems, left_out } => {
                format!("{classes:?}\n  {fingerprint:#018x}\n  {problems:#?}\n  {left_out:#?}")
            }
        };
        if found != expected {
            wrong.push(format!("{}\nfound    {found}\nexpected {expected}\n", row.opened));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_stands_in_the_documents() {
    let mut table = String::new();
    for (title, rows) in rows() {
        table += &format!("\n### {title}\n\n| opened | what the page makes of it |\n|--|--|\n");
        for row in rows {
            table += &format!("| {} | {} |\n", row.opened, row.outcome);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/data.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(START).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let table = format!("{}\n", table.trim_start());
    if std::env::var_os("RESNETTE_WRITE_DOCS").is_some() {
        fs::write(&path, format!("{before}{START}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(written, table, "run with RESNETTE_WRITE_DOCS=1");
    }
}
