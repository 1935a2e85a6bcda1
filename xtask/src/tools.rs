//! What a build or a test needs, installed if it is missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::place::Place;
use crate::process::{command, output, run, which};
use crate::progress::say;

/// The compiler's target for the browser.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Sees to the standard library for wasm32.
///
/// # Errors
/// If it is missing and there is no rustup to install it.
pub fn wasm_target(place: &Place) -> Result<()> {
    let libraries =
        output(command(place, "rustc")?.args(["--print", "target-libdir", "--target", WASM]))?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    if which("rustup").is_none() {
        bail!(
            "this Rust has no {WASM} target and there is no rustup; install the target with what installed Rust"
        );
    }
    say(format_args!("Installing Rust's {WASM} target"));
    run(command(place, "rustup")?.args(["target", "add", WASM]))
}

/// Sees to the sources of the standard library, which is built with atomics for threads.
///
/// # Errors
/// If they are missing and there is no rustup to install them.
pub fn library_sources(place: &Place) -> Result<()> {
    let root = output(command(place, "rustc")?.args(["--print", "sysroot"]))?;
    if Path::new(root.trim()).join("lib/rustlib/src/rust/library/std").is_dir() {
        return Ok(());
    }
    if which("rustup").is_none() {
        bail!(
            "this Rust comes without the sources of its standard library, and there is no rustup; \
             install rust-src with what installed Rust, or build without threads: \
             RESNETTE_WORKERS=cpu,gpu"
        );
    }
    say("Installing the sources of Rust's standard library");
    run(command(place, "rustup")?.args(["component", "add", "rust-src"]))
}

/// Sees to a program from the Rust registry, in exactly this version.
pub(crate) fn cargo_tool(
    place: &Place,
    package: &str,
    program: &str,
    version: &str,
    how: &[&str],
) -> Result<()> {
    let file = place.tools.join("bin").join(program);
    // Cargo's own list: not every tool tells its version.
    let list = fs::read_to_string(place.tools.join(".crates.toml")).unwrap_or_default();
    if file.is_file() && list.contains(&format!("\"{package} {version} (")) {
        return Ok(());
    }
    say(format_args!(
        "Installing {package} {version} into {} (some minutes, the first time only)",
        place.tools.display()
    ));
    let mut install = command(place, "cargo")?;
    install.args(["install", package, "--version", version, "--force", "--root"]).arg(&place.tools);
    // A tool runs for seconds, so that an optimised build of it is not worth the minutes.
    install.envs([
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
        ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "256"),
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
        ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ]);
    run(install.args(how))
}

/// The browsers' names, in the order in which they are looked for.
pub const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The oldest Chromium that the tests are known to pass in. The driver of 148 cannot type letters
/// beyond the first 65,536 of Unicode.
const CHROMIUM: u32 = 156;

/// Sees to Chromium and ChromeDriver: on Debian they are installed, elsewhere they must be there.
///
/// # Errors
/// If one is missing and this is no Debian, or apt-get fails.
pub fn for_browser_tests() -> Result<()> {
    let missing = || {
        let browser = BROWSERS.iter().all(|name| which(name).is_none()).then_some("chromium");
        browser
            .into_iter()
            .chain(which("chromedriver").is_none().then_some("chromedriver"))
            .collect::<Vec<_>>()
            .join(" and ")
    };
    if missing().is_empty() {
        // Another browser is not Debian's to update.
        let is_old = major_version("chromium").is_some_and(|version| version < CHROMIUM);
        if is_old && is_debian() {
            say(format_args!("Chromium is older than {CHROMIUM}: updating it with apt-get"));
            update(&["chromium", "chromium-driver"]);
        }
        return Ok(());
    }
    if !is_debian() {
        bail!(
            "the browser tests need {}, which is not on PATH; install it (both of one version) and try again",
            missing()
        );
    }
    say("Installing Chromium and ChromeDriver with apt-get");
    apt_install(&["chromium", "chromium-driver"])?;
    if !missing().is_empty() {
        bail!("apt-get ran, but {} is still not on PATH", missing());
    }
    Ok(())
}

/// Whether packages of Debian's can be installed here.
pub(crate) fn is_debian() -> bool {
    which("apt-get").is_some() && Path::new("/etc/debian_version").exists()
}

/// The first part of the version that a program prints, if it is there.
pub(crate) fn major_version(program: &str) -> Option<u32> {
    first_number(&output(Command::new(which(program)?).arg("--version")).ok()?)
}

fn first_number(text: &str) -> Option<u32> {
    text.split(|letter: char| !letter.is_ascii_digit())
        .find(|digits| !digits.is_empty())?
        .parse()
        .ok()
}

/// Brings packages of Debian's to the newest version. Where that fails, or needs a password, those
/// that are there must do.
pub(crate) fn update(packages: &[&str]) {
    if let Err(error) = apt(packages, &["-n"]) {
        say(format_args!("{} cannot be updated ({error:#})", packages.join(" and ")));
    }
}

/// Installs packages of Debian's, or updates them.
///
/// # Errors
/// If apt-get fails.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    apt(packages, &[])
}

/// Runs apt-get, by sudo with these options if it has to be.
fn apt(packages: &[&str], sudo: &[&str]) -> Result<()> {
    let root = output(Command::new("id").arg("-u"))?.trim() == "0";
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new(if root { "apt-get" } else { "sudo" });
        if !root {
            apt.args(sudo).arg("apt-get");
        }
        run(apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

/// axe-core's version: the checks for accessibility change with it.
const AXE: &str = "4.14.1";

/// TensorFlow.js's version: its last.
const TENSORFLOW: &str = "4.22.0";
/// Version of jax-js that the bench runs.
const JAX: &str = "0.1.25";

/// Sees to axe-core, a script that the browser tests load into the page. It comes from npm; without
/// npm, or without a network, the tests that want it say that they were ignored.
pub fn axe(place: &Place) {
    if let Err(error) = from_npm(&place.tools.with_file_name("axe"), &[("axe-core", AXE)]) {
        say(format_args!(
            "axe-core is not there ({error:#}): the tests of accessibility will be ignored"
        ));
    }
}

/// Sees to TensorFlow.js, which the bench runs beside our engines, and says in which folder its
/// packages are; nothing where it cannot be had.
pub fn tensorflow_js(place: &Place) -> Option<PathBuf> {
    let folder = place.tools.with_file_name("tfjs");
    let packages =
        [("@tensorflow/tfjs", TENSORFLOW), ("@tensorflow/tfjs-backend-webgpu", TENSORFLOW)];
    match from_npm(&folder, &packages) {
        Ok(()) => Some(folder.join("node_modules/@tensorflow")),
        Err(error) => {
            say(format_args!(
                "TensorFlow.js is not there ({error:#}): the bench goes on without it"
            ));
            None
        }
    }
}

/// jax-js for the bench: the folder of its modules. As [`tensorflow_js`].
pub fn jax_js(place: &Place) -> Option<PathBuf> {
    let folder = place.tools.with_file_name("jaxjs");
    match from_npm(&folder, &[("@jax-js/jax", JAX)]) {
        Ok(()) => Some(folder.join("node_modules/@jax-js/jax/dist")),
        Err(error) => {
            say(format_args!("jax-js is not there ({error:#}): the bench goes on without it"));
            None
        }
    }
}

/// Sees to packages from npm in a folder of their own, in exactly these versions.
fn from_npm(folder: &Path, packages: &[(&str, &str)]) -> Result<()> {
    let present = packages.iter().all(|(name, version)| {
        fs::read_to_string(folder.join("node_modules").join(name).join("package.json"))
            .is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
    });
    if present {
        return Ok(());
    }
    if which("npm").is_none() {
        bail!("npm, which would install it, is not on PATH");
    }
    let names: Vec<String> =
        packages.iter().map(|(name, version)| format!("{name}@{version}")).collect();
    say(format_args!("Installing {} into {}", names.join(" and "), folder.display()));
    fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    let mut install = Command::new("npm");
    run(install
        .args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
        .arg(folder)
        .args(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_browsers_print_them() {
        assert_eq!(first_number("Chromium 156.0.8078.108 built on Debian GNU/Linux 12"), Some(156));
        assert_eq!(first_number("Mozilla Firefox 153.8.0esr\n"), Some(153));
        assert_eq!(first_number("no version"), None);
    }
}
