//! A build for `cargo xtask serve`: the page is there before the slow workers are.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use anyhow::Result;

use crate::binaries::{Binary, GPU_WORKER, workers};
use crate::compile::{compile, side_by_side};
use crate::dist::{build_with, finish, write_worker};
use crate::loader::CPU_WORKER;
use crate::place::Place;
use crate::progress::say;
use crate::tools::library_sources;
use crate::{offline, stand_in, threads};

/// Builds the page and the CPU worker, which is all that a visitor needs to train. The other
/// workers take several times as long, so they are built on a thread of their own while the page is
/// served already; until they are there scripts stand in for them ([`stand_in`],
/// [`threads::place_substitute`]).
///
/// Returns the folder, and the thread if there is more to build. What goes wrong on it is printed
/// and told to the page.
///
/// # Errors
/// As [`crate::dist::build`], for what is built at once.
pub fn build_for_serving(place: &Place, page: Binary) -> Result<(PathBuf, Option<JoinHandle<()>>)> {
    let (first, later): (Vec<_>, Vec<_>) =
        workers().into_iter().partition(|worker| worker.name == CPU_WORKER);
    let dist = build_with(place, page, &first)?;
    if later.is_empty() {
        finish(place, &dist)?;
        return Ok((dist, None));
    }
    if later.iter().any(|worker| worker.name == GPU_WORKER) {
        stand_in::place(&dist, GPU_WORKER)?;
    }
    offline::write_service_worker(&dist)?;
    let (place, folder) = (place.clone(), dist.clone());
    let thread = thread::spawn(move || {
        if let Err(error) = build_beside(&place, &later, &folder) {
            say(format_args!("dist/ is incomplete: {error:#}"));
        }
    });
    Ok((dist, Some(thread)))
}

/// Builds workers while the page is served, and puts each in place of what stands in for it.
fn build_beside(place: &Place, later: &[Binary], folder: &Path) -> Result<()> {
    let mut later = later.to_vec();
    let wanted = later.len();
    if later.iter().any(|worker| worker.shares_memory)
        && let Err(error) = library_sources(place)
    {
        say(format_args!("the CPU worker with threads is not built: {error:#}"));
        later.retain(|worker| !worker.shares_memory);
    }
    let built = side_by_side(&later, |worker| {
        let result = build_one(place, worker, folder);
        if let Err(error) = &result {
            say(format_args!("{} was not built: {error:#}", worker.name));
            if worker.name == GPU_WORKER {
                stand_in::tell_failure(folder, GPU_WORKER);
            }
        }
        Ok(result.is_ok())
    })?;
    if built.into_iter().filter(|is_built| *is_built).count() == wanted {
        say("All engines are there: a page that waits for WebGPU starts it now");
    }
    // Compressing takes a minute, and a page on this computer needs none of it.
    finish(place, folder)
}

fn build_one(place: &Place, worker: Binary, folder: &Path) -> Result<()> {
    let module = compile(place, worker)?;
    let staging = place.root.join("target/staging").join(worker.name);
    fs::create_dir_all(&staging)?;
    write_worker(worker, &module, &staging)?;
    if worker.shares_memory {
        threads::replace(folder, &staging)
    } else {
        stand_in::replace(folder, worker.name, &staging)
    }
}
