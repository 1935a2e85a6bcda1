//! The browsers beside Chromium in which some of the tests run too, and how they are installed.
//!
//! On Debian they come with apt-get, and Firefox's driver from the Rust registry. Where one cannot
//! be had, its tests are skipped by name: `tests/browser/browsers.rs` looks for the same programs.

use std::path::Path;

use anyhow::{Result, bail};

use crate::place::Place;
use crate::process::which;
use crate::progress::say;
use crate::tools::{apt_install, cargo_tool, is_debian, major_version, update};

/// geckodriver's version; it drives Firefox 128 and later.
const GECKODRIVER: &str = "0.37.1";

/// The browsers whose tests can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Browser {
    /// Chromium, in which every test runs
    Chromium,
    /// Firefox
    Firefox,
    /// WebKitGTK's MiniBrowser, and an old WPE WebKit
    Webkit,
    /// All three, with the tests that run in each of them
    All,
}

impl Browser {
    /// What the browser tests call it (`RESNETTE_BROWSER`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
            Self::All => "all",
        }
    }
}

/// A program that must be on PATH (or a file that must be there), and Debian's package with it.
type Need = (&'static str, &'static str);

/// The oldest Firefox that the tests are known to pass in: 140 has no WebGPU on Linux.
const FIREFOX_VERSION: u32 = 153;

const FIREFOX: [Need; 2] = [
    ("firefox-esr", "firefox-esr"),
    // Vulkan in software, on which Firefox's WebGPU runs.
    ("/usr/share/vulkan/icd.d", "mesa-vulkan-drivers"),
];
const WEBKIT: [Need; 4] = [
    ("WebKitWebDriver", "webkit2gtk-driver"),
    ("Xvfb", "xvfb"),
    ("WPEWebDriver", "wpewebkit-driver"),
    ("cog", "cog"),
];

/// Sees to Firefox and WebKit, or to the chosen one, and says what is missing where it cannot be
/// installed: the tests that need it will be ignored.
pub fn for_tests(place: &Place, chosen: Option<Browser>) {
    let wanted = |browser| chosen.is_none_or(|chosen| chosen == browser || chosen == Browser::All);
    if wanted(Browser::Firefox) {
        tell("Firefox", packages("Firefox", &FIREFOX).and_then(|()| geckodriver(place)));
    }
    if wanted(Browser::Webkit) {
        tell("WebKit", packages("WebKit", &WEBKIT));
    }
}

fn tell(browser: &str, result: Result<()>) {
    if let Err(error) = result {
        say(format_args!("{browser} cannot be driven ({error:#}): its tests will be ignored"));
    }
}

fn is_there(program: &str) -> bool {
    match program {
        // Elsewhere than on Debian it has no suffix.
        "firefox-esr" => which(program).or_else(|| which("firefox")).is_some(),
        path if path.starts_with('/') => Path::new(path).exists(),
        name => which(name).is_some(),
    }
}

fn packages(browser: &str, needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> =
        needs.iter().filter(|(program, _)| !is_there(program)).map(|need| need.1).collect();
    if missing.is_empty() {
        let is_old = major_version("firefox-esr").is_some_and(|version| version < FIREFOX_VERSION);
        if browser == "Firefox" && is_old && is_debian() {
            say(format_args!("Firefox is older than {FIREFOX_VERSION}: updating it with apt-get"));
            update(&["firefox-esr"]);
        }
        return Ok(());
    }
    if !is_debian() {
        bail!("{} missing, and there is no apt-get", missing.join(" and "));
    }
    say(format_args!("Installing {browser} with apt-get: {}", missing.join(", ")));
    apt_install(&missing)
}

fn geckodriver(place: &Place) -> Result<()> {
    if which("geckodriver").is_some() {
        return Ok(());
    }
    cargo_tool(place, "geckodriver", "geckodriver", GECKODRIVER, &["--locked"])
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn the_tests_know_a_browser_by_the_name_of_the_option() {
        for browser in Browser::value_variants() {
            let option = browser.to_possible_value();
            assert_eq!(option.as_ref().map(|value| value.get_name()), Some(browser.name()));
        }
    }
}
