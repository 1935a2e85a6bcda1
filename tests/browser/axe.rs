//! axe-core, which `cargo xtask test` installs where there is npm: what it finds in a page that is
//! not for everyone.

use std::path::PathBuf;

use libtest_mimic::{Completion, Failed};
use serde_json::json;

use crate::chrome::Chrome;

/// What a test that is about nothing but axe-core comes to where it is not installed.
pub fn axe_is_missing() -> Option<Completion> {
    axe()
        .is_none()
        .then(|| Completion::ignored_with("axe-core is not installed in ~/.cache/resnette/axe"))
}

/// Where axe-core is, if it is installed.
fn axe() -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    Some(cache.join("resnette/axe/node_modules/axe-core/axe.min.js")).filter(|file| file.is_file())
}

/// Lets axe-core look at the page as it is, with all that can be opened open. Where it is not
/// installed nothing is looked at.
pub async fn axe_finds_none(chrome: &Chrome, place: &str) -> Result<(), Failed> {
    let Some(axe) = axe() else { return Ok(()) };
    chrome
        .js("document.querySelectorAll('details').forEach(details => { details.open = true; })")
        .await?;
    chrome.js(&std::fs::read_to_string(axe)?).await?;
    // Colours on their way from one scheme to the other are no one's: the transitions must have
    // ended.
    let script = "
        const done = arguments[0];
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        const told = v => [v.id, v.help, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary)];
        Promise.all(document.getAnimations().map(animation => animation.finished.catch(() => null)))
            .then(() => axe.run(document, { runOnly: tags }))
            .then(found => done(found.passes.length > 10 ? found.violations.map(told) : 'axe-core looked at nothing'), error => done(String(error)));";
    let found = chrome.client.execute_async(script, vec![]).await?;
    assert_eq!(found, json!([]), "{place}: {found:#}");
    Ok(())
}
