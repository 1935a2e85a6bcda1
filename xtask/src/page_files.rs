//! `index.html` and the files beside it, put together in `dist/`.
//!
//! What belongs to the page stands in `index.html` as `<link data-trunk rel="…" href="…" />`, the
//! tags that Trunk reads, so that `trunk serve` works with the same file. Of Trunk only these few
//! kinds of tags are needed here, and building it would take most of a first build's time.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::digest::{name_of, sha256};
use crate::split::Page;
use crate::start_script;

/// How a tag begins that names a file of the page.
const TAG: &str = "<link data-trunk ";

/// Writes all files of the page into `dist`, which is emptied before. `root` is the folder with
/// `index.html`.
///
/// # Errors
/// If a file cannot be read or written, or if `index.html` has a tag of another kind.
pub fn write(root: &Path, dist: &Path, page: &Page) -> Result<()> {
    if dist.exists() {
        fs::remove_dir_all(dist).with_context(|| format!("can't empty {}", dist.display()))?;
    }
    fs::create_dir_all(dist).with_context(|| format!("can't make {}", dist.display()))?;
    for (ending, bytes) in &page.files {
        put(dist, &format!("{}{ending}", page.stem), bytes)?;
    }
    let html = fs::read_to_string(root.join("index.html")).context("can't read index.html")?;
    put(dist, "index.html", with_files(&html, root, dist, page)?.as_bytes())
}

/// The page with each tag in the place of what it names, which is copied to `dist`.
fn with_files(html: &str, root: &Path, dist: &Path, page: &Page) -> Result<String> {
    let mut parts = html.split(TAG);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (tag, after) = part.split_once("/>").context("a tag of index.html has no end")?;
        let attribute = |name: &str| {
            let (_, value) = tag.split_once(&format!("{name}=\""))?;
            value.split('"').next()
        };
        let kind = attribute("rel").context("a tag of index.html has no rel")?;
        let href = || attribute("href").with_context(|| format!("<link rel={kind}> has no href"));
        let read = || {
            let path = root.join(href()?);
            fs::read(&path).with_context(|| format!("can't read {}", path.display()))
        };
        match kind {
            "inline" => {
                let script = String::from_utf8(read()?).context("a script is no UTF-8")?;
                out.push_str(&format!("<script>{script}</script>"));
            }
            "css" => {
                let (name, hash) = put_named(dist, href()?, &read()?)?;
                // A browser runs no script that stands behind a style sheet until that has come.
                out.push_str(&start_script::early(page));
                out.push_str(&format!(
                    "\n    <link rel=\"stylesheet\" href=\"./{name}\" integrity=\"sha256-{hash}\" />"
                ));
            }
            "icon" => {
                let (name, _) = put_named(dist, href()?, &read()?)?;
                let media = attribute("type").context("the icon has no type")?;
                out.push_str(&format!("<link rel=\"icon\" type=\"{media}\" href=\"./{name}\" />"));
            }
            "copy-file" => put(dist, file_name(href()?)?, &read()?)?,
            "copy-dir" => {
                let name = href()?;
                copy_folder(&root.join(name), &dist.join(file_name(name)?))?;
            }
            "rust" => out.push_str(&start_script::start(page)?),
            _ => bail!("index.html has a tag of the kind {kind}; look at xtask/src/page_files.rs"),
        }
        // A tag that leaves nothing leaves no empty line either.
        match kind {
            "copy-file" | "copy-dir" => {
                out.truncate(out.trim_end().len());
                out.push_str(after);
            }
            _ => out.push_str(after),
        }
    }
    Ok(out)
}

/// Writes a file under a name that changes with its content, so that caches never mix two builds.
/// Answers with the name and the hash.
fn put_named(dist: &Path, path: &str, bytes: &[u8]) -> Result<(String, String)> {
    let name = file_name(path)?;
    let (stem, ending) = name.rsplit_once('.').context("a file of the page has no ending")?;
    let name = format!("{stem}-{}.{ending}", name_of(bytes));
    put(dist, &name, bytes)?;
    Ok((name, sha256(bytes)))
}

fn file_name(path: &str) -> Result<&str> {
    path.rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
        .with_context(|| format!("{path} is no file"))
}

fn put(dist: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = dist.join(name);
    fs::write(&path, bytes).with_context(|| format!("can't write {}", path.display()))
}

/// Copies the files of a folder, which has no folders in it.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("can't make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("can't read {}", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))
            .with_context(|| format!("can't copy {}", entry.path().display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn page() -> Page {
        let files = [".js", "_bg.wasm", "_parts.js", "_learn.wasm"];
        Page {
            stem: "page-0".into(),
            files: files.map(|ending| (ending.into(), ending.as_bytes().to_vec())).into(),
        }
    }

    /// `test` keeps the folders of tests that run side by side apart.
    fn built(test: &str) -> (String, Vec<String>) {
        let root =
            std::env::temp_dir().join(format!("resnette-page-{}-{test}", std::process::id()));
        fs::create_dir_all(root.join("www/models")).unwrap();
        for (name, content) in [
            ("index.html", HTML),
            ("www/a.css", "body {}"),
            ("www/icon.svg", "<svg/>"),
            ("www/first.js", "first();"),
            ("www/icon.png", "png"),
            ("www/models/net.bin", "net"),
        ] {
            fs::write(root.join(name), content).unwrap();
        }
        let dist = root.join("dist");
        fs::create_dir_all(dist.join("old")).unwrap();
        write(&root, &dist, &page()).unwrap();
        let mut names: Vec<String> = fs::read_dir(&dist)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert!(dist.join("models/net.bin").exists());
        let html = fs::read_to_string(dist.join("index.html")).unwrap();
        fs::remove_dir_all(root).unwrap();
        (html, names)
    }

    const HTML: &str = r#"<head>
    <link data-trunk rel="inline" type="js" href="www/first.js" />
    <link data-trunk rel="css" href="www/a.css" />
    <link data-trunk rel="icon" type="image/svg+xml" href="www/icon.svg" />
    <link data-trunk rel="copy-file" href="www/icon.png" />
    <link rel="apple-touch-icon" href="./icon.png" />
    <link data-trunk rel="copy-dir" href="www/models" />
    <link data-trunk rel="rust" data-bin="page" />
  </head>"#;

    #[test]
    fn every_tag_becomes_what_it_names() {
        let (html, names) = built("tags");
        assert!(!html.contains("data-trunk"), "{html}");
        assert!(html.contains("<script>first();</script>"), "{html}");
        assert!(html.contains("<link rel=\"apple-touch-icon\" href=\"./icon.png\" />"), "{html}");
        let css = format!("a-{}.css", name_of(b"body {}"));
        assert!(html.contains(&format!("href=\"./{css}\" integrity=\"sha256-")), "{html}");
        let icon = format!("icon-{}.svg", name_of(b"<svg/>"));
        assert!(html.contains(&format!("href=\"./{icon}\"")), "{html}");
        let files = ["page-0.js", "page-0_bg.wasm", "page-0_parts.js", "page-0_learn.wasm"];
        for name in files.into_iter().chain([&*css, &icon, "icon.png", "index.html", "models"]) {
            assert!(names.contains(&name.to_owned()), "{name}: {names:?}");
        }
        assert!(!names.contains(&"old".to_owned()), "an older build is left");
    }

    #[test]
    fn the_module_is_asked_for_once_and_before_the_styles() {
        let (html, _) = built("order");
        assert_eq!(html.matches("page-0_bg.wasm").count(), 1, "{html}");
        let asked = html.find("fetch(\"./page-0_bg.wasm\")").unwrap();
        assert!(asked < html.find("stylesheet").unwrap(), "{html}");
        assert_eq!(html.matches("modulepreload").count(), 2, "{html}");
        assert!(!html.contains("learn"), "a part is fetched ahead: {html}");
    }

    #[test]
    fn a_tag_of_another_kind_is_refused() {
        let html = "<link data-trunk rel=\"sass\" href=\"a.scss\" />";
        let error = with_files(html, Path::new("."), Path::new("."), &page()).unwrap_err();
        assert!(error.to_string().contains("sass"), "{error:#}");
    }
}
