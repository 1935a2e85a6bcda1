//! `dist/licences.html`: the licences and notices of everything in the page and its workers, as
//! these licences ask of whoever hands a program on.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::sbom::sbom;
use crate::shipped_crates::ShippedCrate;

/// The name of the page of licences in `dist/`.
pub const LICENCES: &str = "licences.html";
/// The name of the list for programs in `dist/`.
pub const SBOM: &str = "sbom.cdx.json";

/// Writes both files.
///
/// # Errors
/// If they cannot be written.
pub fn write_licences(crates: &[ShippedCrate], dist: &Path) -> Result<()> {
    let list = serde_json::to_string_pretty(&sbom(crates))? + "\n";
    for (name, text) in [(LICENCES, page(crates)), (SBOM, list)] {
        fs::write(dist.join(name), text).with_context(|| format!("can't write {name}"))?;
    }
    Ok(())
}

/// The page: a list of all crates, then each text once, with the crates that have it.
fn page(crates: &[ShippedCrate]) -> String {
    let mut html = String::from(concat!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n",
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\" />\n",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n",
        "<meta name=\"color-scheme\" content=\"light dark\" />\n",
        "<title>Licences of Resnette</title>\n</head>\n<body>\n<main>\n<h1>Licences</h1>\n",
        "<p>Resnette, its page and its engines, is made of these packages. They are used as their ",
        "authors wrote them. The standard library of Rust is in all of them, under MIT OR ",
        "Apache-2.0. The same list for programs: <a href=\"sbom.cdx.json\">sbom.cdx.json</a> ",
        "(CycloneDX).</p>\n<ul>\n",
    ));
    for package in crates {
        let licence = match package.licence.as_str() {
            "" => "see its text",
            licence => licence,
        };
        // Writing to a string cannot fail.
        let _ = write!(html, "<li>{}: {}", escaped(&title(package)), escaped(licence));
        if !package.authors.is_empty() && package.texts.is_empty() {
            let _ = write!(html, ". By {}", escaped(&package.authors.join(", ")));
        }
        if package.texts.is_empty() {
            html += ". Its package has no text of its own; the texts of these licences stand below";
        }
        html += "</li>\n";
    }
    html += "</ul>\n";
    for (text, names) in texts(crates) {
        let _ = write!(
            html,
            "<h2>{}</h2>\n<pre>{}</pre>\n",
            escaped(&names.join(", ")),
            escaped(text.trim_matches('\n'))
        );
    }
    html + "</main>\n</body>\n</html>\n"
}

/// Each text once, with the crates that have it. Texts that differ in their spaces only are one.
fn texts(crates: &[ShippedCrate]) -> Vec<(&str, Vec<String>)> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut found: Vec<(&str, Vec<String>)> = Vec::new();
    for package in crates {
        for text in &package.texts {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let place = *places.entry(words).or_insert_with(|| {
                found.push((text, Vec::new()));
                found.len() - 1
            });
            let names = &mut found[place].1;
            if names.last() != Some(&title(package)) {
                names.push(title(package));
            }
        }
    }
    found
}

fn title(package: &ShippedCrate) -> String {
    format!("{} {}", package.name, package.version)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::place::Place;
    use crate::shipped_crates::{names, shipped_crates};

    fn package(name: &str, texts: &[&str]) -> ShippedCrate {
        ShippedCrate {
            name: name.into(),
            version: "1.0.0".into(),
            licence: "MIT".into(),
            authors: vec!["Somebody <s@example.org>".into()],
            repository: String::new(),
            checksum: String::new(),
            texts: texts.iter().map(|text| text.to_string()).collect(),
        }
    }

    #[test]
    fn a_text_of_several_crates_stands_once_and_means_nothing_to_a_browser() {
        let same = ["Copyright <you> & me", "Copyright <you>\n  & me"];
        let html = page(&[package("a", &same[..1]), package("b", &same[1..]), package("c", &[])]);
        assert_eq!(html.matches("Copyright &lt;you&gt; &amp; me").count(), 1, "{html}");
        assert!(html.contains("<h2>a 1.0.0, b 1.0.0</h2>"), "{html}");
        assert!(html.contains("c 1.0.0: MIT. By Somebody &lt;s@example.org&gt;"), "{html}");
    }

    /// Everything that cargo builds page and workers from is in both files, with a licence.
    #[test]
    fn every_crate_of_page_and_workers_is_listed() {
        let place = Place::find().unwrap();
        let crates = shipped_crates(&place).unwrap();
        let (html, list) = (page(&crates), sbom(&crates));
        let components = list["components"].as_array().unwrap();
        let names = names(&place).unwrap();
        assert!(names.len() > 150 && names.iter().any(|(name, _)| name == "burn"), "{names:?}");
        for (name, version) in names.iter().filter(|(name, _)| !name.starts_with("resnette")) {
            assert!(html.contains(&format!("<li>{name} {version}: ")), "{name} {version}");
            let purl = format!("pkg:cargo/{name}@{version}");
            let component = components.iter().find(|component| component["purl"] == purl);
            assert!(component.unwrap()["licenses"][0].is_object(), "{purl}");
        }
        for package in &crates {
            assert!(!package.licence.is_empty() || !package.texts.is_empty(), "{package:?}");
        }
        // Few packages leave their text out, and each of these may be used under one that stands
        // there from others.
        let bare: Vec<_> = crates.iter().filter(|package| package.texts.is_empty()).collect();
        assert!(bare.len() < 30, "{bare:?}");
        let stands = |package: &ShippedCrate| {
            ["Apache-2.0", "MPL-2.0"].iter().any(|licence| package.licence.contains(licence))
        };
        assert!(bare.iter().all(|package| stands(package)), "{bare:?}");
        for text in [
            "Apache License",
            "Permission is hereby granted, free of charge",
            "Mozilla Public License",
        ] {
            assert!(html.contains(text), "{text}");
        }
        assert!(html.len() < 1_500_000, "{} bytes", html.len());
    }
}
