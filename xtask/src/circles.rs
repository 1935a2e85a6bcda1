//! No two source files import each other, directly or through others: a test reads every crate.
//!
//! A file imports the files in which the items lie that it names by `crate::…` or through a module
//! that it declares. A re-export (`pub use`) is no import of its own: whoever uses it imports the
//! file behind it. Unit tests are left out, since they may use anything.

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::{Path, PathBuf};

    /// The code of each module of a crate, by its path without `crate::`. The root is "".
    type Modules = BTreeMap<String, String>;

    #[test]
    fn no_two_files_import_each_other() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut crates: Vec<PathBuf> = fs::read_dir(root.join("crates"))
            .unwrap()
            .map(|entry| entry.unwrap().path().join("src"))
            .filter(|source| source.exists())
            .collect();
        crates.push(root.join("src"));
        assert!(crates.len() > 10, "only {} crates were found", crates.len());
        let mut found = (0, 0);
        for source in crates {
            let mut modules = Modules::new();
            read_modules(&source, "", &mut modules);
            let imports = imports(&modules);
            found.0 += modules.len();
            found.1 += imports.values().flatten().count();
            assert_eq!(circle(&imports), None, "{}", source.display());
        }
        assert!(found.0 > 300 && found.1 > 600, "{found:?} modules and imports were found");
    }

    #[test]
    fn circles_are_found_and_re_exports_are_followed() {
        let modules = |texts: &[(&str, &str)]| -> Modules {
            texts.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
        };
        let circular = modules(&[
            ("", "pub mod a;\nmod b;"),
            ("a", "use crate::b::{c::{D, E}, F};\n"),
            ("b", "mod c;\nstruct F;"),
            ("b::c", "fn f() -> crate::a::G {}"),
        ]);
        let found = imports(&circular);
        assert_eq!(found["a"], BTreeSet::from(["b".to_string(), "b::c".to_string()]));
        assert_eq!(circle(&found).unwrap().len(), 2);
        // The root only passes B on, so it does not import `b`, and `b` may use the root.
        let facade = modules(&[
            ("", "pub mod a;\nmod b;\npub use b::B;\npub struct R;"),
            ("a", "use crate::B;"),
            ("b", "use crate::R;\npub struct B;"),
        ]);
        let found = imports(&facade);
        assert_eq!(found["a"], BTreeSet::from(["b".to_string()]));
        assert_eq!(circle(&found), None);
        // But it may not use what uses it.
        let mut used = facade;
        used.insert(String::new(), "mod b;\nfn f() { b::g() }\npub struct R;".into());
        assert!(circle(&imports(&used)).is_some());
    }

    /// The code of each module below a folder, without comments and unit tests.
    fn read_modules(folder: &Path, path: &str, modules: &mut Modules) {
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let stem = file.file_stem().unwrap().to_str().unwrap();
            let inner = joined(path, stem);
            if file.is_dir() {
                if !matches!(stem, "bin" | "tests") {
                    read_modules(&file, &inner, modules);
                }
            } else if file.extension().is_some_and(|extension| extension == "rs") && stem != "tests"
            {
                let module = if matches!(stem, "lib" | "mod" | "main") { path } else { &inner };
                let text = fs::read_to_string(&file).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap();
                let code: Vec<&str> =
                    code.lines().map(|line| line.split("//").next().unwrap()).collect();
                modules.insert(module.to_string(), code.join("\n"));
            }
        }
    }

    fn joined(path: &str, name: &str) -> String {
        if path.is_empty() { name.into() } else { format!("{path}::{name}") }
    }

    /// What each module imports.
    fn imports(modules: &Modules) -> BTreeMap<String, BTreeSet<String>> {
        let re_exports = re_exports(modules);
        let mut all = BTreeMap::new();
        for (module, code) in modules {
            let mut imported = BTreeSet::new();
            let code: String = code
                .split(';')
                .filter(|statement| !is_re_export(statement))
                .flat_map(|statement| [statement, ";"])
                .collect();
            let mut add = |path: String| {
                imported.insert(module_of(&path, modules, &re_exports, 0));
            };
            for used in code.split("crate::").skip(1) {
                named(used).into_iter().for_each(&mut add);
            }
            for child in modules.keys().filter(|path| parent(path) == Some(module.as_str())) {
                let name = child.rsplit("::").next().unwrap();
                for used in after_name(&code, name) {
                    for item in named(used) {
                        add(joined(module, &item));
                    }
                }
            }
            imported.remove(module);
            all.insert(module.clone(), imported);
        }
        all
    }

    /// The module that declares this one; `None` for the root.
    fn parent(path: &str) -> Option<&str> {
        (!path.is_empty()).then(|| path.rsplit_once("::").map_or("", |(parent, _)| parent))
    }

    fn is_re_export(statement: &str) -> bool {
        statement.lines().any(|line| {
            let line = line.trim_start();
            line.starts_with("pub use ") || (line.starts_with("pub(") && line.contains(") use "))
        })
    }

    /// What the modules re-export: the module and the name, and the item behind it.
    fn re_exports(modules: &Modules) -> BTreeMap<(String, String), String> {
        let mut all = BTreeMap::new();
        for (module, code) in modules {
            for statement in code.split(';').filter(|statement| is_re_export(statement)) {
                let used = statement.rsplit(" use ").next().unwrap().trim();
                for path in named(used) {
                    let name = path.rsplit("::").next().unwrap().to_string();
                    let path = path.strip_prefix("self::").unwrap_or(&path);
                    let path = match path.strip_prefix("crate::") {
                        Some(path) => path.to_string(),
                        None => joined(module, path),
                    };
                    all.insert((module.clone(), name), path);
                }
            }
        }
        all
    }

    /// The texts that begin with `name::`, where `name` is a whole path of one name.
    fn after_name<'a>(code: &'a str, name: &str) -> Vec<&'a str> {
        let start = format!("{name}::");
        code.match_indices(&start)
            .filter(|(at, _)| {
                let before = code[..*at].chars().next_back();
                before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':'))
            })
            .map(|(at, _)| &code[at..])
            .collect()
    }

    /// The paths that a text begins with: `a::{b, c::d}` gives `a::b` and `a::c::d`.
    fn named(text: &str) -> Vec<String> {
        let in_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let end = text.find(|c| !in_path(c)).unwrap_or(text.len());
        let (path, rest) = text.split_at(end);
        let Some(group) =
            rest.strip_prefix('{').filter(|_| path.is_empty() || path.ends_with("::"))
        else {
            return vec![path.trim_end_matches(':').to_string()];
        };
        let (mut paths, mut depth, mut start) = (Vec::new(), 0, 0);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                ',' | '}' if depth == 0 => {
                    let item = group[start..at].trim();
                    if !item.is_empty() {
                        paths.extend(named(item).into_iter().map(|item| format!("{path}{item}")));
                    }
                    start = at + 1;
                    if c == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        paths
    }

    /// The module in which the item at `path` lies.
    fn module_of(
        path: &str,
        modules: &Modules,
        re_exports: &BTreeMap<(String, String), String>,
        depth: usize,
    ) -> String {
        let mut module = path;
        while !module.is_empty() && !modules.contains_key(module) {
            module = module.rsplit_once("::").map_or("", |(start, _)| start);
        }
        let name = path[module.len()..].trim_start_matches(':').split("::").next().unwrap();
        match re_exports.get(&(module.to_string(), name.to_string())) {
            Some(behind) if depth < 9 => module_of(behind, modules, re_exports, depth + 1),
            _ => module.to_string(),
        }
    }

    /// Modules that import each other in a circle; `None` if there is no circle.
    fn circle(imports: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
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
}
