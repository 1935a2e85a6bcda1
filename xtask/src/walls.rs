//! The walls between the crates, as ARCHITECTURE.md draws them: a test reads its table and asks
//! cargo.

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;
    use std::process::Command;

    use serde_json::Value;

    const ARCHITECTURE: &str = include_str!("../../ARCHITECTURE.md");

    fn cargo(arguments: &[&str]) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let output = Command::new("cargo").args(arguments).current_dir(root).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo {}: {errors}", arguments.join(" "));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The table's rows: package, and the packages that it may know.
    fn drawn() -> BTreeMap<String, BTreeSet<String>> {
        let names = |text: &str| -> Vec<String> {
            text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let rows = ARCHITECTURE.lines().filter(|line| line.starts_with("| `resnette"));
        rows.map(|row| {
            let cells: Vec<&str> = row.split(" | ").collect();
            let package = names(cells[0])[0].clone();
            let known = cells.last().unwrap().trim_end_matches('|');
            let known = names(known).into_iter().map(|name| format!("resnette-{name}"));
            (package, known.collect())
        })
        .collect()
    }

    /// Normal dependencies within the workspace, by package.
    fn built() -> BTreeMap<String, BTreeSet<String>> {
        let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps", "--locked"]);
        let metadata: Value = serde_json::from_str(&metadata).unwrap();
        let packages = metadata["packages"].as_array().unwrap().iter();
        packages
            .map(|package| {
                let dependencies = package["dependencies"].as_array().unwrap().iter();
                let known = dependencies
                    .filter(|dependency| dependency["kind"].is_null())
                    .filter_map(|dependency| dependency["name"].as_str())
                    .filter(|name| name.starts_with("resnette"))
                    .map(str::to_owned);
                (package["name"].as_str().unwrap().to_owned(), known.collect())
            })
            .filter(|(name, _)| name.starts_with("resnette") && name != "resnette-browser-tests")
            .collect()
    }

    #[test]
    fn every_crate_knows_what_architecture_md_says_and_no_more() {
        assert_eq!(built(), drawn());
    }

    /// Everything that a package is built from for the browser, its own dependencies' included.
    fn tree(package: &str, features: &[&str]) -> BTreeSet<String> {
        let mut arguments = vec!["tree", "--locked", "--edges", "normal", "--prefix", "none"];
        arguments.extend(["--target", "wasm32-unknown-unknown", "--package", package]);
        arguments.extend(features);
        let lines = cargo(&arguments);
        lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    }

    #[test]
    fn the_page_has_no_tensors_and_the_engine_no_browser() {
        let is_burn = |name: &str| ["burn", "cubecl", "cubek"].iter().any(|b| name.starts_with(b));
        for package in ["resnette", "resnette-lesson", "resnette-spec", "resnette-protocol"] {
            let tree = tree(package, &[]);
            let burn: Vec<&String> = tree.iter().filter(|name| is_burn(name)).collect();
            assert_eq!(burn, [""; 0], "{package} has tensors in its tree");
        }
        let cpu = ["--no-default-features", "--features", "cpu"];
        let engine = ("resnette-engine", &cpu[..]);
        for (package, features) in [engine, ("resnette-lesson", &[]), ("resnette-spec", &[])] {
            assert!(!tree(package, features).contains("web-sys"), "{package} has a browser in it");
        }
        for package in ["resnette", "resnette-worker", "resnette-cli"] {
            assert!(!tree(package, &[]).contains("mpi"), "{package} has MPI without being asked");
        }
        assert!(tree("resnette-cli", &["--features", "mpi"]).contains("mpi"), "no MPI at all");
        let sockets =
            ["resnette-class-host", "resnette-host-engine", "tungstenite", "qrcodegen", "subtle"];
        let files = ["rusqlite", "tokio-rustls", "rustls", "ring"];
        let class_only: Vec<&str> = sockets.into_iter().chain(files).collect();
        for package in ["resnette", "resnette-worker", "resnette-cli"] {
            let tree = tree(package, &[]);
            for name in &class_only {
                assert!(!tree.contains(*name), "{package} has {name} without being asked");
            }
        }
        let host = tree("resnette-cli", &["--features", "host"]);
        assert!(class_only.iter().all(|name| host.contains(*name)), "no host at all");
        // The board passes bytes on: what trains for a class is a crate of its own.
        let board = tree("resnette-class-host", &[]);
        let burn: Vec<&String> = board.iter().filter(|name| is_burn(name)).collect();
        assert_eq!(burn, [""; 0], "the class's board has tensors in its tree");
        let class = tree("resnette-class", &[]);
        assert!(!class.contains("web-sys") && !class.contains("tokio"), "messages are only that");
        assert!(tree("resnette-session", &[]).contains("burn"), "the test finds nothing at all");
        assert!(tree("resnette", &[]).contains("web-sys"), "the test finds nothing at all");
    }
}
