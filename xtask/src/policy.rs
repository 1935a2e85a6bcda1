//! The page's Content-Security-Policy, written into `index.html` so that it holds on every static
//! host.
//!
//! It names nothing but the page's own host. Pictures from elsewhere are fetched by the workers,
//! which have a policy of their own (a host's headers), and only once the reader has chosen their
//! source.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::digest::sha256;

/// Puts the policy into `dist/index.html`, in front of everything that it governs.
///
/// # Errors
/// If the page can't be read or written, or has no place for it.
pub fn write_policy(dist: &Path) -> Result<()> {
    let path = dist.join("index.html");
    let html =
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    fs::write(&path, with_policy(&html)?).with_context(|| format!("can't write {}", path.display()))
}

fn with_policy(html: &str) -> Result<String> {
    const PLACE: &str = "<meta charset=\"utf-8\" />";
    let Some((before, after)) = html.split_once(PLACE) else { bail!("index.html has no {PLACE}") };
    let policy = policy(&inline_scripts(html));
    Ok(format!(
        "{before}{PLACE}\n    <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\" />{after}"
    ))
}

/// - `wasm-unsafe-eval` allows WebAssembly, not `eval`.
/// - Yew sets `style` attributes (the length of a bar); style elements and other sheets stay
///   forbidden.
/// - `blob:` and `data:` pictures are the reader's own and the drawn ones; an opened one is read
///   again after each epoch.
fn policy(scripts: &[&str]) -> String {
    let hashes: String =
        scripts.iter().map(|script| format!(" 'sha256-{}'", sha256(script.as_bytes()))).collect();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; style-src-attr 'unsafe-inline'; \
         img-src 'self' blob: data:; media-src blob:; connect-src 'self' blob:; worker-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// The text of every script that stands in the page itself: Trunk writes one, which starts the
/// page.
fn inline_scripts(html: &str) -> Vec<&str> {
    let tags = html.split("<script").skip(1).filter_map(|rest| rest.split_once('>'));
    let inline = tags.filter(|(attributes, _)| !attributes.contains("src="));
    inline.filter_map(|(_, rest)| rest.split_once("</script>").map(|(script, _)| script)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PAGE: &str = r#"<head><meta charset="utf-8" /><script src="a.js"></script><script type="module">start()</script></head>"#;

    #[test]
    fn only_scripts_of_the_build_are_allowed() {
        let html = with_policy(PAGE).unwrap();
        assert!(html.contains(&format!("'sha256-{}'", sha256(b"start()"))), "{html}");
        assert_eq!(html.matches("'sha256-").count(), 1);
        assert!(html.find("Content-Security-Policy").unwrap() < html.find("<script").unwrap());
    }

    #[test]
    fn a_page_without_a_place_is_refused() {
        assert!(with_policy("<head></head>").is_err());
    }
}
