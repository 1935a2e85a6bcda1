//! Everything about a run in one value.

use crate::net::NetConfig;
use crate::recipe::Recipe;
use crate::source::{Backend, DataConfig};

/// A training run from pictures to table, reproducible from this value alone.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RunConfig {
    /// Which pictures it uses.
    pub data: DataConfig,
    /// Which network it trains.
    pub net: NetConfig,
    /// How the network is trained.
    pub recipe: Recipe,
    /// The seed of every random stream ([`crate::random::stream`]).
    pub seed: u32,
    /// Which engine trains.
    pub backend: Backend,
    /// How many threads the CPU engine computes on; 0 leaves it to the program. It changes no
    /// result.
    #[serde(default)]
    pub threads: u32,
}

impl RunConfig {
    /// The pictures of the run, kept as its recipe wants them: what is loaded for it.
    pub fn pictures(&self) -> DataConfig {
        DataConfig { keep: self.recipe.keep(), ..self.data.clone() }
    }
}
