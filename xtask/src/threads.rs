//! The CPU worker whose threads share one WebAssembly memory.
//!
//! Rust's standard library for WebAssembly comes without atomics, so it is built as well, from the
//! sources that rustup brings (`rust-src`), with cargo's unstable `-Zbuild-std`. Both can go when
//! there is a target with threads for browsers. The build folder is one of its own: build scripts
//! see `RUSTC_BOOTSTRAP` and would be run again for every other build.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::loader::{CPU_WORKER, START_MODULE, loader};
use crate::place::Place;
use crate::tools::WASM;

/// The name of the worker.
pub const WORKER: &str = "worker_cpu_threads";

/// What rustc and the linker are told, beside `.cargo/config.toml`'s flags. The memory may grow to
/// the 4 GiB that WebAssembly can address; browsers reserve addresses for it, no more.
const FLAGS: [&str; 10] = [
    "-Ctarget-feature=+atomics,+bulk-memory",
    "-Clink-arg=--shared-memory",
    "-Clink-arg=--import-memory",
    "-Clink-arg=--max-memory=4294967296",
    "-Clink-arg=--export=__heap_base",
    "-Clink-arg=--export=__stack_pointer",
    "-Clink-arg=--export=__wasm_init_tls",
    "-Clink-arg=--export=__tls_size",
    "-Clink-arg=--export=__tls_align",
    "-Clink-arg=--export=__tls_base",
];

/// Makes a `cargo build` one for shared memory.
pub fn share_memory(place: &Place, cargo: &mut Command) {
    let flags = FLAGS.map(|flag| format!("{flag:?}")).join(", ");
    let folder = place.target.join("threads");
    cargo
        .arg("-Zbuild-std=std,panic_abort")
        .args(["--config", &format!("target.{}.rustflags = [{flags}]", WASM)])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_BUILD_BUILD_DIR", folder)
        // Cargo locks this folder too, and another worker may be compiled at the same time.
        .env("CARGO_TARGET_DIR", place.root.join("target/threads"));
}

/// Writes the script that the page starts, and the one that each thread runs. Both import
/// wasm-bindgen's.
///
/// # Errors
/// If a file cannot be written.
pub fn write_loaders(folder: &Path) -> Result<()> {
    for (file, text) in [
        (format!("{WORKER}.js"), include_str!("loader_threads.js")),
        (format!("{WORKER}_one.js"), include_str!("loader_thread.js")),
    ] {
        let text = text
            .replace("START_MODULE", START_MODULE)
            .replace("FALLBACK", CPU_WORKER)
            .replace("NAME", WORKER);
        fs::write(folder.join(&file), text).with_context(|| format!("can't write {file}"))?;
    }
    Ok(())
}

/// Puts the CPU worker without threads under the name of this one, for as long as this one is not
/// built.
///
/// # Errors
/// If the file cannot be written.
pub fn place_substitute(folder: &Path) -> Result<()> {
    let file = format!("{WORKER}.js");
    fs::write(folder.join(&file), loader(CPU_WORKER)).with_context(|| format!("can't write {file}"))
}

/// Puts the files of the built worker into the place of its substitute.
///
/// # Errors
/// If a file cannot be moved.
pub fn replace(folder: &Path, built: &Path) -> Result<()> {
    for file in [format!("{WORKER}_bg.wasm"), format!("{WORKER}_glue.js")] {
        let (from, to) = (built.join(&file), folder.join(&file));
        fs::copy(&from, &to).with_context(|| format!("can't write {}", to.display()))?;
    }
    write_loaders(folder)
}
