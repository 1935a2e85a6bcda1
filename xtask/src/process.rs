//! Starting other programs, and saying so.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::place::Place;

/// Says on standard error what is being done, so that standard output stays the tests' own.
pub fn say(message: impl std::fmt::Display) {
    eprintln!("\n==> {message}");
}

/// A command in the checkout, with our tools first on `PATH` and our build folder.
///
/// # Errors
/// If the tools folder's name can't stand in `PATH`.
pub fn command(place: &Place, program: &str) -> Result<Command> {
    let mut command = Command::new(program);
    command.current_dir(&place.root).env("PATH", place.path_variable()?);
    // Compiled crates are shared between checkouts, finished programs are not: two checkouts that
    // build at the same time would take each other's workers.
    command
        .env("CARGO_BUILD_BUILD_DIR", &place.target)
        .env("CARGO_TARGET_DIR", place.root.join("target"));
    // What `cargo run` told this process about xtask is not for the programs that we start.
    for (name, _) in env::vars_os() {
        if let Some(name) = name.to_str()
            && (name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// Runs to the end.
///
/// # Errors
/// If the program can't be started or ends with an error; its own output has said why.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("can't start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs to the end and returns what was written to standard output.
///
/// # Errors
/// As [`run`].
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("can't start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` failed ({})", output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{shown}` answered with something other than UTF-8"))
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Where a program is on `PATH`.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
