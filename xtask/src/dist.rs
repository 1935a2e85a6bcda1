//! The page and its workers, built into `dist/`.
//!
//! What a first visit does without is taken out of the page's module ([`split`]), and its files are
//! put together with `index.html` ([`page_files`]). A worker has a name that stays the same, a
//! loader that keeps the messages which come before the engine is there ([`mod@crate::loader`]),
//! and is checked for constructors ([`crate::constructors`]).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::binaries::{Binary, PAGE, QUICK_PAGE, workers};
use crate::bindgen::{Binding, bind};
use crate::compile::{compile, side_by_side};
use crate::compress::Sizes;
use crate::loader::loader;
use crate::place::Place;
use crate::progress::say;
use crate::shipped_crates::shipped_crates;
use crate::tools;
use crate::{
    compress, constructors, licences, names, offline, page_files, policy, split, styles, threads,
};

/// Builds everything and returns the folder, which any static host can serve under any path.
///
/// # Errors
/// If a tool is missing and can't be installed, if something does not compile, or if a worker runs
/// its constructors at every call.
pub fn build(place: &Place) -> Result<PathBuf> {
    let dist = build_with(place, PAGE, &workers())?;
    finish(place, &dist)?;
    Ok(dist)
}

/// Builds the page and some of the workers into `dist/`, which is emptied before.
///
/// # Errors
/// As [`build`].
pub(crate) fn build_with(place: &Place, page: Binary, workers: &[Binary]) -> Result<PathBuf> {
    tools::wasm_target(place)?;
    if workers.iter().any(|worker| worker.shares_memory) {
        tools::library_sources(place)?;
    }
    styles::join(&place.root.join("www"))?;
    let binaries: Vec<_> = [page].into_iter().chain(workers.iter().copied()).collect();
    let modules = side_by_side(&binaries, |binary| compile(place, binary))?;
    let dist = place.dist();
    for (binary, module) in binaries.into_iter().zip(modules) {
        if binary.name != PAGE.name {
            write_worker(binary, &module, &dist)?;
            continue;
        }
        page_files::write(&place.root, &dist, &split::split(place, &module)?)?;
        note_profile(place, binary)?;
        // A page without a policy must never be served, not even while workers are being built.
        policy::write_policy(&dist)?;
        licences::write_licences(&shipped_crates(place)?, &dist)?;
        threads::place_substitute(&dist)?;
        names::build(place, &dist)?;
    }
    Ok(dist)
}

/// What Trunk needs before it builds the page for `trunk serve`.
///
/// # Errors
/// If a tool is missing and can't be installed, or if a style sheet cannot be read.
pub fn before_trunk(place: &Place) -> Result<()> {
    tools::wasm_target(place)?;
    styles::join(&place.root.join("www"))
}

/// Puts the page, taken apart, in the place of the one that Trunk has built into `staging`, and the
/// workers of the last build beside it.
///
/// # Errors
/// If something does not compile, or if a file cannot be read or written.
pub fn after_trunk(place: &Place, staging: &Path) -> Result<()> {
    let page = split::split(place, &compile(place, QUICK_PAGE)?)?;
    page_files::write(&place.root, staging, &page)?;
    policy::write_policy(staging)?;
    // One that keeps nothing: what a visit without a network would get is not what was edited last.
    fs::write(staging.join("sw.js"), "addEventListener(\"install\", () => skipWaiting());\n")
        .context("can't write sw.js")?;
    let Ok(entries) = fs::read_dir(place.dist()) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("worker_") {
            fs::copy(entry.path(), staging.join(&name))
                .with_context(|| format!("can't copy {}", name.display()))?;
        }
    }
    Ok(())
}

/// Writes what depends on all files: the service worker and the compressed files.
pub(crate) fn finish(place: &Place, dist: &Path) -> Result<()> {
    offline::write_service_worker(dist)?;
    say(format_args!("Built {}", dist.display()));
    for Sizes { name, plain, gzip, brotli } in
        compress::compress(dist, &place.root.join("target/brotli"))?
    {
        eprintln!("    {plain:>9} bytes, {gzip:>8} with gzip, {brotli:>8} with brotli  {name}");
    }
    Ok(())
}

/// The file that says that the page in `dist/` is the quick one, which is not for handing out.
fn quick_mark(place: &Place) -> PathBuf {
    place.root.join("target/quick-page")
}

/// Notes whether the page that was written is the quick one.
fn note_profile(place: &Place, page: Binary) -> Result<()> {
    let mark = quick_mark(place);
    let noted = match page.profile == QUICK_PAGE.profile {
        true => fs::write(&mark, ""),
        false if mark.exists() => fs::remove_file(&mark),
        false => Ok(()),
    };
    noted.with_context(|| format!("can't write {}", mark.display()))
}

/// The `dist/` of an earlier build.
///
/// # Errors
/// If there is none, a worker is missing from it, or its page is the quick one.
pub fn built(place: &Place) -> Result<PathBuf> {
    let dist = place.dist();
    if quick_mark(place).exists() && dist == place.root.join("dist") {
        bail!("{} is from `serve --quick`; build it first: cargo xtask build", dist.display());
    }
    let files = ["index.html"]
        .map(str::to_owned)
        .into_iter()
        // Not their scripts: others stand in for those while they are built.
        .chain(workers().into_iter().map(|worker| format!("{}_bg.wasm", worker.name)));
    for name in files {
        if !dist.join(&name).is_file() {
            bail!("{} has no {name}; build it first: cargo xtask build", dist.display());
        }
    }
    Ok(dist)
}

/// Checks a worker's module, and writes `NAME.js` (our loader), `NAME_glue.js` and `NAME_bg.wasm`
/// (wasm-bindgen's) into a folder.
///
/// # Errors
/// If the worker runs its constructors at every call, or a file cannot be read or written.
pub(crate) fn write_worker(worker: Binary, module: &Path, folder: &Path) -> Result<()> {
    let name = worker.name;
    let bytes = fs::read(module).with_context(|| format!("can't read {}", module.display()))?;
    constructors::check(&bytes).with_context(|| format!("{name} is unfit"))?;
    bind(Binding { module, folder, name, has_parts: false })?;
    fs::rename(folder.join(format!("{name}.js")), folder.join(format!("{name}_glue.js")))
        .context("wasm-bindgen wrote no script")?;
    if worker.shares_memory {
        return threads::write_loaders(folder);
    }
    fs::write(folder.join(format!("{name}.js")), loader(name))
        .with_context(|| format!("can't write {name}.js"))
}
