//! The script that the page starts for an engine.

/// The name of the worker that every browser can run.
pub const CPU_WORKER: &str = "worker_cpu";

/// The function that all scripts start their module with.
pub const START_MODULE: &str = include_str!("start_module.js");

/// The script of a worker, started as a module: it imports `NAME_glue.js`.
pub fn loader(name: &str) -> String {
    include_str!("loader.js").replace("START_MODULE", START_MODULE).replace("NAME", name)
}
