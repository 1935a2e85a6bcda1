//! Parts of the page that a first visit does without, taken out of its module.
//!
//! `src/lesson/lazy.rs` marks where a part begins. The linker leaves its relocations in the page's
//! module (`build.rs`), `wasm-split` sees by them what only the part needs (functions, vtables,
//! texts) and writes that as a module of its own, which works on the memory and the table of the
//! first. wasm-bindgen then binds what is left. Trunk can't do this; so the page is bound here, and
//! put where Trunk has put its own.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use wasmparser::{Parser, Payload};

use crate::digest::{name_of, sha256};
use crate::place::Place;
use crate::process::{command, run, say};

/// What `wasm-split` and wasm-bindgen call the page.
const STEM: &str = "page";
/// The script of `wasm-split` that fetches parts.
const LINK: &str = "__wasm_split.js";

/// A file of the page: its ending (`.js`, `_bg.wasm`, `_parts.js`, `_NAME.wasm`) and what is in it.
type File = (String, Vec<u8>);

/// Puts the page in parts into the folder, in place of the whole one there.
///
/// # Errors
/// If a tool fails, or writes something other than what is expected here.
pub fn split(place: &Place, module: &Path, dist: &Path) -> Result<()> {
    say("Taking the page apart");
    let work = place.root.join("target/parts");
    if work.exists() {
        fs::remove_dir_all(&work).with_context(|| format!("can't empty {}", work.display()))?;
    }
    run(command(place, "wasm-split-cli")?.arg(module).arg(&work).args(["--out-name", STEM]))?;
    let mut bindgen = command(place, "wasm-bindgen")?;
    // The linker's exports are kept: a part works on the page's memory and table.
    bindgen.args([
        "--target",
        "web",
        "--no-typescript",
        "--keep-lld-exports",
        "--remove-name-section",
        "--remove-producers-section",
        "--out-name",
        STEM,
    ]);
    run(bindgen.arg("--out-dir").arg(work.join("bound")).arg(work.join(format!("{STEM}.wasm"))))?;

    let read =
        |path: &Path| fs::read(path).with_context(|| format!("can't read {}", path.display()));
    let text = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
    };
    let mut parts = Vec::new();
    for entry in fs::read_dir(&work).with_context(|| format!("can't read {}", work.display()))? {
        let path = entry?.path();
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("split_"));
        if let Some(part) =
            name.filter(|_| path.extension().is_some_and(|extension| extension == "wasm"))
        {
            parts.push((part.to_owned(), without_names(&read(&path)?)?));
        }
    }
    parts.sort();
    let page = Bound {
        script: text(&work.join(format!("bound/{STEM}.js")))?,
        module: read(&work.join(format!("bound/{STEM}_bg.wasm")))?,
        link: text(&work.join(LINK))?,
        parts,
    };

    let html = dist.join("index.html");
    let whole = text(&html)?;
    let old = old_stem(&whole)?;
    let (stem, files) = page.named()?;
    for ending in [".js", "_bg.wasm"] {
        let path = dist.join(format!("{old}{ending}"));
        fs::remove_file(&path).with_context(|| format!("can't remove {}", path.display()))?;
    }
    for (ending, bytes) in &files {
        let path = dist.join(format!("{stem}{ending}"));
        fs::write(&path, bytes).with_context(|| format!("can't write {}", path.display()))?;
    }
    fs::write(&html, in_parts(&whole, &old, &stem, &files)?)
        .with_context(|| format!("can't write {}", html.display()))
}

/// What the tools have written.
struct Bound {
    script: String,
    module: Vec<u8>,
    link: String,
    /// Name and module, by name.
    parts: Vec<(String, Vec<u8>)>,
}

impl Bound {
    /// All files under a name that says which build they are of, so that no cache mixes two.
    fn named(self) -> Result<(String, Vec<File>)> {
        if self.parts.is_empty() {
            bail!(
                "wasm-split found no part in the page's module: is src/lesson/lazy.rs in it, and was \
                 it linked with --emit-relocs (build.rs)?"
            );
        }
        let mut all = [self.script.as_bytes(), &self.module, self.link.as_bytes()].concat();
        self.parts.iter().for_each(|(_, part)| all.extend_from_slice(part));
        let stem = format!("{STEM}-{}", name_of(&all));

        let script = swapped(
            &self.script,
            &format!("from \"./{LINK}\""),
            &format!("from \"./{stem}_parts.js\""),
        )?;
        let script = swapped(
            &script,
            &format!("new URL('{STEM}_bg.wasm'"),
            &format!("new URL('{stem}_bg.wasm'"),
        )?;
        let mut link = swapped(
            &self.link,
            &format!("from \"./{STEM}.js\""),
            &format!("from \"./{stem}.js\""),
        )?;
        // Compiled from bytes, as wasm-bindgen falls back to: not every static host knows the type
        // of a .wasm file.
        let streaming = "WebAssembly.instantiateStreaming(src, imports)";
        link = swapped(
            &link,
            streaming,
            "WebAssembly.instantiate(await (await src).arrayBuffer(), imports)",
        )?;
        let mut files = Vec::new();
        for (name, part) in self.parts {
            let address = format!("fetch(new URL(\"./split_{name}.wasm\", import.meta.url))");
            let sealed = format!(
                "fetch(new URL(\"./{stem}_{name}.wasm\", import.meta.url), {{ integrity: \
                 \"sha256-{}\" }})",
                sha256(&part)
            );
            link = swapped(&link, &address, &sealed)?;
            files.push((format!("_{name}.wasm"), part));
        }
        files.extend([
            (".js".into(), script.into_bytes()),
            ("_bg.wasm".into(), self.module),
            ("_parts.js".into(), link.into_bytes()),
        ]);
        Ok((stem, files))
    }
}

/// The name that Trunk gave the page: `page-0123abcd`.
fn old_stem(html: &str) -> Result<String> {
    let found =
        html.split("_bg.wasm").next().and_then(|before| before.rsplit(['/', '"', '\'']).next());
    match found.filter(|stem| stem.starts_with(STEM) && stem.len() < 64) {
        Some(stem) => Ok(stem.to_owned()),
        None => bail!("index.html names no page_bg.wasm"),
    }
}

/// The page's addresses and hashes, and the script of the parts fetched ahead with them: the page's
/// own script imports it.
fn in_parts(html: &str, old: &str, stem: &str, files: &[File]) -> Result<String> {
    let mut out = html.to_owned();
    let mut ahead = String::new();
    for (ending, bytes) in files {
        let integrity = format!("integrity=\"sha256-{}\"", sha256(bytes));
        match ending.as_str() {
            ".js" | "_bg.wasm" => {
                let address = format!("href=\"./{old}{ending}\"");
                let Some((before, after)) = out.split_once(&address) else {
                    bail!("index.html does not fetch {old}{ending} ahead")
                };
                let Some((between, rest)) = after.split_once("integrity=\"") else {
                    bail!("index.html has no hash for {old}{ending}")
                };
                let Some((_, rest)) = rest.split_once('"').filter(|_| !between.contains('>'))
                else {
                    bail!("index.html has no hash for {old}{ending}")
                };
                out = format!("{before}href=\"./{stem}{ending}\"{between}{integrity}{rest}");
            }
            "_parts.js" => {
                ahead = format!(
                    "<link rel=\"modulepreload\" href=\"./{stem}{ending}\" \
                     crossorigin=\"anonymous\" {integrity}>"
                );
            }
            // A part waits until it is wanted.
            _ => {}
        }
    }
    swapped(&out.replace(old, stem), "</head>", &format!("{ahead}</head>"))
}

/// The text with something in it exchanged.
///
/// # Errors
/// If it is not there just once: then a tool writes otherwise than it did when this was written.
fn swapped(text: &str, from: &str, to: &str) -> Result<String> {
    match text.matches(from).count() {
        1 => Ok(text.replace(from, to)),
        count => bail!(
            "`{from}` stands {count} times where it was expected once; look at xtask/src/split.rs"
        ),
    }
}

/// A module without its custom sections: names and notes that only debuggers read, a third of a
/// part.
fn without_names(module: &[u8]) -> Result<Vec<u8>> {
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

    const HTML: &str = concat!(
        "<script>import init from './page-0ld.js'; init({ module_or_path: './page-0ld_bg.wasm' \
         });</script>",
        r#"<link rel="modulepreload" href="./page-0ld.js" integrity="sha384-a/b"><link href="./page-0ld_bg.wasm" integrity="sha384-c" as="fetch">"#,
        "</head>"
    );

    fn bound() -> Bound {
        Bound {
            script: "import * as import1 from \"./__wasm_split.js\"\n\"./__wasm_split.js\": \
                     import1; new URL('page_bg.wasm', import.meta.url)"
                .into(),
            module: b"module".to_vec(),
            link: "import { initSync } from \"./page.js\";\nconst src = fetch(new \
                   URL(\"./split_learn.wasm\", import.meta.url));\nreturn async (imports) => \
                   (WebAssembly.instantiateStreaming(src, imports));"
                .into(),
            parts: vec![("learn".into(), b"part".to_vec())],
        }
    }

    #[test]
    fn every_file_is_named_by_the_build_and_held_to_its_hash() {
        let (stem, files) = bound().named().unwrap();
        let other = Bound { parts: vec![("learn".into(), b"another part".to_vec())], ..bound() }
            .named()
            .unwrap()
            .0;
        assert_ne!(stem, other);
        let file = |ending: &str| {
            let (_, bytes) = files.iter().find(|(name, _)| name == ending).unwrap();
            String::from_utf8(bytes.clone()).unwrap()
        };
        assert_eq!(file("_learn.wasm"), "part");
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

        let html = in_parts(HTML, &old_stem(HTML).unwrap(), &stem, &files).unwrap();
        assert!(!html.contains("0ld") && !html.contains("sha384"), "{html}");
        assert_eq!(html.matches("integrity=").count(), 3, "{html}");
        assert!(
            html.contains(&format!(
                "href=\"./{stem}_bg.wasm\" integrity=\"sha256-{}\" as=",
                sha256(b"module")
            )),
            "{html}"
        );
        assert!(!html.contains("learn"), "a part is fetched ahead: {html}");
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
        assert!(old_stem("<html>").is_err());
    }

    #[test]
    fn custom_sections_are_left_out_and_the_rest_stays() {
        // A header, a custom section "name" of 7 bytes, and a memory section.
        let module =
            [b"\0asm\x01\0\0\0".as_slice(), b"\0\x07\x04nameab", b"\x05\x03\x01\0\x01"].concat();
        assert_eq!(
            without_names(&module).unwrap(),
            [b"\0asm\x01\0\0\0".as_slice(), b"\x05\x03\x01\0\x01"].concat()
        );
        assert!(without_names(b"<!doctype html>").is_err());
    }
}
