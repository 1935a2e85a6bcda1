//! The module that decodes old names of archives, `crates/name-encodings`: workers fetch it when
//! such a name comes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::place::Place;
use crate::process::{command, run};
use crate::progress::say;
use crate::tools::WASM;

/// Its package.
pub const PACKAGE: &str = "resnette-name-encodings";
/// Its file in `dist/`. The workers' files are fetched when they are used, and so is this.
const FILE: &str = "worker_names.wasm";

/// Builds the module into a folder.
///
/// # Errors
/// If it does not compile, or cannot be written.
pub fn build(place: &Place, dist: &Path) -> Result<()> {
    say("Building the module of old encodings");
    let mut cargo = command(place, "cargo")?;
    cargo.args(["build", "--profile", "release", "--locked", "--target", WASM]);
    run(cargo.args(["--package", PACKAGE, "--lib"]))?;
    let built = place.root.join("target").join(WASM).join("release/resnette_name_encodings.wasm");
    fs::copy(&built, dist.join(FILE)).with_context(|| format!("can't copy {}", built.display()))?;
    Ok(())
}
