//! The two inline scripts that start the page.
//!
//! A module that imports the page's script and awaits `init` at its top level would do, but where
//! that fails, WebKit fires neither `error` nor `unhandledrejection`, so that `www/first-paint.js`
//! never hears of it; ours catches the failure and tells it. And a module that is fetched ahead by
//! `<link rel="preload">` comes twice in WebKit, which does not use that for a later `fetch`. Ours
//! is asked for by a `fetch` at the very beginning, whose answer `init` gets.

use anyhow::{Context, Result};

use crate::digest::sha256;
use crate::loader::START_MODULE;
use crate::split::Page;

/// Asks for the module. Belongs before the styles.
pub fn early(page: &Page) -> String {
    format!("<script>const early = fetch(\"./{}_bg.wasm\");</script>", page.stem)
}

/// Starts the page, and fetches its script ahead and the one that fetches the parts, which the
/// first imports.
///
/// # Errors
/// If the page has no such scripts.
pub fn start(page: &Page) -> Result<String> {
    let stem = &page.stem;
    // The event is the one that Trunk's own script sends, for `www/first-paint.js`.
    let mut start = format!(
        "<script type=\"module\">\n\
         {START_MODULE}\
         try {{\n\
         \x20 const {{ default: init }} = await import(\"./{stem}.js\");\n\
         \x20 await startModule(init, early);\n\
         \x20 dispatchEvent(new Event(\"TrunkApplicationStarted\"));\n\
         }} catch (error) {{\n\
         \x20 dispatchEvent(new ErrorEvent(\"error\", {{ error, message: String(error) }}));\n\
         \x20 throw error;\n\
         }}\n\
         </script>"
    );
    for script in [".js", "_parts.js"] {
        let found = page.files.iter().find(|(ending, _)| ending == script);
        let (_, bytes) = found.with_context(|| format!("the page has no {stem}{script}"))?;
        start.push_str(&format!(
            "\n    <link rel=\"modulepreload\" href=\"./{stem}{script}\" crossorigin=\"anonymous\" \
             integrity=\"sha256-{}\" />",
            sha256(bytes)
        ));
    }
    Ok(start)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_failure_of_script_or_module_is_caught() {
        let files = [".js", "_parts.js"].map(|ending| (ending.into(), b"script".to_vec()));
        let page = Page { stem: "page-0".into(), files: files.into() };
        let script = start(&page).unwrap();
        let (tried, caught) = script.split_once("catch (error)").unwrap();
        assert!(
            tried.contains("import(\"./page-0.js\")") && tried.contains("startModule(init, early)")
        );
        assert!(caught.contains("ErrorEvent(\"error\""), "{caught}");
        let hash = format!("integrity=\"sha256-{}\"", sha256(b"script"));
        assert_eq!(script.matches(&hash).count(), 2, "{script}");
        assert!(start(&Page { files: Vec::new(), ..page }).is_err());
    }
}
