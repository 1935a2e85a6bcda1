//! The binaries for the browser: the page and its workers.

use std::env;
use std::time::Duration;

use crate::loader::CPU_WORKER;
use crate::threads;

/// One of the binaries for the browser.
#[derive(Debug, Clone, Copy)]
pub struct Binary {
    /// The package that it belongs to.
    pub package: &'static str,
    /// The name in the package's `Cargo.toml`; for a worker also that of its script,
    /// `dist/NAME.js`.
    pub name: &'static str,
    /// Cargo features, separated by commas; empty for the page, which has none.
    pub features: &'static str,
    /// Cargo profile.
    pub profile: &'static str,
    /// Whether its threads share memory, for which the standard library is built too
    /// ([`threads`]).
    pub shares_memory: bool,
    /// What it is, in words.
    pub words: &'static str,
    /// How long a first build takes on two cores, roughly.
    pub first_build: Duration,
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
    words: "the page",
    first_build: Duration::from_mins(2),
};

/// The page for working on it: a few seconds after an edit, and several times as large.
pub const QUICK_PAGE: Binary =
    Binary { profile: "page-quick", words: "the page, without link-time optimisation", ..PAGE };

/// The worker that takes longest to build.
pub const GPU_WORKER: &str = "worker_gpu";

/// The engines, each fetched only when it is used.
pub const WORKERS: [Binary; 3] = [
    Binary {
        package: "resnette-worker",
        name: CPU_WORKER,
        features: "cpu",
        profile: "release",
        shares_memory: false,
        words: "the CPU worker",
        first_build: Duration::from_mins(5),
    },
    Binary {
        package: "resnette-worker",
        name: threads::WORKER,
        features: "threads",
        profile: "release",
        shares_memory: true,
        words: "the CPU worker with threads",
        first_build: Duration::from_mins(6),
    },
    Binary {
        package: "resnette-worker",
        name: GPU_WORKER,
        features: "gpu",
        profile: "release",
        shares_memory: false,
        words: "the WebGPU worker",
        first_build: Duration::from_mins(15),
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
