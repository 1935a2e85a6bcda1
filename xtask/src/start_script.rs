//! The two inline scripts that start the page, in the place of the one that Trunk writes.
//!
//! Trunk's module imports the page's script and awaits `init` at its top level. Where that fails,
//! WebKit fires neither `error` nor `unhandledrejection`, so that `www/first-paint.js` never hears of
//! it; ours catches the failure and tells it. And Trunk fetches the module ahead by `<link
//! rel="preload">`, which WebKit does not use for a later `fetch`: the module came twice. Ours asks
//! for it by a `fetch` at the very beginning and hands the answer to `init`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// How the script begins that Trunk writes.
const TRUNKS: &str = "<script type=\"module\">\nimport init, * as bindings from ";
/// Where the early request belongs: before the styles, since a browser runs no script that stands
/// behind a style sheet until that has come.
const BEFORE: &str = "<link rel=\"stylesheet\"";

/// Rewrites `dist/index.html`. Comes after [`crate::split`], which names the files, and before
/// [`crate::policy`], which allows the scripts by their hashes.
///
/// # Errors
/// If the file cannot be read or written, or if Trunk's output has changed.
pub fn write_start_script(dist: &Path) -> Result<()> {
    let path = dist.join("index.html");
    let html =
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    fs::write(&path, with_start_script(&html)?)
        .with_context(|| format!("can't write {}", path.display()))
}

fn with_start_script(html: &str) -> Result<String> {
    let changed = || "Trunk's output has changed; look at xtask/src/start_script.rs";
    let (before, rest) = html.split_once(TRUNKS).with_context(changed)?;
    let (trunks, after) = rest.split_once("</script>").with_context(changed)?;
    let quoted = |text: &str| text.split('\'').nth(1).map(str::to_owned);
    let script = quoted(trunks).with_context(changed)?;
    let (_, options) = trunks.split_once("module_or_path: ").with_context(changed)?;
    let module = quoted(options).with_context(changed)?;
    let start = format!(
        "<script type=\"module\">\n\
         try {{\n\
         \x20 const {{ default: init }} = await import(\"{script}\");\n\
         \x20 await init({{ module_or_path: early }});\n\
         \x20 dispatchEvent(new Event(\"TrunkApplicationStarted\"));\n\
         }} catch (error) {{\n\
         \x20 dispatchEvent(new ErrorEvent(\"error\", {{ error, message: String(error) }}));\n\
         \x20 throw error;\n\
         }}\n\
         </script>"
    );
    let html = without_preload(&format!("{before}{start}{after}"), &module)?;
    let Some((before, after)) = html.split_once(BEFORE) else { bail!(changed()) };
    Ok(format!("{before}<script>const early = fetch(\"{module}\");</script>\n    {BEFORE}{after}"))
}

/// The page without the `<link>` that fetches its module ahead.
fn without_preload(html: &str, module: &str) -> Result<String> {
    let link = format!("<link rel=\"preload\" href=\"{module}\"");
    let Some((before, rest)) = html.split_once(&link) else {
        bail!("index.html does not fetch {module} ahead; look at xtask/src/start_script.rs")
    };
    let Some((_, after)) = rest.split_once('>') else { bail!("a tag of index.html has no end") };
    Ok(format!("{before}{after}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PAGE: &str = "<head><title>Resnette</title>\n    <link rel=\"stylesheet\" href=\"./style.css\"/>\n\
        <script type=\"module\">\nimport init, * as bindings from './page-0.js';\n\
        const wasm = await init({ module_or_path: './page-0_bg.wasm' });\n\
        window.wasmBindings = bindings;\n</script>\n\
        <link rel=\"modulepreload\" href=\"./page-0.js\"><link rel=\"preload\" href=\"./page-0_bg.wasm\" as=\"fetch\"><link rel=\"modulepreload\" href=\"./page-0_parts.js\"></head>";

    #[test]
    fn the_module_is_asked_for_once_and_before_the_styles() {
        let html = with_start_script(PAGE).unwrap();
        assert_eq!(html.matches("page-0_bg.wasm").count(), 1, "{html}");
        assert!(
            html.find("fetch(\"./page-0_bg.wasm\")").unwrap() < html.find("stylesheet").unwrap()
        );
        assert_eq!(html.matches("modulepreload").count(), 2, "{html}");
    }

    #[test]
    fn a_failure_of_script_or_module_is_caught() {
        let html = with_start_script(PAGE).unwrap();
        let script = html.split("<script type=\"module\">").nth(1).unwrap();
        let (tried, caught) = script.split_once("catch (error)").unwrap();
        assert!(
            tried.contains("import(\"./page-0.js\")") && tried.contains("module_or_path: early")
        );
        assert!(caught.contains("ErrorEvent(\"error\""), "{caught}");
        assert!(!html.contains("import init,"), "Trunk's own script is gone");
    }

    #[test]
    fn another_output_of_trunks_is_refused() {
        assert!(with_start_script("<head></head>").is_err());
        assert!(with_start_script(&PAGE.replace("preload\" href=\"./page-0_bg", "x")).is_err());
    }
}
