//! Compiles a binary for the browser.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStderr, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::binaries::Binary;
use crate::place::Place;
use crate::process::{command, shown};
use crate::progress::{self, Line};
use crate::tools::{WASM, library_sources};
use crate::{threads, times};

/// Compiles one binary, with a line that says how far it is, and returns cargo's module.
///
/// # Errors
/// If something is missing and can't be installed, or does not compile; cargo's own words are
/// printed then.
pub fn compile(place: &Place, binary: Binary) -> Result<PathBuf> {
    let mut cargo = command(place, "cargo")?;
    cargo.args(["build", "--quiet", "--profile", binary.profile, "--locked", "--target", WASM]);
    cargo.args(binary.selection()).args(["--bin", binary.name]);
    if binary.shares_memory {
        library_sources(place)?;
        threads::share_memory(place, &mut cargo);
    }
    // Cargo says where the module is, so that no other checkout's file of the same name is taken
    // from a shared build folder.
    cargo.args(["--message-format", "json-render-diagnostics"]);
    cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let shown = shown(&cargo);
    let mut line = Line::begin(binary.words, times::expected(place, &binary));
    let mut child = cargo.spawn().with_context(|| format!("can't start `{shown}`"))?;
    let errors = child.stderr.take().map(|errors| thread::spawn(move || pass_on(errors)));
    let mut module = None;
    if let Some(messages) = child.stdout.take() {
        for message in BufReader::new(messages).lines() {
            let message = message.context("cargo wrote something other than UTF-8")?;
            let Ok(message) = serde_json::from_str::<Value>(&message) else { continue };
            if message["reason"] != "compiler-artifact" {
                continue;
            }
            if message["fresh"] == false {
                line.count();
            }
            if message["target"]["name"] == binary.name {
                module = wasm_file(&message).or(module);
            }
        }
    }
    let status = child.wait().with_context(|| format!("can't wait for `{shown}`"))?;
    if let Some(errors) = errors {
        // It ends with the program whose messages it prints.
        let _ = errors.join();
    }
    let (took, crates) = line.end(status.success());
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    times::note(place, &binary, took, crates);
    module.with_context(|| format!("cargo built {} but named no .wasm file", binary.name))
}

/// Prints what a program writes above the lines of the builds.
fn pass_on(errors: ChildStderr) {
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        progress::print(&line);
    }
}

/// The module among the files of a message.
fn wasm_file(message: &Value) -> Option<PathBuf> {
    let files = message["filenames"].as_array()?;
    files.iter().filter_map(Value::as_str).find(|file| file.ends_with(".wasm")).map(PathBuf::from)
}

/// Does a task for each binary, two at the same time where there are two cores: cargo compiles most
/// of a binary on all of them, but ends with the slowest crate and the linker, which use one. What
/// two binaries of one profile share is locked by cargo, so that the second waits.
///
/// # Errors
/// The first error; what has not begun by then is left.
pub fn side_by_side<T: Send>(
    binaries: &[Binary],
    task: impl Fn(Binary) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let lanes = thread::available_parallelism().map_or(1, |cores| cores.get().min(2));
    let queue = Mutex::new(binaries.iter().copied().enumerate());
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                while !lock(&done).iter().any(|(_, result): &(_, Result<T>)| result.is_err())
                    && let Some((at, binary)) = next(&queue)
                {
                    let result = task(binary);
                    lock(&done).push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
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
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;
    use crate::binaries::{PAGE, WORKERS};

    #[test]
    fn results_come_in_the_order_of_the_binaries() {
        let binaries: Vec<_> = [PAGE].into_iter().chain(WORKERS).collect();
        let names = side_by_side(&binaries, |binary| {
            // The first one ends last.
            sleep(Duration::from_millis(if binary.name == PAGE.name { 50 } else { 0 }));
            Ok(binary.name)
        });
        assert_eq!(names.unwrap(), binaries.iter().map(|it| it.name).collect::<Vec<_>>());
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
}
