//! The version of the protocol follows the sources.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use resnette_protocol::version::VERSION;

#[path = "../build.rs"]
#[allow(dead_code, reason = "only its hash is tried")]
mod build_script;

use build_script::{digest, sources};

#[test]
fn the_version_is_that_of_the_sources_as_they_are() {
    let sources = sources(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    for file in
        ["protocol/lib.rs", "protocol/saved/header.rs", "spec/run_config.rs", "picture/report.rs"]
    {
        assert!(sources.iter().any(|(path, _)| path == file), "{file} does not count");
    }
    assert_eq!(digest(&sources), VERSION, "build.rs did not run after a source was changed");
}

#[test]
fn another_text_or_another_file_is_another_version() {
    let of = |files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        digest(&files)
    };
    let first = of(&[("a.rs", "enum A { B, C }\n")]);
    assert_eq!(first.len(), 16);
    assert_ne!(first, of(&[("a.rs", "enum A { C, B }\n")]));
    assert_ne!(first, of(&[("b.rs", "enum A { B, C }\n")]));
    assert_ne!(first, of(&[("a.rs", "enum A { B, C }\n"), ("b.rs", "")]));
    assert_ne!(of(&[("a", "b")]), of(&[("ab", "")]));
    assert_eq!(first, of(&[("a.rs", "enum A { B, C }\r\n")]), "as Windows checks it out");
}
