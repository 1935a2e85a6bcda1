//! `cargo xtask`: builds, serves and tests Resnette.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use resnette_static_host::Site;
use xtask::binaries::{PAGE, QUICK_PAGE};
use xtask::browsers::Browser;
use xtask::place::Place;
use xtask::progress::say;
use xtask::suite::{Choice, Part};
use xtask::{bench, checkout, dist, model, serving, suite};

/// Builds, serves and tests Resnette. What is missing is installed into ~/.cache/resnette.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the page and its three workers into dist/, ready for any static host
    Build,
    /// Build the page and the CPU worker, serve the page on this computer and print its address,
    /// and build the other workers meanwhile
    Serve {
        /// A folder of pictures to serve at /data/ (parquet files in train/ and validation/)
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// The port; without it 8080, or the next one that is free
        #[arg(long, value_name = "N")]
        port: Option<u16>,
        /// Open the page in the browser
        #[arg(long)]
        open: bool,
        /// Serve the dist/ that is there, without building
        #[arg(long)]
        built: bool,
        /// Build the page without link-time optimisation, for working on it: it is ready seconds
        /// after an edit, and several times as large
        #[arg(long, conflicts_with = "built")]
        quick: bool,
    },
    /// Called by Trunk's hooks (Trunk.toml), before its build and after it
    #[command(hide = true)]
    Trunk {
        /// When
        when: Hook,
    },
    /// Train the model that comes with the page, measure it, and write it with its card into
    /// www/models/
    Model {
        /// The photos: a folder with train/ and validation/ parquet files
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Take what `resnette train --out DIR` has written, without training
        #[arg(long, value_name = "DIR")]
        from: Option<PathBuf>,
    },
    /// Build, then measure training steps beside TensorFlow.js, jax-js, PyTorch and a matrix
    /// product, in headless Chromium
    Bench {
        /// Measure on the machine's own GPU, not in software
        #[arg(long)]
        gpu: bool,
        /// Write every figure into this file
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Only these networks
        #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = ["basic", "bottleneck", "tab", "scaling", "threads"])]
        nets: Vec<String>,
        /// Take the dist/ that is there, without building
        #[arg(long)]
        built: bool,
    },
    /// Check formatting and lints, run all tests, and close with their count
    Test {
        /// Formatting, lints and the tests that need no browser
        #[arg(long, conflicts_with = "browser_only")]
        host_only: bool,
        /// Build the page and run the browser tests
        #[arg(long)]
        browser_only: bool,
        /// Run the browser tests on the dist/ that is there, without building
        #[arg(long)]
        built: bool,
        /// Remake the pictures in docs/screenshots/ and the table in docs/browsers.md
        #[arg(long)]
        screenshots: bool,
        /// Only the browser tests of this browser, or with `all` those that run in every one
        #[arg(long, value_enum, value_name = "NAME", conflicts_with = "host_only")]
        browser: Option<Browser>,
        /// Only tests whose name contains this (formatting and lints are left out then)
        filter: Option<String>,
    },
}

/// A hook of Trunk's.
#[derive(Clone, Copy, ValueEnum)]
enum Hook {
    /// Before its build.
    Before,
    /// After it.
    After,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    let place = Place::find()?;
    if checkout::take_over(&place)? {
        return again(&place);
    }
    match task {
        Task::Build => {
            dist::build(&place)?;
        }
        Task::Serve { data, port, open, built, quick } => {
            let page = if quick { QUICK_PAGE } else { PAGE };
            let dist = match built {
                true => dist::built(&place)?,
                false => serving::build_for_serving(&place, page)?.0,
            };
            Site { dist, data, port, ..Site::default() }.serve_until_stopped(open)?;
        }
        Task::Trunk { when: Hook::Before } => dist::before_trunk(&place)?,
        Task::Trunk { when: Hook::After } => {
            let staging = env::var_os("TRUNK_STAGING_DIR").context("only Trunk calls this")?;
            dist::after_trunk(&place, Path::new(&staging))?;
        }
        Task::Model { data, from } => model::make(&place, &data, from)?,
        Task::Bench { gpu, json, nets, built } => {
            bench::run(&place, &bench::Choice { gpu, json, nets, built })?
        }
        Task::Test { host_only, browser_only, built, screenshots, browser, filter } => {
            let part = match (host_only, browser_only) {
                (true, _) => Part::Host,
                (_, true) => Part::Browser,
                _ if browser.is_some() => Part::Browser,
                _ => Part::All,
            };
            return suite::run(&place, &Choice { part, filter, built, screenshots, browser });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the same task again, with an xtask that cargo has built from this checkout.
fn again(place: &Place) -> Result<ExitCode> {
    say("The build folder was another checkout's, or is new: our own packages are rebuilt");
    let mut cargo = Command::new("cargo");
    let status = cargo
        .arg("xtask")
        .args(env::args_os().skip(1))
        .current_dir(&place.root)
        .status()
        .context("can't start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
