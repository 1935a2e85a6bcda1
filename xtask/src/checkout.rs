//! Which checkout the build folder was last used from.
//!
//! Checkouts share one build folder, and cargo tells sources apart by their age and their path
//! within the checkout. After a newer clone was built, the older files of another one would
//! therefore pass as built, with the programs, and the folders compiled into them, of the clone.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::place::Place;

/// The file in the build folder that names the checkout.
const OWNER: &str = ".checkout";

/// Takes the build folder for this checkout. If another one had it, cargo is made to forget what it
/// knows of our own packages, xtask among them: the answer is then `true`, and this very program
/// may be the other checkout's.
///
/// # Errors
/// If the build folder can't be written to.
pub fn take_over(place: &Place) -> Result<bool> {
    let owner = place.target.join(OWNER);
    let root = place.root.to_string_lossy();
    let before = fs::read_to_string(&owner).ok();
    if before.as_deref() == Some(root.as_ref()) {
        return Ok(false);
    }
    fs::create_dir_all(&place.target)
        .with_context(|| format!("can't make {}", place.target.display()))?;
    // Without a name it is a new folder, or one from before there were names.
    // The worker with threads has a build folder of its own.
    let mut marks = our_fingerprints(&place.target)?;
    marks.extend(our_fingerprints(&place.target.join("threads"))?);
    // Those of its build scripts have been found twice.
    marks.sort();
    marks.dedup();
    for mark in marks {
        fs::remove_dir_all(&mark).with_context(|| format!("can't remove {}", mark.display()))?;
    }
    fs::write(&owner, root.as_ref()).with_context(|| format!("can't write {}", owner.display()))?;
    Ok(true)
}

/// What cargo keeps to know whether our packages are built:
/// `<profile>/.fingerprint/<package>-<hash>`, for the host and each target.
fn our_fingerprints(target: &Path) -> Result<Vec<PathBuf>> {
    let profiles = folders(target)?;
    let mut found = Vec::new();
    for profile in &profiles {
        let mut marks = folders(&profile.join(".fingerprint"))?;
        for below in folders(profile)? {
            marks.extend(folders(&below.join(".fingerprint"))?);
        }
        found.extend(marks.into_iter().filter(|mark| is_ours(mark)));
    }
    Ok(found)
}

fn is_ours(mark: &Path) -> bool {
    let package =
        mark.file_name().and_then(|name| name.to_str()).and_then(|name| name.rsplit_once('-'));
    package.is_some_and(|(package, _)| {
        package == "xtask" || package == "resnette" || package.starts_with("resnette-")
    })
}

/// The folders in a folder; none where there is no such folder.
fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => {
            return Err(error).with_context(|| format!("can't read {}", folder.display()));
        }
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_another_checkouts_marks_are_removed() {
        let place = |root: &str, target: &Path| Place {
            root: root.into(),
            tools: "tools".into(),
            target: target.into(),
        };
        let target = std::env::temp_dir().join(format!("resnette-checkout-{}", std::process::id()));
        let ours = target.join("debug/.fingerprint/resnette-engine-0123");
        let theirs = target.join("wasm32-unknown-unknown/release/.fingerprint/resnette-4567");
        let threads = target.join("threads/wasm32-unknown-unknown/release/.fingerprint/resnette-8");
        let scripts = target.join("threads/release/.fingerprint/resnette-protocol-9");
        let dependency = target.join("debug/.fingerprint/burn-0123");
        let make = || {
            for folder in [&ours, &theirs, &threads, &scripts, &dependency] {
                fs::create_dir_all(folder).unwrap();
            }
        };
        make();
        assert!(take_over(&place("/one", &target)).unwrap());
        make();
        assert!(!take_over(&place("/one", &target)).unwrap());
        assert!(ours.exists() && theirs.exists());
        assert!(take_over(&place("/two", &target)).unwrap());
        assert!(!ours.exists() && !theirs.exists() && !threads.exists() && !scripts.exists());
        assert!(dependency.exists());
        fs::remove_dir_all(&target).unwrap();
    }
}
