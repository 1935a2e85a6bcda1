//! The table of what was tried in which browser, written by the tests themselves.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

use libtest_mimic::Completion;

use crate::browsers::Browser;
use crate::stage::Outcome;

/// A cell: what a test came to in a browser.
type Cells = BTreeMap<(Browser, &'static str), String>;

static ROWS: Mutex<Vec<(&str, &str)>> = Mutex::new(Vec::new());
static CELLS: Mutex<Cells> = Mutex::new(BTreeMap::new());
static VERSIONS: Mutex<BTreeMap<Browser, String>> = Mutex::new(BTreeMap::new());

/// Gives a test a row, with these words for it.
pub fn row(name: &'static str, words: &'static str) {
    ROWS.lock().unwrap_or_else(PoisonError::into_inner).push((name, words));
}

/// Whether a test of Chromium's has a row.
pub fn has_row(name: &str) -> bool {
    ROWS.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|(row, _)| *row == name)
}

/// Notes what a test came to.
pub fn note(browser: Browser, name: &'static str, version: Option<String>, outcome: &Outcome) {
    let cell = match outcome {
        Ok(completion @ Completion::Ignored { .. }) => ignored_words(completion),
        Ok(_) => "passed".to_owned(),
        Err(_) => "**failed**".to_owned(),
    };
    CELLS.lock().unwrap_or_else(PoisonError::into_inner).insert((browser, name), cell);
    if let Some(version) = version {
        VERSIONS.lock().unwrap_or_else(PoisonError::into_inner).insert(browser, version);
    }
}

/// Writes the table to where `RESNETTE_BROWSERS_TABLE` says, if it says so.
pub fn write() {
    let Some(file) = env::var_os("RESNETTE_BROWSERS_TABLE") else { return };
    if let Err(error) = fs::write(&file, text()) {
        eprintln!("can't write {}: {error}", file.display());
    }
}

fn ignored_words(completion: &Completion) -> String {
    match completion {
        Completion::Ignored { reason: Some(reason) } => reason.clone(),
        _ => "skipped".to_owned(),
    }
}

fn text() -> String {
    let versions = VERSIONS.lock().unwrap_or_else(PoisonError::into_inner);
    let rows = ROWS.lock().unwrap_or_else(PoisonError::into_inner);
    let cells = CELLS.lock().unwrap_or_else(PoisonError::into_inner);
    let head = |browser: Browser| {
        let version = versions.get(&browser).map_or("not run", String::as_str);
        format!("{} {version}", browser.name())
    };
    let [chromium, firefox, webkit] = Browser::CURRENT.map(head);
    let mut text = format!(
        "# What was tried in which browser\n\n\
         Written by the browser tests (`cargo xtask test --screenshots`): what is in it was run, in \
         these versions, on one machine. WebKit is WebKitGTK's MiniBrowser, the engine of Safari \
         without Apple's parts; Safari itself and iOS could not be tried.\n\n\
         | what | {chromium} | {firefox} | {webkit} |\n|--|--|--|--|\n"
    );
    for (name, words) in rows.iter() {
        let cell = |browser| {
            let other = if browser == Browser::WebKit { Browser::OldWebKit } else { browser };
            let told = cells.get(&(browser, *name)).or_else(|| cells.get(&(other, *name)));
            told.map_or("not run", String::as_str)
        };
        let [chromium, firefox, webkit] = Browser::CURRENT.map(cell);
        let _ = writeln!(text, "| {words} (`{name}`) | {chromium} | {firefox} | {webkit} |");
    }
    text
}
