//! `cargo xtask test`: every check there is, and the count at the end.

use std::fmt;
use std::io::{BufRead, BufReader, IsTerminal, stdin};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::binaries::{PAGE, WORKERS};
use crate::browsers::{self, Browser};
use crate::place::Place;
use crate::process::{command, shown};
use crate::progress::say;
use crate::tools::{self, WASM};
use crate::{dist, mpi, process};

/// Which part of the checks to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything.
    All,
    /// What needs no browser.
    Host,
    /// The build of the page and the browser tests.
    Browser,
}

/// What was asked for.
#[derive(Debug)]
pub struct Choice {
    /// Which part.
    pub part: Part,
    /// Only tests whose name contains this; formatting and lints are left out then.
    pub filter: Option<String>,
    /// Take the `dist/` that is there.
    pub built: bool,
    /// Write the browser tests' pictures to `docs/screenshots/`, and the table of browsers to
    /// `docs/browsers.md`, and not into the build folder.
    pub screenshots: bool,
    /// Only the tests of this browser; without it, of every browser that is there.
    pub browser: Option<Browser>,
}

/// How many tests passed, failed and were skipped. A check that is no test suite (formatting, a
/// lint, the build) counts as one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

impl Count {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished
    /// in 0.01s`.
    fn parse(line: &str) -> Option<Self> {
        let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
        let number =
            |name| counts.split("; ").find_map(|part| part.strip_suffix(name)?.trim().parse().ok());
        Some(Self {
            passed: number("passed")?,
            failed: number("failed")?,
            skipped: number("ignored")?,
        })
    }
}

/// Runs the checks, goes on after a failure, and closes with the count alone on a line.
///
/// # Errors
/// If something that the checks need is missing and can't be installed.
pub fn run(place: &Place, choice: &Choice) -> Result<ExitCode> {
    // A person may be asked for a password, and must see the question.
    if choice.part == Part::All && !stdin().is_terminal() {
        return thread::scope(|scope| {
            let installing = scope.spawn(|| install(place, choice));
            checks(place, choice, || match installing.join() {
                Ok(installed) => installed,
                Err(panic) => resume_unwind(panic),
            })
        });
    }
    if choice.part != Part::Host {
        install(place, choice)?;
    }
    checks(place, choice, || Ok(()))
}

/// Sees to the browsers and what else their tests need.
fn install(place: &Place, choice: &Choice) -> Result<()> {
    // Other browsers are held against Chromium.
    tools::for_browser_tests()?;
    browsers::for_tests(place, choice.browser);
    tools::axe(place);
    Ok(())
}

/// As [`run`]. `installed` waits for what is being installed meanwhile, mostly downloads:
/// formatting, lints and documentation need nothing of it.
fn checks(
    place: &Place,
    choice: &Choice,
    installed: impl FnOnce() -> Result<()>,
) -> Result<ExitCode> {
    let mut count = Count::default();
    let mut failures = Vec::new();
    let (mut times, mut began) = (Vec::new(), Instant::now());
    let mut check = |name: &str, result: Result<Count>| {
        times.push(format!("{name} {:.0} s", began.elapsed().as_secs_f64()));
        began = Instant::now();
        let result = result.unwrap_or_else(|error| {
            eprintln!("\n{name}: {error:#}");
            Count { failed: 1, ..Count::default() }
        });
        if result.failed > 0 {
            failures.push(name.to_owned());
        }
        count.add(result);
        result.failed == 0
    };

    if choice.part != Part::Browser {
        if choice.filter.is_none() {
            tools::wasm_target(place)?;
            say("Checking the formatting");
            check("formatting", one(command(place, "cargo")?.args(["fmt", "--all", "--check"])));
            say("Linting for this computer");
            let arguments = ["--workspace", "--all-targets", "--features", CLASS];
            check("lints", one(clippy(place)?.args(arguments).args(DENIED)));
            // `--all-targets` leaves out what a plain `cargo test` does.
            let arguments = ["--workspace", "--features", CLASS, "--test", "browser"];
            let arguments = arguments.into_iter().chain(["--test", "bench"]);
            check("lints of the browser tests", one(clippy(place)?.args(arguments).args(DENIED)));
            for binary in [PAGE].into_iter().chain(WORKERS) {
                say(format_args!("Linting {} for the browser", binary.name));
                let mut lints = clippy(place)?;
                lints.args(binary.selection()).args(["--target", WASM, "--lib"]);
                lints.args(["--bin", binary.name]);
                check(&format!("lints of {}", binary.name), one(lints.args(DENIED)));
            }
        }
        if choice.filter.is_none() {
            say("Building the documentation");
            check("documentation", one(&mut documentation(place, &["--workspace"])?));
            for binary in [PAGE, WORKERS[1]] {
                let mut pages = documentation(place, &binary.selection())?;
                pages.args(["--target", WASM, "--lib"]);
                check(&format!("documentation of {}", binary.package), one(&mut pages));
            }
        }
        // Without it the tests that need it say what is missing.
        check("installing", installed().map(|()| Count::default()));
        say("Running the tests that need no browser");
        let mut tests = command(place, "cargo")?;
        // Without the browser tests, which need a built page: `tests/Cargo.toml` says so.
        tests.args(["test", "--locked", "--workspace", "--features", CLASS]);
        tests.arg("--no-fail-fast").args(&choice.filter);
        check("host tests", suite(&mut tests));
        if choice.filter.is_none() {
            say("Running the GPU's tests on a software driver");
            check("GPU tests", gpu(place));
            say("Running a team of ranks under mpirun");
            check("team tests", team(place));
        }
    }

    if choice.part != Part::Host {
        let built = if choice.built { dist::built(place) } else { build(place) };
        // Without a build there is nothing to drive: the browser tests would only repeat that.
        if check("build", built.map(|_| Count { passed: 1, ..Count::default() })) {
            say("Running the browser tests");
            let shots = if choice.screenshots {
                place.root.join("docs/screenshots")
            } else {
                place.target.join("screenshots")
            };
            let mut tests = browser_tests(place)?;
            tests
                .arg("--")
                .arg(format!("--test-threads={}", side_by_side()))
                .args(&choice.filter)
                // The place and the words of a failure are enough; forty lines of an executor hide
                // them.
                .env("RUST_BACKTRACE", "0")
                .env("RESNETTE_DIST", place.dist())
                .env("RESNETTE_SCREENSHOTS", shots)
                .env("RESNETTE_BROWSERS_TABLE", table(place, choice));
            if let Some(browser) = choice.browser {
                tests.env("RESNETTE_BROWSER", browser.name());
            }
            check("browser tests", suite(&mut tests));
        }
    }

    eprintln!("\nWhere the time went: {}", times.join(", "));
    if !failures.is_empty() {
        eprintln!("\nFailed: {}", failures.join(", "));
    }
    println!("\n{count}");
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds the page and its workers, and meanwhile compiles the browser tests: a build ends with the
/// linker, and these tests are one crate, so that each leaves a core to the other.
fn build(place: &Place) -> Result<PathBuf> {
    thread::scope(|scope| {
        scope.spawn(|| -> Result<()> {
            // What does not compile is told when the tests are to run.
            let mut tests = browser_tests(place)?;
            tests.args(["--no-run", "--quiet"]).stdout(Stdio::null()).stderr(Stdio::null());
            process::run(&mut tests)
        });
        dist::build(place)
    })
}

/// Cargo's command for the browser tests. The packages are those of the host tests, so that what
/// both use has the same features and is compiled once; of these packages only what the test needs
/// is built: the engine too, for the class's host.
fn browser_tests(place: &Place) -> Result<Command> {
    let mut tests = command(place, "cargo")?;
    tests.args(["test", "--locked", "--workspace", "--features", CLASS, "--test", "browser"]);
    Ok(tests)
}

/// How many browser tests run at the same time: two, where there are two cores. Much of a test is
/// waiting for the browser; more of them at once make each other late.
fn side_by_side() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().min(2))
}

/// Where the table of browsers goes: into the documents only if every test has run.
fn table(place: &Place, choice: &Choice) -> PathBuf {
    let whole = choice.filter.is_none() && matches!(choice.browser, None | Some(Browser::All));
    match choice.screenshots && whole {
        true => place.root.join("docs/browsers.md"),
        false => place.target.join("browsers.md"),
    }
}

/// Our kernels against Flex, and the engine on them against PyTorch, on the Vulkan driver that
/// comes with Chromium. The golden tests of single blocks and small networks are enough here: the
/// others train for minutes on such a driver.
fn gpu(place: &Place) -> Result<Count> {
    let driver = Path::new(SOFTWARE_DRIVER);
    if !driver.exists() {
        say(format_args!("Skipped: there is no {SOFTWARE_DRIVER}"));
        return Ok(Count { skipped: 1, ..Count::default() });
    }
    let mut tests = command(place, "cargo")?;
    tests.args([
        "test",
        "--profile",
        "gpu-tests",
        "--locked",
        "--no-fail-fast",
        "--package",
        "resnette-engine",
        "--features",
        "gpu",
        "--test",
        "kernels",
        "--test",
        "golden",
        "--",
    ]);
    tests.args(["are_as_on_flex", "blocks::", "networks::"]);
    tests
        .env("RESNETTE_GOLDEN_DEVICE", "wgpu")
        .env("VK_ICD_FILENAMES", driver)
        .env("VK_DRIVER_FILES", driver);
    // Chromium's folder has Vulkan's loader too, for machines that have no other.
    if let Some(folder) = driver.parent() {
        tests.env("LD_LIBRARY_PATH", folder);
    }
    suite(&mut tests)
}

/// The command line as several ranks under mpirun, where MPI is there or can be installed. The
/// packages are those of the host tests, so that only the command line and the bindings of MPI are
/// recompiled.
fn team(place: &Place) -> Result<Count> {
    if let Err(error) = mpi::for_tests() {
        say(format_args!(
            "Skipped: a team cannot be started ({error:#}); `cargo test --package resnette-cli \
             --features mpi --test team` runs its tests where Open MPI is"
        ));
        return Ok(Count { skipped: 1, ..Count::default() });
    }
    let mut tests = command(place, "cargo")?;
    tests.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
    tests.args(["--features", "resnette-cli/mpi", "--test", "team"]);
    // Each test has a team of its own, and there may be two cores.
    tests.args(["--", "--test-threads=1"]);
    let mut lints = clippy(place)?;
    lints.args(["--workspace", "--features", "resnette-cli/mpi", "--all-targets"]);
    let mut count = one(lints.args(DENIED))?;
    count.add(suite(&mut tests)?);
    Ok(count)
}

/// SwiftShader, where Debian's Chromium puts it.
const SOFTWARE_DRIVER: &str = "/usr/lib/chromium/vk_swiftshader_icd.json";

/// The command line with the host of a class, whose crates are in the workspace anyway.
const CLASS: &str = "resnette-cli/host";

/// Warnings are errors.
const DENIED: [&str; 3] = ["--", "-D", "warnings"];

fn clippy(place: &Place) -> Result<Command> {
    let mut cargo = command(place, "cargo")?;
    cargo.args(["clippy", "--quiet", "--locked"]);
    Ok(cargo)
}

/// Rustdoc, whose warnings are errors too.
fn documentation(place: &Place, arguments: &[&str]) -> Result<Command> {
    let mut cargo = command(place, "cargo")?;
    cargo
        .args(["doc", "--quiet", "--locked", "--no-deps"])
        .args(arguments)
        .env("RUSTDOCFLAGS", "-D warnings");
    Ok(cargo)
}

/// A check that is no test suite.
fn one(command: &mut Command) -> Result<Count> {
    process::run(command).map(|()| Count { passed: 1, ..Count::default() })
}

/// Runs test suites, shows what they print and adds up their results.
fn suite(command: &mut Command) -> Result<Count> {
    let shown = shown(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("can't start `{shown}`"))?;
    let mut count = Count::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context("a test printed something other than UTF-8")?;
            println!("{line}");
            if let Some(result) = Count::parse(&line) {
                count.add(result);
            }
        }
    }
    // A suite that does not compile, or dies, prints no result.
    if !child.wait()?.success() && count.failed == 0 {
        count.failed = 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_and_added_up() {
        let lines = [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.35s",
            "test browser::train ... ok",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.02s",
        ];
        let mut count = Count::default();
        lines.into_iter().filter_map(Count::parse).for_each(|result| count.add(result));
        assert_eq!(count.to_string(), "15 passed, 2 failed, 1 skipped");
        assert_eq!(Count::parse("test result: nonsense"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_suite_that_dies_without_a_result_has_failed() {
        let died = suite(Command::new("sh").args(["-c", "echo 'test a ... ok'; exit 101"]));
        assert_eq!(died.ok(), Some(Count { failed: 1, ..Count::default() }));
    }
}
