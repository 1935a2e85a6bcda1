//! The tables of `docs/reliability.md`, made of what the tests try.
//!
//! `RESNETTE_WRITE_DOCS=1 cargo test -p resnette-browser-tests --test browser reliability` writes
//! them; otherwise they are compared. No browser is needed.

use std::path::Path;
use std::{env, fs};

use libtest_mimic::Failed;

use crate::attack::Attack;
use crate::functions::{self, FUNCTIONS, Fate, Way};
use crate::{attacks_from_outside, attacks_here};

const START: &str = "<!-- Made by tests/browser/reliability.rs: begin -->\n";
const END: &str = "<!-- Made by tests/browser/reliability.rs: end -->\n";
/// The fewest rows that there must be.
const ROWS: usize = 120;

/// What other tests assert, by chapter.
const CHAPTERS: &[(&str, &[Attack])] = &[
    ("Something dies", attacks_here::DEATHS),
    ("The browser's storage", attacks_here::STORAGE),
    ("Files that are opened", attacks_from_outside::OPENED),
    ("The network and links", attacks_from_outside::REMOTE),
    ("Odd browsers, and hands", attacks_here::HANDS),
    ("The command line", attacks_here::COMMAND_LINE),
];

/// What the page does, and what is kept.
fn words(fate: Fate) -> (String, &'static str) {
    const ALL: &str = "the run, which is offered again";
    match fate {
        Fate::Unharmed => ("trains to the end".into(), ALL),
        Fate::Told(words) => (format!("trains to the end; says “{words}”"), ALL),
        Fate::NotKept(words) => (
            format!("trains to the end; says “{words}”"),
            "the run as long as the page is open, and as a file",
        ),
        Fate::NotFound(words) => {
            (format!("trains to the end; opened again, says “{words}”"), "the run, where it is")
        }
        Fate::NoRun(words) => (format!("says “{words}”; Train may be pressed again"), "the page"),
    }
}

/// The tables, and how many rows they have.
fn tables() -> (String, usize) {
    let mut tables = String::from(
        "### The browser refuses\n\nEach in page and worker, through a run of two epochs: the numbers are those of every other browser, and Stop works.\n\n| withheld | what the page does | what is kept |\n|--|--|--|\n",
    );
    let mut rows = 0;
    for function in FUNCTIONS.iter().chain([&functions::DEVICE]) {
        for way in Way::ALL {
            let (does, kept) = words(function.fate(way));
            tables += &format!("| `{}` {} | {does} | {kept} |\n", function.name, way.name());
            rows += 1;
        }
    }
    for (title, attacks) in CHAPTERS {
        tables += &format!(
            "\n### {title}\n\n| attack | what it does | what is kept | test |\n|--|--|--|--|\n"
        );
        for Attack { attack, does, kept, file, test } in *attacks {
            tables += &format!("| {attack} | {does} | {kept} | [`{test}`](../{file}) |\n");
            rows += 1;
        }
    }
    (tables, rows)
}

/// The tables in the document are these, there are enough rows, and each names a test that is
/// there.
pub fn the_tables_stand_in_the_documents() -> Result<(), Failed> {
    functions::check();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for Attack { attack, file, test, .. } in CHAPTERS.iter().flat_map(|(_, attacks)| *attacks) {
        let source = fs::read_to_string(root.join(file))?;
        assert!(source.contains(&format!("fn {test}(")), "{attack}: {file} has no test {test}");
    }
    let (tables, rows) = tables();
    assert!(rows >= ROWS, "{rows} rows");
    let path = root.join("docs/reliability.md");
    let text = fs::read_to_string(&path)?;
    let parts = text.split_once(START).and_then(|(before, rest)| {
        let (written, after) = rest.split_once(END)?;
        Some((before, written, after))
    });
    let (before, written, after) = parts.ok_or("the document has no place for the tables")?;
    if env::var_os("RESNETTE_WRITE_DOCS").is_some() {
        fs::write(&path, format!("{before}{START}{tables}{END}{after}"))?;
    } else {
        assert_eq!(written, tables, "run with RESNETTE_WRITE_DOCS=1");
    }
    Ok(())
}
