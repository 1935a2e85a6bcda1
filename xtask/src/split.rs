//! Splits the parts of the page that a first visit does not need off its WebAssembly module.
//!
//! `src/lesson/lazy.rs` marks where a part begins. The linker keeps its relocations in the page's
//! module (see `build.rs`). From them, `wasm-split` determines which functions, vtables and strings
//! only the part needs, and writes these into a module of its own, which uses the memory and the
//! table of the first. wasm-bindgen then processes the rest.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use wasm_split_cli_support::Options;
use wasmparser::{Parser, Payload};

use crate::bindgen::{Binding, bind};
use crate::digest::{name_of, sha256};
use crate::place::Place;
use crate::progress::say;

/// The name of the page's files for `wasm-split` and wasm-bindgen.
const STEM: &str = "page";
/// The script by which `wasm-split` fetches the parts.
const LINK: &str = "__wasm_split.js";

/// A file of the page: the end of its name (`.js`, `_bg.wasm`, `_parts.js`, `_NAME.wasm`) and its
/// content.
pub type File = (String, Vec<u8>);

/// The page's files.
#[derive(Clone, Debug)]
pub struct Page {
    /// How their names begin. It depends on their content, so that caches never mix two builds.
    pub stem: String,
    /// The files.
    pub files: Vec<File>,
}

/// Splits the page's module into the files of the page.
///
/// # Errors
/// If a tool fails, or if its output is not as this module expects.
pub fn split(place: &Place, module: &Path) -> Result<Page> {
    say("Taking the page apart");
    let work = place.root.join("target/parts");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("can't empty {}", work.display()))?;
    }
    let read =
        |path: &Path| fs::read(path).with_context(|| format!("can't read {}", path.display()));
    let whole = read(module)?;
    let first = work.join(format!("{STEM}.wasm"));
    let script = format!("./{STEM}.js");
    let mut options = Options::new(&whole);
    options.output_dir = &work;
    options.main_out_path = &first;
    options.main_module = &script;
    // What it warns of, it tells a subscriber of `tracing`, and there is none: its tool's warnings
    // are about debug sections, which the page has not.
    catch_unwind(AssertUnwindSafe(|| wasm_split_cli_support::transform(options)))
        .map_err(|_| anyhow!("wasm-split has panicked"))?
        .map_err(|error| anyhow!("wasm-split cannot take the page apart: {error:#}"))?;
    let bound = work.join("bound");
    bind(Binding { module: &first, folder: &bound, name: STEM, has_parts: true })?;

    let text = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
    };
    let mut parts = Vec::new();
    for entry in fs::read_dir(&work).with_context(|| format!("can't read {}", work.display()))? {
        let path = entry?.path();
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // `split_NAME.wasm`, and `chunk_NUMBER.wasm` for what several parts have in common.
        if file.ends_with(".wasm") && (file.starts_with("split_") || file.starts_with("chunk_")) {
            parts.push((file.to_owned(), without_custom_sections(&read(&path)?)?));
        }
    }
    parts.sort();
    let page = Bound {
        script: text(&bound.join(format!("{STEM}.js")))?,
        module: read(&bound.join(format!("{STEM}_bg.wasm")))?,
        link: text(&work.join(LINK))?,
        parts,
    };

    page.named()
}

/// The output of the tools.
struct Bound {
    script: String,
    module: Vec<u8>,
    link: String,
    /// The file and the module of each part, sorted by name.
    parts: Vec<(String, Vec<u8>)>,
}

impl Bound {
    /// All files, with the names by which they refer to each other.
    fn named(self) -> Result<Page> {
        if self.parts.is_empty() {
            bail!(
                "wasm-split found no part in the page's module: is src/lesson/lazy.rs in it, and \
                 was it linked with --emit-relocs (build.rs)?"
            );
        }
        let mut all = [self.script.as_bytes(), &self.module, self.link.as_bytes()].concat();
        self.parts.iter().for_each(|(_, part)| all.extend_from_slice(part));
        let stem = format!("{STEM}-{}", name_of(&all));

        // Once for each part.
        let script = replace_all(
            &self.script,
            &format!("from \"./{LINK}\""),
            &format!("from \"./{stem}_parts.js\""),
        )?;
        let script = replace_once(
            &script,
            &format!("new URL('{STEM}_bg.wasm'"),
            &format!("new URL('{stem}_bg.wasm'"),
        )?;
        let mut link = replace_once(
            &self.link,
            &format!("from \"./{STEM}.js\""),
            &format!("from \"./{stem}.js\""),
        )?;
        // Streaming compilation needs the right MIME type, which not every static host sends for
        // .wasm files. wasm-bindgen itself falls back to compiling the bytes in that case.
        let streaming = "WebAssembly.instantiateStreaming(src, imports)";
        link = replace_all(
            &link,
            streaming,
            "WebAssembly.instantiate(await (await src).arrayBuffer(), imports)",
        )?;
        let mut files = Vec::new();
        for (file, part) in self.parts {
            let address = format!("fetch(new URL(\"./{file}\", import.meta.url))");
            let name = file.strip_prefix("split_").unwrap_or(&file);
            let with_integrity = format!(
                "fetch(new URL(\"./{stem}_{name}\", import.meta.url), {{ integrity: \
                 \"sha256-{}\" }})",
                sha256(&part)
            );
            link = replace_once(&link, &address, &with_integrity)?;
            files.push((format!("_{name}"), part));
        }
        files.extend([
            (".js".into(), script.into_bytes()),
            ("_bg.wasm".into(), self.module),
            ("_parts.js".into(), link.into_bytes()),
        ]);
        Ok(Page { stem, files })
    }
}

/// The text with `from` replaced by `to`.
///
/// # Errors
/// If `from` does not occur exactly once, which means that the output of a tool has changed.
fn replace_once(text: &str, from: &str, to: &str) -> Result<String> {
    match text.matches(from).count() {
        1 => Ok(text.replace(from, to)),
        count => bail!(
            "`{from}` stands {count} times where it was expected once; look at xtask/src/split.rs"
        ),
    }
}

/// As [`replace_once`], for what occurs at least once.
fn replace_all(text: &str, from: &str, to: &str) -> Result<String> {
    if !text.contains(from) {
        bail!("`{from}` is missing where it was expected; look at xtask/src/split.rs")
    }
    Ok(text.replace(from, to))
}

/// A module without its custom sections, which only debuggers read. They are a third of a part.
fn without_custom_sections(module: &[u8]) -> Result<Vec<u8>> {
    let mut out = module.get(..8).context("a part is no WebAssembly module")?.to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.context("a part is no WebAssembly module")?;
        if matches!(payload, Payload::CustomSection(_)) {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            let section = module
                .get(usize::try_from(range.start)?..usize::try_from(range.end)?)
                .context("a part is cut off")?;
            out.push(id);
            let mut length = section.len();
            while length >= 0x80 {
                out.push((length & 0x7f) as u8 | 0x80);
                length >>= 7;
            }
            out.push(length as u8);
            out.extend_from_slice(section);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bound() -> Bound {
        Bound {
            script: "import * as import0 from \"./__wasm_split.js\"\n\
                     import * as import1 from \"./__wasm_split.js\"\n\"./__wasm_split.js\": \
                     import1; new URL('page_bg.wasm', import.meta.url)"
                .into(),
            module: b"module".to_vec(),
            link: "import { initSync } from \"./page.js\";\nconst src = fetch(new \
                   URL(\"./split_learn.wasm\", import.meta.url));\nreturn async (imports) => \
                   (WebAssembly.instantiateStreaming(src, imports));\nfetch(new \
                   URL(\"./chunk_3.wasm\", import.meta.url))"
                .into(),
            parts: vec![
                ("chunk_3.wasm".into(), b"common".to_vec()),
                ("split_learn.wasm".into(), b"part".to_vec()),
            ],
        }
    }

    #[test]
    fn every_file_is_named_by_the_build_and_held_to_its_hash() {
        let Page { stem, files } = bound().named().unwrap();
        let parts = vec![("split_learn.wasm".into(), b"another part".to_vec())];
        let other = Bound { parts, ..bound() }.named().unwrap().stem;
        assert_ne!(stem, other);
        let file = |ending: &str| {
            let (_, bytes) = files.iter().find(|(name, _)| name == ending).unwrap();
            String::from_utf8(bytes.clone()).unwrap()
        };
        assert_eq!(file("_learn.wasm"), "part");
        assert_eq!(file("_chunk_3.wasm"), "common");
        assert!(
            file(".js")
                .contains(&format!("from \"./{stem}_parts.js\"\n\"./__wasm_split.js\": import1")),
            "{}",
            file(".js")
        );
        let link = file("_parts.js");
        assert!(
            link.contains(&format!(
                "./{stem}_learn.wasm\", import.meta.url), {{ integrity: \"sha256-{}\" }}",
                sha256(b"part")
            )),
            "{link}"
        );
    }

    #[test]
    fn a_tool_that_writes_otherwise_is_noticed() {
        let strange = Bound { link: "export {}".into(), ..bound() };
        assert!(strange.named().unwrap_err().to_string().contains("xtask/src/split.rs"));
        assert!(
            Bound { parts: Vec::new(), ..bound() }
                .named()
                .unwrap_err()
                .to_string()
                .contains("build.rs")
        );
    }

    #[test]
    fn custom_sections_are_left_out_and_the_rest_stays() {
        // A header, a custom section "name" of 7 bytes, and a memory section.
        let module =
            [b"\0asm\x01\0\0\0".as_slice(), b"\0\x07\x04nameab", b"\x05\x03\x01\0\x01"].concat();
        assert_eq!(
            without_custom_sections(&module).unwrap(),
            [b"\0asm\x01\0\0\0".as_slice(), b"\x05\x03\x01\0\x01"].concat()
        );
        assert!(without_custom_sections(b"<!doctype html>").is_err());
    }
}
