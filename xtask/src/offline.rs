//! The service worker that keeps the page for offline use, generated for one build of the page.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

use crate::digest::sha256;
use crate::licences::{LICENCES, SBOM};

/// How the names of the files begin that are kept once they are used, and not on the first visit.
const LATER: [&str; 4] = ["worker_", "models/", LICENCES, SBOM];

/// Writes `dist/sw.js`, which lists every file with its hash, and a version that is the hash of all
/// of them.
///
/// # Errors
/// If the folder cannot be read or written.
pub fn write_service_worker(dist: &Path) -> Result<()> {
    let mut files = BTreeMap::new();
    collect(dist, "", &mut files)?;
    leave_out_unbuilt(&mut files);
    let script = script(&files);
    fs::write(dist.join("sw.js"), script).context("can't write sw.js")
}

/// Collects the `sha256-…` hash of all files below a folder by their relative path. Compressed
/// files are left out, since only a server uses them.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if path != "sw.js" && !path.ends_with(".gz") && !path.ends_with(".br") {
            files.insert(path, format!("sha256-{}", sha256(&fs::read(entry.path())?)));
        }
    }
    Ok(())
}

/// Takes out the files of workers that are still being built (see [`crate::stand_in`]): a browser
/// that kept them would wait for ever.
fn leave_out_unbuilt(files: &mut BTreeMap<String, String>) {
    let unbuilt: Vec<String> = files
        .keys()
        .filter_map(|path| path.strip_suffix("_state.json"))
        .map(str::to_owned)
        .collect();
    files.retain(|path, _| !unbuilt.iter().any(|name| path.starts_with(name.as_str())));
}

/// The script of the service worker for these files.
fn script(files: &BTreeMap<String, String>) -> String {
    let eager: Vec<_> =
        files.keys().filter(|path| !LATER.iter().any(|start| path.starts_with(start))).collect();
    let version = sha256(json!(files).to_string().as_bytes());
    include_str!("service_worker.js")
        .replace("{{VERSION}}", &version)
        .replace("{{FILES}}", &json!(files).to_string())
        .replace("{{EAGER}}", &json!(eager).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_is_being_built_is_not_kept() {
        let names = ["index.html", "worker_cpu.js", "worker_gpu.js", "worker_gpu_state.json"];
        let mut files = names.map(|name| (name.to_owned(), String::new())).into();
        leave_out_unbuilt(&mut files);
        assert_eq!(files.into_keys().collect::<Vec<_>>(), ["index.html", "worker_cpu.js"]);
    }

    #[test]
    fn another_file_is_another_version() {
        let files = |hash: &str| {
            BTreeMap::from([
                ("index.html".to_string(), hash.to_string()),
                ("worker_cpu.js".into(), "sha256-x".into()),
                (LICENCES.into(), "sha256-y".into()),
            ])
        };
        let (one, two) = (script(&files("sha256-a")), script(&files("sha256-b")));
        let version = |script: &str| {
            script.lines().find(|line| line.starts_with("const VERSION")).map(str::to_string)
        };
        assert!(version(&one).is_some_and(|line| !line.contains("{{")));
        assert_ne!(version(&one), version(&two));
        assert!(one.contains(r#"const EAGER = ["index.html"];"#), "{one}");
    }
}
