//! `cargo xtask bench`: compares our engines with others in the same browser. `tests/bench` decides
//! what is measured, and how.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::process::{command, run as run_command};
use crate::progress::say;
use crate::{dist, tools};

/// The options of `cargo xtask bench`.
#[derive(Debug, Default)]
pub struct Choice {
    /// Whether to measure on the machine's own GPU rather than on a software driver.
    pub gpu: bool,
    /// The file into which all figures are written as JSON.
    pub json: Option<PathBuf>,
    /// The networks to measure; all of them if empty.
    pub nets: Vec<String>,
    /// Whether to use the existing `dist/` rather than build it.
    pub built: bool,
}

/// Builds the page, installs what is missing, measures, and prints a table.
///
/// # Errors
/// If something cannot be built or installed, or if a measurement fails.
pub fn run(place: &Place, choice: &Choice) -> Result<()> {
    tools::for_browser_tests()?;
    let (tensorflow, jax) = (tools::tensorflow_js(place), tools::jax_js(place));
    let dist = if choice.built { dist::built(place)? } else { dist::build(place)? };
    say(
        "Measuring (on a software adapter this takes a quarter of an hour; leave the machine alone \
         meanwhile)",
    );
    let mut bench = command(place, "cargo")?;
    bench.args(["test", "--locked", "--package", "resnette-browser-tests", "--test", "bench"]);
    bench.env("RESNETTE_DIST", dist).env("RESNETTE_BENCH_NETS", choice.nets.join(","));
    if choice.gpu {
        bench.env("RESNETTE_BENCH_GPU", "1");
    }
    if let Some(folder) = tensorflow {
        bench.env("RESNETTE_BENCH_TFJS", folder);
    }
    if let Some(folder) = jax {
        bench.env("RESNETTE_BENCH_JAXJS", folder);
    }
    if let Some(file) = &choice.json {
        // Cargo runs the benchmark in the folder of its package, so the path has to be absolute.
        bench.env(
            "RESNETTE_BENCH_JSON",
            std::path::absolute(file).context("that path for the figures can't be made whole")?,
        );
    }
    run_command(&mut bench)
}
