//! No two source files of these crates import each other, directly or through others.
//!
//! A file's imports are the paths in it that begin with `crate::`, and a file that declares modules
//! (`lib.rs`, `mod.rs`) counts as importing them. Unit tests are left out: they may use anything.

#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The crates that are checked, as folders beside this one.
const CRATES: [&str; 3] = ["images", "image-parquet", "picture"];

/// Which modules each module imports, by their paths without `crate::`. The root is "".
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_two_files_import_each_other() {
    for name in CRATES {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
        let mut texts = BTreeMap::new();
        read_modules(&source, "", &mut texts);
        assert!(texts.len() > 3, "{name}: only {} modules were found", texts.len());
        let imports = imports(&texts);
        assert!(imports.values().flatten().count() > 10, "{name}: hardly any imports were found");
        assert_eq!(circle(&imports), None, "{name}");
    }
}

#[test]
fn a_circle_is_found() {
    let text = |text: &str| text.to_string();
    let texts = BTreeMap::from([
        (text(""), text("pub mod a;\nmod b;")),
        (text("a"), text("use crate::b::{c::D, E};\n")),
        (text("b"), text("mod c;\n#[cfg(test)]\nmod tests { use crate::a::F; }")),
        (text("b::c"), text("fn f() -> crate::a::F {}")),
    ]);
    let found = imports(&texts);
    assert_eq!(found["a"], BTreeSet::from([text("b")]));
    assert_eq!(found["b"], BTreeSet::from([text("b::c")]));
    assert_eq!(circle(&found).unwrap().len(), 3);
}

/// The text of each module of a crate, without its unit tests.
fn read_modules(folder: &Path, path: &str, texts: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let inner = if path.is_empty() { stem.to_string() } else { format!("{path}::{stem}") };
        if file.is_dir() {
            read_modules(&file, &inner, texts);
        } else if file.extension().is_some_and(|extension| extension == "rs") && stem != "tests" {
            let module = if matches!(stem, "lib" | "mod") { path.to_string() } else { inner };
            texts.insert(module, fs::read_to_string(&file).unwrap());
        }
    }
}

fn imports(texts: &BTreeMap<String, String>) -> Imports {
    let mut all = Imports::new();
    for (module, text) in texts {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code: String = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .map(|line| format!("{line}\n"))
            .collect();
        let imports = all.entry(module.clone()).or_default();
        for child in code.lines().filter_map(|line| line.trim().strip_suffix(';')) {
            let words: Vec<&str> = child.split_whitespace().collect();
            if let [.., "mod", name] = words[..] {
                let path =
                    if module.is_empty() { name.into() } else { format!("{module}::{name}") };
                imports.insert(path);
            }
        }
        for used in code.split("crate::").skip(1) {
            // The items of a group, or the path itself.
            let items: Vec<&str> = match used.strip_prefix('{') {
                Some(group) => group.split('}').next().unwrap().split(',').collect(),
                None => vec![used],
            };
            for item in items {
                let end = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
                let path = item.trim().split(end).next().unwrap();
                imports.insert(module_of(path, texts));
            }
        }
        imports.remove(module);
    }
    all
}

/// The module in which the item at `path` lies: its longest prefix that is one.
fn module_of(path: &str, texts: &BTreeMap<String, String>) -> String {
    let mut prefix = path.trim_end_matches(':');
    while !prefix.is_empty() && !texts.contains_key(prefix) {
        prefix = prefix.rsplit_once("::").map_or("", |(start, _)| start);
    }
    prefix.to_string()
}

/// Modules that import each other in a circle; `None` if there is no circle.
fn circle(imports: &Imports) -> Option<Vec<String>> {
    let mut left = imports.clone();
    // A module that imports nothing that is left is on no circle.
    loop {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, imported| imported.iter().any(|module| names.contains(module)));
        if left.len() == before {
            break;
        }
    }
    // Every module that is left imports one that is left, so a walk must come to one again.
    let mut walk = vec![left.keys().next()?.clone()];
    loop {
        let next = left[walk.last()?].iter().find(|module| left.contains_key(*module))?.clone();
        if let Some(start) = walk.iter().position(|module| *module == next) {
            return Some(walk.split_off(start));
        }
        walk.push(next);
    }
}
