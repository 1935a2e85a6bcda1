//! The built page in a folder of a test's own, where what lies beside it can be another.

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use resnette_static_host::{Running, Site};
use serde_json::Value;
use xtask::hub::Hub;

use crate::stage::{dist, scratch};

/// Where a lesson lies that must not be found.
const ASIDE: &str = "aside.bin";

/// The module of the lesson in a folder.
fn lesson(folder: &Path) -> Result<PathBuf, Failed> {
    named(folder, "page", "_learn.wasm")
}

/// A file whose name has a hash in the middle.
fn named(folder: &Path, start: &str, end: &str) -> Result<PathBuf, Failed> {
    let files = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let is_it = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| name.starts_with(start) && name.ends_with(end))
    };
    files.filter(is_it).last().ok_or_else(|| format!("dist has no {start}…{end}").into())
}

/// A copy of `dist/` that is served as long as this lives, and goes with it.
pub struct Copy {
    running: Running,
    folder: PathBuf,
}

impl Copy {
    /// The page without a model beside it.
    pub fn without_model(name: &str) -> Result<Self, Failed> {
        Self::of(name, |folder| Ok(fs::remove_dir_all(folder.join("models"))?))
    }

    /// The page whose lesson is not there, until it is brought back.
    pub fn without_lesson(name: &str) -> Result<Self, Failed> {
        Self::of(name, |folder| Ok(fs::rename(lesson(folder)?, folder.join(ASIDE))?))
    }

    /// Brings the lesson back to where the page looks for it.
    pub fn bring_lesson(&self) -> Result<(), Failed> {
        let place =
            self.folder.join(lesson(&dist()?)?.file_name().ok_or("the lesson has no name")?);
        Ok(fs::rename(self.folder.join(ASIDE), place)?)
    }

    /// The page whose module ends in the middle.
    pub fn with_cut_module(name: &str) -> Result<Self, Failed> {
        Self::of(name, |folder| {
            let module = named(folder, "page", "_bg.wasm")?;
            let bytes = fs::read(&module)?;
            Ok(fs::write(module, &bytes[..bytes.len() / 2])?)
        })
    }

    /// The page whose script is not there.
    pub fn without_script(name: &str) -> Result<Self, Failed> {
        Self::of(name, |folder| {
            let module = named(folder, "page", "_bg.wasm")?;
            let script = module.to_string_lossy().replace("_bg.wasm", ".js");
            Ok(fs::remove_file(script)?)
        })
    }

    /// The page with another model beside it.
    pub fn with_model(name: &str, model: &Path, history: &Value) -> Result<Self, Failed> {
        Self::of(name, |folder| {
            let models = folder.join("models");
            fs::remove_dir_all(&models)?;
            fs::create_dir(&models)?;
            fs::copy(model, models.join("imagenette.safetensors"))?;
            Ok(fs::write(models.join("imagenette.json"), history.to_string())?)
        })
    }

    /// The page whose CPU engine finds no script for its further threads.
    pub fn without_threads(name: &str) -> Result<Self, Failed> {
        Self::of(name, |folder| Ok(fs::remove_file(folder.join("worker_cpu_threads_one.js"))?))
    }

    /// The page whose CPU worker finds this imitation where it looks for Hugging Face. The worker's
    /// own code is as it was built.
    pub fn with_hub(name: &str, hub: &Hub) -> Result<Self, Failed> {
        const IMPORT: &str = "import init from \"./worker_cpu_glue.js\";";
        let base = hub.base();
        let host = base.split_once("datasets/").map_or(base.as_str(), |(host, _)| host);
        let redirect = format!(
            "{IMPORT}
             const real = self.fetch;
             const here = request => new Request(request.url.replace('https://huggingface.co/', '{host}'), request);
             self.fetch = (what, more) => real(what instanceof Request ? here(what) : what, more);"
        );
        Self::of(name, |folder| {
            let file = folder.join("worker_cpu.js");
            let script = fs::read_to_string(&file)?;
            assert!(script.contains(IMPORT), "the loader begins otherwise: {script}");
            Ok(fs::write(file, script.replace(IMPORT, &redirect))?)
        })
    }

    /// The page whose WebGPU worker runs this before everything of its own.
    pub fn with_hook(name: &str, hook: &str) -> Result<Self, Failed> {
        Self::with_worker_hook(name, &["worker_gpu.js"], hook)
    }

    /// The page whose CPU workers run this before everything of their own.
    pub fn with_cpu_hook(name: &str, hook: &str) -> Result<Self, Failed> {
        Self::with_worker_hook(name, &["worker_cpu.js", "worker_cpu_threads.js"], hook)
    }

    /// Those of these workers that the page was built with.
    fn with_worker_hook(name: &str, workers: &[&str], hook: &str) -> Result<Self, Failed> {
        Self::of(name, |folder| {
            for file in workers.iter().map(|worker| folder.join(worker)) {
                if file.is_file() {
                    let script = fs::read_to_string(&file)?;
                    fs::write(file, format!("{hook}{script}"))?;
                }
            }
            Ok(())
        })
    }

    /// The page with whatever this changes in its folder.
    pub fn changed(
        name: &str,
        change: impl FnOnce(&Path) -> Result<(), Failed>,
    ) -> Result<Self, Failed> {
        Self::of(name, change)
    }

    /// The page's address, with a slash at the end.
    pub fn url(&self) -> String {
        self.running.url()
    }

    fn of(name: &str, change: impl FnOnce(&Path) -> Result<(), Failed>) -> Result<Self, Failed> {
        let folder = scratch(name)?;
        copy(&dist()?, &folder)?;
        change(&folder)?;
        xtask::offline::write_service_worker(&folder).map_err(|error| format!("{error:#}"))?;
        let running = Site { dist: folder.clone(), port: Some(0), ..Site::default() }
            .start()
            .map_err(|error| format!("{error:#}"))?;
        Ok(Self { running, folder })
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// All files but those compressed ahead, which would stand for the old ones.
pub fn copy(from: &Path, to: &Path) -> Result<(), Failed> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else if target.extension().is_none_or(|kind| kind != "gz" && kind != "br") {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
