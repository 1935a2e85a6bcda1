//! Compiles binaries for the browser.

use std::env;
use std::io::{BufRead, BufReader, IsTerminal, Read, stderr};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::binaries::Binary;
use crate::place::Place;
use crate::process::{command, shown};
use crate::progress::{self, Line};
use crate::tools::WASM;
use crate::{threads, times};

/// How the messages of cargo begin that are left out: our own lines say the same.
const LEFT_OUT: [&str; 6] =
    ["Compiling", "Finished", "Fresh", "Downloaded", "Downloading", "Locking"];

/// The builds that are under way, which end when one of them fails.
static UNDER_WAY: Mutex<Vec<Arc<Mutex<Child>>>> = Mutex::new(Vec::new());

/// Compiles one binary, with a line that says how far it is, and returns cargo's module.
///
/// # Errors
/// If something does not compile; cargo's own words are printed then.
pub fn compile(place: &Place, binary: Binary) -> Result<PathBuf> {
    let mut cargo = command(place, "cargo")?;
    cargo.args(["build", "--profile", binary.profile, "--locked", "--target", WASM]);
    cargo.args(binary.selection()).args(["--bin", binary.name]);
    if binary.shares_memory {
        threads::share_memory(place, &mut cargo);
    }
    // Cargo says where the module is, so that no other checkout's file of the same name is taken
    // from a shared build folder.
    cargo.args(["--message-format", "json-render-diagnostics"]);
    let is_set = |name| env::var_os(name).is_some();
    if stderr().is_terminal() && !is_set("NO_COLOR") && !is_set("CARGO_TERM_COLOR") {
        // It writes into a pipe, but a person reads it.
        cargo.args(["--color", "always"]);
    }
    cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let shown = shown(&cargo);
    let mut line = Line::begin(binary.words, times::expected(place, &binary));
    let mut child = cargo.spawn().with_context(|| format!("can't start `{shown}`"))?;
    let (messages, words) = (child.stdout.take(), child.stderr.take());
    let child = Arc::new(Mutex::new(child));
    lock(&UNDER_WAY).push(child.clone());
    let words = words.map(|words| thread::spawn(move || pass_on(words)));
    let mut module = None;
    for message in messages.into_iter().flat_map(lines) {
        let Ok(message) = serde_json::from_str::<Value>(&message) else { continue };
        if message["reason"] != "compiler-artifact" {
            continue;
        }
        let is_build_script = message["target"]["kind"][0] == "custom-build";
        if message["fresh"] == false && !is_build_script {
            line.count();
        }
        if message["target"]["name"] == binary.name {
            module = wasm_file(&message).or(module);
        }
    }
    let status = lock(&child).wait().with_context(|| format!("can't wait for `{shown}`"))?;
    lock(&UNDER_WAY).retain(|other| !Arc::ptr_eq(other, &child));
    if let Some(words) = words {
        // It ends with the program whose words it prints.
        let _ = words.join();
    }
    let (took, crates) = line.end(status.success());
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    times::note(place, &binary, took, crates);
    module.with_context(|| format!("cargo built {} but named no .wasm file", binary.name))
}

/// The lines of what a program writes, whatever bytes they are.
fn lines(output: impl Read) -> impl Iterator<Item = String> {
    let lines = BufReader::new(output).split(b'\n').map_while(Result::ok);
    lines.map(|line| String::from_utf8_lossy(&line).into_owned())
}

/// Prints what cargo writes above the lines of the builds.
fn pass_on(words: impl Read) {
    for line in lines(words) {
        let plain = without_colors(&line);
        if !LEFT_OUT.iter().any(|word| plain.trim_start().starts_with(word)) {
            progress::print(&line);
        }
    }
}

/// A line without the sequences that color it: each begins with ESC and ends with a letter.
fn without_colors(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let first = parts.next().unwrap_or_default();
    let rest = parts.map(|part| part.split_once(|end: char| end.is_ascii_alphabetic()));
    rest.fold(first.to_owned(), |text, part| text + part.map_or("", |(_, after)| after))
}

/// The module among the files of a message.
fn wasm_file(message: &Value) -> Option<PathBuf> {
    let files = message["filenames"].as_array()?;
    files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".wasm")).map(PathBuf::from)
}

/// Does a task for each binary, two at the same time where there are two cores: cargo compiles most
/// of a binary on all of them, but ends with the slowest crate and the linker, which use one. Of
/// two binaries with the same profile and build folder, cargo has the second wait for the first.
///
/// # Errors
/// The first error; what is under way ends then, and nothing else begins.
pub fn side_by_side<T: Send>(
    binaries: &[Binary],
    task: impl Fn(Binary) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let lanes = thread::available_parallelism().map_or(1, |cores| cores.get().min(2));
    let queue = Mutex::new(binaries.iter().copied().enumerate());
    let (done, failed) = (Mutex::new(Vec::new()), Mutex::new(None));
    thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                while lock(&failed).is_none()
                    && let Some((at, binary)) = next(&queue)
                {
                    match task(binary) {
                        Ok(result) => lock(&done).push((at, result)),
                        Err(error) => {
                            // A build that this one has ended fails too, and says less.
                            lock(&failed).get_or_insert(error);
                            end_all();
                        }
                    }
                }
            });
        }
    });
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

/// Ends the builds that are under way.
fn end_all() {
    for child in lock(&UNDER_WAY).iter() {
        // One that has ended by itself cannot be.
        let _ = lock(child).kill();
    }
}

/// The next one of a queue that several threads take from.
fn next<I: Iterator>(queue: &Mutex<I>) -> Option<I::Item> {
    lock(queue).next()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::binaries::{PAGE, WORKERS};

    #[test]
    fn results_come_in_the_order_of_the_binaries() {
        let binaries: Vec<_> = [PAGE].into_iter().chain(WORKERS).collect();
        let names = side_by_side(&binaries, |binary| {
            // The first one ends last.
            thread::sleep(Duration::from_millis(if binary.name == PAGE.name { 50 } else { 0 }));
            Ok(binary.name)
        });
        assert_eq!(names.unwrap(), binaries.iter().map(|it| it.name).collect::<Vec<_>>());
    }

    #[test]
    fn two_are_under_way_at_the_same_time() {
        if thread::available_parallelism().is_ok_and(|cores| cores.get() < 2) {
            return;
        }
        let (to_page, from_worker) = mpsc::channel();
        let (to_worker, from_page) = mpsc::channel();
        let ends = Mutex::new([Some((to_worker, from_worker)), Some((to_page, from_page))]);
        let met = side_by_side(&[PAGE, WORKERS[0]], |binary| {
            let at = usize::from(binary.name != PAGE.name);
            let (to, from) = lock(&ends)[at].take().unwrap();
            to.send(())?;
            Ok(from.recv_timeout(Duration::from_secs(20))?)
        });
        assert!(met.is_ok(), "{met:?}");
    }

    #[test]
    fn after_an_error_nothing_begins() {
        let begun = Mutex::new(0);
        let result = side_by_side(&[PAGE; 8], |_| -> Result<()> {
            *lock(&begun) += 1;
            bail!("it does not compile")
        });
        assert!(result.is_err());
        assert!(*lock(&begun) <= 2);
    }

    #[test]
    fn colors_are_seen_through() {
        let colored = "\u{1b}[1m\u{1b}[92m   Compiling\u{1b}[0m adler2 v2.0.1";
        assert_eq!(without_colors(colored), "   Compiling adler2 v2.0.1");
        assert_eq!(without_colors("error: no colors"), "error: no colors");
    }
}
