//! The folders that the tasks work in: the checkout, the tools and the build folder.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

/// The folders that a task works in.
#[derive(Debug, Clone)]
pub struct Place {
    /// The checkout: the folder with the `Cargo.toml` of the workspace.
    pub root: PathBuf,
    /// The folder of the tools in the versions that we need, which are in its `bin/`:
    /// `~/.cache/resnette/tools`.
    pub tools: PathBuf,
    /// Cargo's build folder: `CARGO_TARGET_DIR`, or else `~/.cache/resnette/target`, so that a new
    /// clone does not have to build everything again.
    pub target: PathBuf,
}

impl Place {
    /// Finds the folders through environment variables.
    ///
    /// # Errors
    /// If neither `XDG_CACHE_HOME` nor a home folder is known.
    pub fn find() -> Result<Self> {
        // Cargo tells the running xtask where its package is. If xtask was not started by cargo,
        // the folder that it was compiled in is used.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = if manifest.ends_with("xtask") {
            manifest.join("..").canonicalize()?
        } else {
            manifest
        };
        let cache = match env::var_os("XDG_CACHE_HOME").filter(|path| !path.is_empty()) {
            Some(cache) => PathBuf::from(cache),
            None => env::home_dir()
                .context(
                    "no home folder is known; set XDG_CACHE_HOME to a folder for tools and builds",
                )?
                .join(".cache"),
        }
        .join("resnette");
        let target = match env::var_os("CARGO_TARGET_DIR").filter(|path| !path.is_empty()) {
            // Cargo resolves a relative path against its working folder, which is always the root.
            Some(target) => root.join(target),
            None => cache.join("target"),
        };
        Ok(Self { root, tools: cache.join("tools"), target })
    }

    /// The folder of the built page, ready for a static host: `RESNETTE_DIST`, or else `dist/` in
    /// the checkout.
    pub fn dist(&self) -> PathBuf {
        env::var_os("RESNETTE_DIST")
            .filter(|path| !path.is_empty())
            .map_or_else(|| self.root.join("dist"), |dist| self.root.join(dist))
    }

    /// The value of `PATH` with our tools first.
    ///
    /// # Errors
    /// If the path of the tools contains a character that cannot be in `PATH`.
    pub fn path_variable(&self) -> Result<std::ffi::OsString> {
        let old = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.tools.join("bin")).chain(env::split_paths(&old));
        env::join_paths(folders).context("the tools folder's name can't stand in PATH")
    }
}
