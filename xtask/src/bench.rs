//! `cargo xtask bench`: our engines beside others, in one browser. What is measured and how:
//! `tests/bench`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::process::{command, run as run_command, say};
use crate::{dist, tools};

/// What was asked for.
#[derive(Debug, Default)]
pub struct Choice {
    /// On the machine's own GPU.
    pub gpu: bool,
    /// Where every figure goes.
    pub json: Option<PathBuf>,
    /// Only these networks.
    pub nets: Vec<String>,
    /// Take the `dist/` that is there.
    pub built: bool,
}

/// Builds what is missing, measures and prints a table.
///
/// # Errors
/// If something can't be built or installed, or a measurement fails.
pub fn run(place: &Place, choice: &Choice) -> Result<()> {
    tools::for_browser_tests()?;
    let (tensorflow, jax) = (tools::tensorflow_js(place), tools::jax_js(place));
    let dist = if choice.built { dist::built(place)? } else { dist::build(place)? };
    say(
        "Measuring (on a software adapter this takes a quarter of an hour; leave the machine alone meanwhile)",
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
        // Cargo runs the bench in the package's folder, which need not be the caller's.
        bench.env(
            "RESNETTE_BENCH_JSON",
            std::path::absolute(file).context("that path for the figures can't be made whole")?,
        );
    }
    run_command(&mut bench)
}
