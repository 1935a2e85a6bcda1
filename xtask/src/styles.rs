//! Joins the page's style sheet from the files in `www/styles`: one file for each topic while it is
//! written, but only one request for a visitor.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The files in the order of the cascade: general rules first, the rules that override them last.
const ORDER: [&str; 23] = [
    "tokens",
    "ground",
    "chrome",
    "controls",
    "ribbon",
    "train",
    "zoom",
    "keep",
    "data",
    "predict",
    "easel",
    "microscope",
    "watch",
    "broken",
    "learn",
    "demos",
    "drawings",
    "questions",
    "presenter",
    "projector",
    "narrow",
    "preferences",
    "paper",
];

/// Writes `www/style.css`, which `index.html` names.
///
/// # Errors
/// If a file is missing, or if the folder has a file that is not listed in the order.
pub fn join(www: &Path) -> Result<()> {
    let folder = www.join("styles");
    let listed: BTreeSet<OsString> =
        ORDER.iter().map(|name| format!("{name}.css").into()).collect();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("can't read {}", folder.display()))?
    {
        let name = entry?.file_name();
        if !listed.contains(&name) {
            bail!(
                "www/styles/{} has no place in the cascade: add it to ORDER in xtask/src/styles.rs",
                name.display()
            );
        }
    }
    let mut sheet = String::new();
    for name in ORDER {
        let path = folder.join(format!("{name}.css"));
        sheet.push_str(
            &fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?,
        );
    }
    if sheet.contains('\\') {
        bail!(
            "a style has a backslash, which xtask/src/styles.rs cannot tell from an end of a text"
        );
    }
    let sheet = without_comments(&sheet);
    let joined = www.join("style.css");
    // Cargo looks at modification times, so a style sheet that has not changed is not written
    // again.
    if fs::read_to_string(&joined).is_ok_and(|old| old == sheet) {
        return Ok(());
    }
    fs::write(&joined, sheet).with_context(|| format!("can't write {}", joined.display()))
}

/// A style sheet without its comments and the spaces before its lines, for which every visitor
/// would wait. What stands in quotation marks is left as it is.
fn without_comments(sheet: &str) -> String {
    let mut kept = String::with_capacity(sheet.len());
    let mut quote = None;
    let mut rest = sheet;
    while let Some(letter) = rest.chars().next() {
        if quote.is_none() && rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        match quote {
            Some(open) if open == letter => quote = None,
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            _ => {}
        }
        kept.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    let lines = kept.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn www(files: &[&str]) -> std::path::PathBuf {
        let www = std::env::temp_dir().join(format!(
            "resnette-styles-{}-{}",
            std::process::id(),
            files.len()
        ));
        let folder = www.join("styles");
        fs::create_dir_all(&folder)
            .and_then(|()| {
                files
                    .iter()
                    .try_for_each(|name| fs::write(folder.join(format!("{name}.css")), *name))
            })
            .unwrap();
        www
    }

    #[test]
    fn the_sheet_is_in_the_order_of_the_cascade() {
        let www = www(&ORDER);
        join(&www).unwrap();
        assert_eq!(fs::read_to_string(www.join("style.css")).unwrap().trim_end(), ORDER.concat());
    }

    #[test]
    fn comments_and_indents_are_left_out() {
        let sheet = "/* of two\n lines */\n.a {\n  color: red; /* why */\n\n}\n.b::before { content: \"/* é's */\"; }\n/* open";
        let wanted = ".a {\ncolor: red;\n}\n.b::before { content: \"/* é's */\"; }\n";
        assert_eq!(without_comments(sheet), wanted);
    }

    #[test]
    fn a_file_without_a_place_is_refused() {
        let files: Vec<&str> = ORDER.into_iter().chain(["strange"]).collect();
        assert!(join(&www(&files)).unwrap_err().to_string().contains("strange.css"));
    }
}
