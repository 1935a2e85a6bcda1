//! The page and its workers, built into `dist/`.
//!
//! What a first visit does without is taken out of the page's module ([`split`]), and its files are
//! put together with `index.html` ([`page_files`]). A worker has a name that stays the same, a loader
//! that keeps the messages which come before the engine is there ([`mod@crate::loader`]), and is
//! checked for constructors ([`crate::constructors`]).

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::JoinHandle;
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::compress::Sizes;
use crate::loader::{CPU_WORKER, loader};
use crate::place::Place;
use crate::process::{command, output, run, say};
use crate::shipped_crates::shipped_crates;
use crate::tools::{self, WASM};
use crate::{
    compress, constructors, licences, names, offline, page_files, policy, split, stand_in, styles,
    threads, times,
};

/// One of the binaries for the browser.
#[derive(Debug, Clone, Copy)]
pub struct Binary {
    /// The package that it belongs to.
    pub package: &'static str,
    /// The name in the package's `Cargo.toml`; for a worker also that of its script, `dist/NAME.js`.
    pub name: &'static str,
    /// Cargo features, separated by commas; empty for the page, which has none.
    pub features: &'static str,
    /// Cargo profile.
    profile: &'static str,
    /// Whether its threads share memory, for which the standard library is built too
    /// ([`threads`]).
    shares_memory: bool,
    /// What it is, in words, and how long a first build takes on two cores.
    words: &'static str,
}

impl Binary {
    /// The arguments that choose package and features.
    pub fn selection(&self) -> Vec<&'static str> {
        let mut arguments = vec!["--package", self.package];
        if !self.features.is_empty() {
            arguments.extend(["--no-default-features", "--features", self.features]);
        }
        arguments
    }
}

/// The page: no engine in it.
pub const PAGE: Binary = Binary {
    package: "resnette",
    name: "page",
    features: "",
    profile: "page",
    shares_memory: false,
    words: "the page (about 2 minutes the first time)",
};

/// The worker that takes longest to build.
const GPU_WORKER: &str = "worker_gpu";

/// The engines, each fetched only when it is used.
pub const WORKERS: [Binary; 3] = [
    Binary {
        package: "resnette-worker",
        name: CPU_WORKER,
        features: "cpu",
        profile: "release",
        shares_memory: false,
        words: "the CPU worker (about 5 minutes the first time)",
    },
    Binary {
        package: "resnette-worker",
        name: threads::WORKER,
        features: "threads",
        profile: "release",
        shares_memory: true,
        words: "the CPU worker with threads (about 6 minutes the first time)",
    },
    Binary {
        package: "resnette-worker",
        name: GPU_WORKER,
        features: "gpu",
        profile: "release",
        shares_memory: false,
        words: "the WebGPU worker (about 15 minutes the first time)",
    },
];

/// The workers to build: all, or those that `RESNETTE_WORKERS` names (`cpu`, `threads`, `gpu`),
/// since the WebGPU worker takes minutes to link and most work on the page can be tried without it.
pub fn workers() -> Vec<Binary> {
    let chosen = env::var("RESNETTE_WORKERS").unwrap_or_default();
    WORKERS
        .into_iter()
        .filter(|worker| {
            chosen.is_empty() || chosen.split(',').any(|name| worker.name.ends_with(name))
        })
        .collect()
}

/// Builds everything and returns the folder, which any static host can serve under any path.
///
/// # Errors
/// If a tool is missing and can't be installed, if something does not compile, or if a worker runs
/// its constructors at every call.
pub fn build(place: &Place) -> Result<PathBuf> {
    let dist = build_page(place)?;
    threads::place_substitute(&dist)?;
    names::build(place, &dist)?;
    for worker in workers() {
        build_worker(place, worker, &dist)?;
    }
    finish(place, &dist)?;
    Ok(dist)
}

/// Builds the page and the CPU worker, which is all that a visitor needs to train. The other
/// workers take several times as long, so they are built on a thread of their own while the page is
/// served already; until they are there scripts stand in for them ([`stand_in`],
/// [`threads::place_substitute`]).
///
/// Returns the folder, and the thread if there is more to build. What goes wrong on it is printed
/// and told to the page.
///
/// # Errors
/// As [`build`], for what is built at once.
pub fn build_for_serving(place: &Place) -> Result<(PathBuf, Option<JoinHandle<()>>)> {
    let (first, later): (Vec<_>, Vec<_>) =
        workers().into_iter().partition(|worker| worker.name == CPU_WORKER);
    let dist = build_page(place)?;
    threads::place_substitute(&dist)?;
    names::build(place, &dist)?;
    for worker in first {
        build_worker(place, worker, &dist)?;
    }
    if later.is_empty() {
        finish(place, &dist)?;
        return Ok((dist, None));
    }
    if later.iter().any(|worker| worker.name == GPU_WORKER) {
        stand_in::place(&dist, GPU_WORKER)?;
    }
    offline::write_service_worker(&dist)?;
    let (place, folder) = (place.clone(), dist.clone());
    let thread = std::thread::spawn(move || {
        let mut all = true;
        for worker in later {
            if let Err(error) = build_beside(&place, worker, &folder) {
                all = false;
                say(format_args!("{} was not built: {error:#}", worker.name));
                if worker.name == GPU_WORKER {
                    stand_in::tell_failure(&folder, GPU_WORKER);
                }
            }
        }
        match finish(&place, &folder) {
            Ok(()) if all => {
                say("All engines are there: a page that waits for WebGPU starts it now");
            }
            Ok(()) => {}
            Err(error) => say(format_args!("dist/ is incomplete: {error:#}")),
        }
    });
    Ok((dist, Some(thread)))
}

/// Builds a worker while the page is served, and puts it in place of what stands in for it.
fn build_beside(place: &Place, worker: Binary, folder: &Path) -> Result<()> {
    let staging = place.root.join("target/staging");
    fs::create_dir_all(&staging)?;
    build_worker(place, worker, &staging)?;
    if worker.shares_memory {
        threads::replace(folder, &staging)
    } else {
        stand_in::replace(folder, worker.name, &staging)
    }
}

/// Builds the page into `dist/`, which is emptied before.
fn build_page(place: &Place) -> Result<PathBuf> {
    tools::for_building(place)?;
    let dist = place.dist();
    let page = split::split(place, &cargo_build(place, PAGE)?)?;
    styles::join(&place.root.join("www"))?;
    page_files::write(&place.root, &dist, &page)?;
    // A page without a policy must never be served, not even while the workers are being built.
    policy::write_policy(&dist)?;
    licences::write_licences(&shipped_crates(place)?, &dist)?;
    Ok(dist)
}

/// What Trunk needs before it builds the page for `trunk serve`.
///
/// # Errors
/// If a tool is missing and can't be installed, or if a style sheet cannot be read.
pub fn before_trunk(place: &Place) -> Result<()> {
    tools::for_building(place)?;
    styles::join(&place.root.join("www"))
}

/// Puts the page, taken apart, in the place of the one that Trunk has built into `staging`, and the
/// workers of the last build beside it.
///
/// # Errors
/// If something does not compile, or if a file cannot be read or written.
pub fn after_trunk(place: &Place, staging: &Path) -> Result<()> {
    let page = split::split(place, &cargo_build(place, PAGE)?)?;
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

/// Builds a worker into a folder.
fn build_worker(place: &Place, worker: Binary, folder: &Path) -> Result<()> {
    if worker.shares_memory {
        tools::library_sources(place)?;
    }
    let module = cargo_build(place, worker)?;
    let bytes = fs::read(&module).with_context(|| format!("can't read {}", module.display()))?;
    constructors::check(&bytes).with_context(|| format!("{} is unfit", worker.name))?;
    bind_worker(place, worker, &module, folder)
}

/// Writes what depends on all files: the service worker and the compressed files.
fn finish(place: &Place, dist: &Path) -> Result<()> {
    offline::write_service_worker(dist)?;
    say(format_args!("Built {}", dist.display()));
    for Sizes { name, plain, gzip, brotli } in
        compress::compress(dist, &place.root.join("target/brotli"))?
    {
        eprintln!("    {plain:>9} bytes, {gzip:>8} with gzip, {brotli:>8} with brotli  {name}");
    }
    Ok(())
}

/// The `dist/` of an earlier build.
///
/// # Errors
/// If there is none, or a worker is missing from it.
pub fn built(place: &Place) -> Result<PathBuf> {
    let dist = place.dist();
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

/// Compiles one binary for the browser and returns cargo's module.
fn cargo_build(place: &Place, binary: Binary) -> Result<PathBuf> {
    say(format_args!("Building {}{}", binary.words, times::last(place, binary.name)));
    let started = Instant::now();
    let mut cargo = command(place, "cargo")?;
    cargo.args(["build", "--profile", binary.profile, "--locked", "--target", WASM]);
    cargo.args(binary.selection()).args(["--bin", binary.name]);
    if binary.shares_memory {
        threads::share_memory(place, &mut cargo);
    }
    cargo.args(["--message-format", "json-render-diagnostics"]).stdin(Stdio::null());
    // Cargo says where the module is, so that no other checkout's file of the same name is taken
    // from a shared build folder.
    let messages = output(&mut cargo)?;
    times::note(place, binary.name, started.elapsed());
    let module = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| {
            let is_ours = message["reason"] == "compiler-artifact"
                && message["target"]["name"] == binary.name;
            let files = message["filenames"].as_array().filter(|_| is_ours)?;
            files
                .iter()
                .filter_map(Value::as_str)
                .find(|file| file.ends_with(".wasm"))
                .map(PathBuf::from)
        });
    module.with_context(|| format!("cargo built {} but named no .wasm file", binary.name))
}

/// Writes `NAME.js` (our loader), `NAME_glue.js` and `NAME_bg.wasm` (wasm-bindgen's) into the
/// folder.
fn bind_worker(place: &Place, worker: Binary, module: &Path, dist: &Path) -> Result<()> {
    let name = worker.name;
    let mut bindgen = command(place, "wasm-bindgen")?;
    bindgen
        .args(["--target", "web", "--no-typescript", "--remove-name-section"])
        .args(["--out-name", name, "--out-dir"])
        .arg(dist)
        .arg(module);
    run(&mut bindgen)?;
    fs::rename(dist.join(format!("{name}.js")), dist.join(format!("{name}_glue.js")))
        .context("wasm-bindgen wrote no script")?;
    if worker.shares_memory {
        return threads::write_loaders(dist);
    }
    fs::write(dist.join(format!("{name}.js")), loader(name))
        .with_context(|| format!("can't write {name}.js"))
}
