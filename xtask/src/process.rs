//! Starts other programs.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::place::Place;

/// A command that runs in the checkout, with our tools first on `PATH` and with our build folder.
///
/// # Errors
/// If the path of the tools contains a character that cannot be in `PATH`.
pub fn command(place: &Place, program: &str) -> Result<Command> {
    let mut command = Command::new(program);
    command.current_dir(&place.root).env("PATH", place.path_variable()?);
    // Checkouts share compiled crates, but not finished programs: two checkouts that build at the
    // same time would use each other's workers.
    command
        .env("CARGO_BUILD_BUILD_DIR", &place.target)
        .env("CARGO_TARGET_DIR", place.root.join("target"));
    // `cargo run` has set variables about the package xtask, which other programs must not see.
    for (name, _) in env::vars_os() {
        if let Some(name) = name.to_str()
            && (name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// Runs a command and waits for its end.
///
/// # Errors
/// If the program cannot be started, or ends with an error; its own output then says why.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("can't start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// Runs a command, waits for its end, and returns its standard output.
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

/// The command as it would be typed.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The path of a program on `PATH`, or `None` if it is not there.
pub fn which(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
