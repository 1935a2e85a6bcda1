//! `--like`: what the file of a network does not tell, from the link of the run that trained it.

use anyhow::Context;
use resnette_spec::RunConfig;

use crate::arguments::settings_from;

/// The argument of every command that opens the file of a network.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct LikeArgs {
    /// The link of the run that trained the network, for a state dict of PyTorch, which has nothing
    /// but names and shapes: the size of the pictures and the network's act, pool and cut are
    /// taken from it. Left out: their defaults. Files of this program and ResNets of torchvision
    /// and timm need no link, and take nothing from it.
    #[arg(long, value_name = "LINK", requires = "model")]
    like: Option<String>,
}

impl LikeArgs {
    /// The run from which is taken what a file does not tell.
    ///
    /// # Errors
    /// If a setting of the link is refused.
    pub fn run(&self) -> anyhow::Result<RunConfig> {
        let link = self.like.as_deref().unwrap_or_default();
        settings_from(link).with_context(|| format!("--like {link} cannot be used"))
    }
}
