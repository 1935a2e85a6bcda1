//! What the commands' arguments have in common.

use std::path::PathBuf;

use clap::ValueEnum;
use resnette_spec::{RunConfig, read_run};

use crate::correction_args::CorrectionArgs;

/// The engine that computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// Burn Flex on all cores.
    #[default]
    Cpu,
    /// Burn on any GPU that wgpu finds (feature `gpu`).
    Wgpu,
    /// Burn on NVIDIA's CUDA (feature `cuda`).
    Cuda,
}

/// What every command that touches pictures takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Common {
    /// Settings, as in the page's link: '#layers=2,2,2,2&epochs=5'.
    #[arg(default_value = "")]
    pub settings: String,
    /// Pictures: a folder with train/0000.parquet and validation/0000.parquet, an archive, or a
    /// folder of class folders. Left out: the drawn set.
    #[arg(long)]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub corrections: CorrectionArgs,
    /// Engine.
    #[arg(long, value_enum, default_value_t)]
    pub engine: EngineChoice,
}

/// Reads the settings in a link. Unlike the page, which reports a bad value and keeps the default,
/// the command line refuses it, since whoever typed it can correct it at once.
pub fn settings_from(text: &str) -> anyhow::Result<RunConfig> {
    let hash = text.rsplit('#').next().unwrap_or_default();
    let (run, problems) = read_run(hash);
    match problems.into_iter().next().or_else(|| run.conflict()) {
        Some(problem) => Err(anyhow::anyhow!("{problem}")),
        None => Ok(run),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_grow_beyond_the_full_one_are_refused() {
        for text in ["#size=64&grow=32,96", "https://page/#grow=96&size=64"] {
            let refused = settings_from(text).err().map(|error| error.to_string());
            assert!(
                refused.as_ref().is_some_and(|told| told.contains("no size above the run's own")),
                "{text}: {refused:?}"
            );
        }
        assert!(settings_from("#grow=96&size=96").is_ok());
    }
}
