//! The page's content security policy, written into `index.html` so that it applies on every static
//! host.
//!
//! It allows nothing but the page's own host. Pictures from elsewhere are fetched by the workers,
//! whose policy comes from the headers of the host, and only after the user has chosen their
//! source.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::digest::sha256;

/// Inserts the policy into `dist/index.html`, before everything that it applies to.
///
/// # Errors
/// If the page cannot be read or written, or does not have the tag after which the policy belongs.
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
        "{before}{PLACE}\n    <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\" \
         />{after}"
    ))
}

/// The policy, with the hashes of the inline scripts.
///
/// - `wasm-unsafe-eval` allows WebAssembly, but not `eval`.
/// - Yew sets `style` attributes, for instance the length of a bar. Style elements and other style
///   sheets remain forbidden.
/// - The user's own pictures and the drawn ones have `blob:` and `data:` URLs. Opened pictures are
///   read again after each epoch, hence `connect-src blob:`.
fn policy(scripts: &[&str]) -> String {
    let hashes: String =
        scripts.iter().map(|script| format!(" 'sha256-{}'", sha256(script.as_bytes()))).collect();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' blob: data:; media-src blob:; \
         connect-src 'self' blob:; worker-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'none'"
    )
}

/// The text of every inline script: those of [`crate::start_script`].
fn inline_scripts(html: &str) -> Vec<&str> {
    let tags = html.split("<script").skip(1).filter_map(|rest| rest.split_once('>'));
    let inline = tags.filter(|(attributes, _)| !attributes.contains("src="));
    inline.filter_map(|(_, rest)| rest.split_once("</script>").map(|(script, _)| script)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PAGE: &str = concat!(
        r#"<head><meta charset="utf-8" /><script src="a.js"></script>"#,
        r#"<script type="module">start()</script></head>"#
    );

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
