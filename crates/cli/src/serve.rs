//! `resnette serve`: shows the page in a browser on this computer.

use std::path::{Path, PathBuf};

use anyhow::Context;
use resnette_static_host::Site;

/// The folder of the page in a release, beside the program.
const PAGE_FOLDER: &str = "page";

/// Arguments of `serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct ServeArgs {
    /// The folder of the built page. Left out: the folder `page` beside this program, as in a
    /// release, or else `dist` in this folder, as in a checkout after `cargo xtask build`.
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
    /// A folder of pictures to serve at /data/ (parquet files in train/ and validation/).
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The port. Left out: 8080, or the next one that is free.
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Open the page in the browser.
    #[arg(long)]
    open: bool,
}

/// Serves the page until the program is ended.
///
/// # Errors
/// If there is no built page, the folder of pictures does not exist, or the port is in use.
pub fn serve(args: ServeArgs) -> anyhow::Result<()> {
    let dist = page_folder(args.page)?;
    Site { dist, data: args.data, port: args.port, names: Vec::new() }
        .serve_until_stopped(args.open)
}

/// The folder of the built page: this one, or the one that is found.
///
/// # Errors
/// If there is no built page in it, or nowhere.
pub fn page_folder(given: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    match given {
        Some(folder) => checked(folder),
        None => find_page(),
    }
}

/// The folder, if it holds the built page.
fn checked(folder: PathBuf) -> anyhow::Result<PathBuf> {
    if folder.join("index.html").is_file() && folder.join("worker_cpu.js").is_file() {
        return Ok(folder);
    }
    anyhow::bail!(
        "{} holds no built page (index.html and worker_cpu.js); give the folder of a release or of \
         `cargo xtask build` as --page",
        folder.display()
    )
}

/// The page beside this program, or in this folder.
fn find_page() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe().context("the place of this program is not known")?;
    let beside = program.parent().unwrap_or(Path::new(".")).join(PAGE_FOLDER);
    [beside.clone(), PathBuf::from("dist")]
        .into_iter()
        .find_map(|folder| checked(folder).ok())
        .with_context(|| {
            format!(
                "there is no built page in {} and none in dist; give its folder as --page",
                beside.display()
            )
        })
}
