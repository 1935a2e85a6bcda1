//! The crates that are in the page and its workers, with their licences: what `dist/` hands out is
//! theirs too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::binaries::{PAGE, WORKERS};
use crate::place::Place;
use crate::process::{command, output};
use crate::tools::WASM;

/// How the names of files with a licence or a notice begin.
const NOTICES: [&str; 7] =
    ["license", "licence", "copying", "notice", "unlicense", "copyright", "authors"];
/// The packages of this workspace begin so; they are listed as one.
const OWN: &str = "resnette";

/// A crate in the page or in a worker.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShippedCrate {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The licence of its manifest, as an SPDX expression; empty if it names none.
    pub licence: String,
    /// Who wrote it, as its manifest says.
    pub authors: Vec<String>,
    /// Where its source is.
    pub repository: String,
    /// SHA-256 of its package, in hexadecimal digits; empty for crates of this workspace.
    pub checksum: String,
    /// The texts of its licences and notices; empty if its package has none.
    pub texts: Vec<String>,
}

/// Every crate of the trees of page and workers for the browser, in the order of their names; the
/// crates of this workspace as one, with its licences.
///
/// # Errors
/// If cargo fails, or a file cannot be read.
pub fn shipped_crates(place: &Place) -> Result<Vec<ShippedCrate>> {
    let wanted = names(place)?;
    let mut cargo = command(place, "cargo")?;
    cargo.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", WASM]);
    let metadata: Value = serde_json::from_str(&output(&mut cargo)?)?;
    let checksums = checksums(&fs::read_to_string(place.root.join("Cargo.lock"))?);
    let mut crates = vec![own(place)?];
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        let key = (text("name"), text("version"));
        if !wanted.contains(&key) || key.0.starts_with(OWN) {
            continue;
        }
        let manifest = text("manifest_path");
        let folder = Path::new(&manifest).parent().context("a package without a folder")?;
        let authors = package["authors"].as_array().into_iter().flatten();
        crates.push(ShippedCrate {
            checksum: checksums.get(&key).cloned().unwrap_or_default(),
            licence: spdx(&text("license")),
            authors: authors.filter_map(Value::as_str).map(str::to_owned).collect(),
            repository: text("repository"),
            texts: texts(folder, package["license_file"].as_str())?,
            name: key.0,
            version: key.1,
        });
    }
    lend_texts(&mut crates);
    crates.sort();
    Ok(crates)
}

/// Name and version of every package in the trees of page and workers. Procedural macros write code
/// while it is compiled and are in none of them.
///
/// # Errors
/// If cargo fails.
pub fn names(place: &Place) -> Result<BTreeSet<(String, String)>> {
    let mut names = BTreeSet::new();
    let binaries = [PAGE].into_iter().chain(WORKERS).map(|binary| binary.selection());
    for selection in binaries.chain([vec!["--package", crate::names::PACKAGE]]) {
        let mut cargo = command(place, "cargo")?;
        cargo.args(["tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none"]);
        cargo.args(["--target", WASM]);
        let tree = output(cargo.args(selection))?;
        names.extend(tree.lines().filter_map(|line| {
            let (name, rest) = line.split_once(" v")?;
            Some((name.to_owned(), rest.split(' ').next()?.to_owned()))
        }));
    }
    Ok(names)
}

/// This workspace as one crate.
fn own(place: &Place) -> Result<ShippedCrate> {
    let names = ["LICENSE-APACHE", "LICENSE-MIT", "crates/images/src/imagenet.LICENSE"];
    let read = |name: &str| {
        let path = place.root.join(name);
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))
    };
    Ok(ShippedCrate {
        name: OWN.into(),
        version: env!("CARGO_PKG_VERSION").into(),
        licence: "MIT OR Apache-2.0".into(),
        authors: Vec::new(),
        repository: String::new(),
        checksum: String::new(),
        texts: names.into_iter().map(read).collect::<Result<_>>()?,
    })
}

/// The texts of the licences and notices in a package's folder.
fn texts(folder: &Path, named: Option<&str>) -> Result<Vec<String>> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .with_context(|| format!("can't read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let name = name.to_ascii_lowercase();
            path.is_file() && NOTICES.iter().any(|start| name.starts_with(start))
        })
        .chain(named.map(|name| folder.join(name)).filter(|path| path.is_file()))
        .collect();
    paths.sort();
    paths.dedup();
    let read = paths.iter().map(|path| Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned()));
    read.collect()
}

/// Gives a crate whose package has no text that of another crate of the same repository: packages
/// of one workspace often leave its licence where it is.
fn lend_texts(crates: &mut [ShippedCrate]) {
    let place = |repository: &str| {
        let repository = repository.split("/tree/").next().unwrap_or_default();
        repository.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase()
    };
    let mut known: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for package in crates.iter().filter(|package| !package.texts.is_empty()) {
        let key = (place(&package.repository), package.licence.clone());
        known.entry(key).or_insert_with(|| package.texts.clone());
    }
    for package in crates.iter_mut().filter(|package| package.texts.is_empty()) {
        let key = (place(&package.repository), package.licence.clone());
        if let Some(texts) = known.get(&key).filter(|_| !key.0.is_empty()) {
            package.texts.clone_from(texts);
        }
    }
}

/// Old manifests separate licences by a slash, which means OR.
fn spdx(licence: &str) -> String {
    licence
        .split('/')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" OR ")
}

/// The checksums of a lock file, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let packages = lock.split("[[package]]").skip(1);
    let found = packages.filter_map(|package| {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key))?;
            Some(line.trim_start_matches(" = ").trim_matches('"').to_owned())
        };
        Some(((value("name")?, value("version")?), value("checksum")?))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_files_checksums_are_read() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\
                    checksum = \"00ff\"\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";
        let found = checksums(lock);
        assert_eq!(found.get(&("a".into(), "1.0.0".into())).map(String::as_str), Some("00ff"));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn old_expressions_become_spdx() {
        assert_eq!(spdx("MIT / Apache-2.0"), "MIT OR Apache-2.0");
        assert_eq!(
            spdx("(MIT OR Apache-2.0) AND Unicode-3.0"),
            "(MIT OR Apache-2.0) AND Unicode-3.0"
        );
    }

    #[test]
    fn a_package_without_a_text_takes_that_of_its_repository() {
        let package = |name: &str, repository: &str, texts: &[&str]| ShippedCrate {
            name: name.into(),
            version: "1.0.0".into(),
            licence: "MIT".into(),
            authors: Vec::new(),
            repository: repository.into(),
            checksum: String::new(),
            texts: texts.iter().map(|text| text.to_string()).collect(),
        };
        let mut crates = [
            package("a", "https://example.org/x.git", &["by the authors of x"]),
            package("b", "https://example.org/x/tree/main/b", &[]),
            package("c", "https://example.org/y", &[]),
            package("d", "", &[]),
        ];
        lend_texts(&mut crates);
        assert_eq!(crates[1].texts, ["by the authors of x"]);
        assert_eq!((crates[2].texts.len(), crates[3].texts.len()), (0, 0));
    }
}
