//! The list of what is in the page and its workers, for programs that look for weak points in it: a
//! software bill of materials in the format of CycloneDX (<https://cyclonedx.org>).

use serde_json::{Value, json};

use crate::shipped_crates::ShippedCrate;

/// The list. The same crates give the same text: it has no date and no number of its own.
pub fn sbom(crates: &[ShippedCrate]) -> Value {
    let components: Vec<Value> =
        crates.iter().filter(|package| !package.checksum.is_empty()).map(component).collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "resnette",
                "version": env!("CARGO_PKG_VERSION"),
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": components,
    })
}

fn component(package: &ShippedCrate) -> Value {
    let ShippedCrate { name, version, licence, repository, checksum, .. } = package;
    let purl = format!("pkg:cargo/{name}@{version}");
    let licence = match licence.as_str() {
        // Its text is in licences.html.
        "" => json!({ "license": { "name": "see licences.html" } }),
        licence => json!({ "expression": licence }),
    };
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [licence],
        "hashes": [{ "alg": "SHA-256", "content": checksum }],
    });
    if !repository.is_empty() {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_has_its_address_licence_and_checksum() {
        let package = ShippedCrate {
            name: "a".into(),
            version: "1.2.3".into(),
            licence: "MIT OR Apache-2.0".into(),
            authors: Vec::new(),
            repository: "https://example.org/a".into(),
            checksum: "00ff".into(),
            texts: Vec::new(),
        };
        let own = ShippedCrate { checksum: String::new(), ..package.clone() };
        let list = sbom(&[package, own]);
        let components = list["components"].as_array().map(Vec::len);
        assert_eq!(components, Some(1), "the application itself is no component");
        let component = &list["components"][0];
        assert_eq!(component["purl"], "pkg:cargo/a@1.2.3");
        assert_eq!(component["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(component["hashes"][0]["content"], "00ff");
        assert_eq!(component["externalReferences"][0]["url"], "https://example.org/a");
    }
}
