//! Stands in for a worker that is still being built: says so to the page, keeps its messages, and
//! starts the engine as soon as it is there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use resnette_protocol::{Event, encode};

use crate::loader::{START_MODULE, loader};

/// Puts the stand-in of a worker into a folder.
///
/// # Errors
/// If it cannot be written.
pub fn place(folder: &Path, name: &str) -> Result<()> {
    let told = encode(&Event::Building)?;
    let script = include_str!("stand_in.js")
        .replace("START_MODULE", START_MODULE)
        .replace("NAME", name)
        .replace("TOLD", &serde_json::to_string(&told)?);
    write(&folder.join(format!("{name}.js")), script.as_bytes())?;
    write(&state_file(folder, name), br#"{"state":"building"}"#)
}

/// Puts the files of a worker that has been built into the place of its stand-in.
///
/// # Errors
/// If a file cannot be moved.
pub fn replace(folder: &Path, name: &str, built: &Path) -> Result<()> {
    for file in [format!("{name}_bg.wasm"), format!("{name}_glue.js")] {
        let (from, to) = (built.join(&file), folder.join(&file));
        fs::copy(&from, &to).with_context(|| format!("can't write {}", to.display()))?;
    }
    write(&folder.join(format!("{name}.js")), loader(name).as_bytes())?;
    // A stand-in that is waiting reads this: without it, the engine is there.
    fs::remove_file(state_file(folder, name))?;
    Ok(())
}

/// Tells the pages that wait that nothing will come.
pub fn tell_failure(folder: &Path, name: &str) {
    // If even this cannot be written, the terminal has said it.
    let _ = write(&state_file(folder, name), br#"{"state":"failed"}"#);
}

fn state_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}_state.json"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("can't write {}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_engine_takes_the_place_of_its_stand_in() {
        let folder = std::env::temp_dir().join(format!("resnette-stand-in-{}", std::process::id()));
        let built = folder.join("built");
        fs::create_dir_all(&built).unwrap();
        place(&folder, "worker_x").unwrap();
        let script = fs::read_to_string(folder.join("worker_x.js")).unwrap();
        assert!(script.contains("./worker_x_state.json") && !script.contains("TOLD"));
        tell_failure(&folder, "worker_x");
        assert!(fs::read_to_string(state_file(&folder, "worker_x")).unwrap().contains("failed"));
        assert!(replace(&folder, "worker_x", &built).is_err(), "nothing was built");
        assert!(state_file(&folder, "worker_x").is_file());
        for file in ["worker_x_bg.wasm", "worker_x_glue.js"] {
            fs::write(built.join(file), file).unwrap();
        }
        replace(&folder, "worker_x", &built).unwrap();
        assert!(!state_file(&folder, "worker_x").exists());
        let script = fs::read_to_string(folder.join("worker_x.js")).unwrap();
        assert_eq!(script, loader("worker_x"));
        fs::remove_dir_all(&folder).unwrap();
    }
}
