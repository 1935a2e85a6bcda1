//! The three networks of the race, and what they are trained on.

use std::sync::Arc;

use resnette_images::load::{LoadError, Progress, load_drawn};
use resnette_images::set::DataSet;
use resnette_picture::report::LoadProgress;
use resnette_protocol::lesson::Contender;
use resnette_spec::{Augment, DataConfig, Family, NetConfig, Recipe, RunConfig, Source};

/// Side of the race's pictures.
pub const SIZE: u32 = 32;
/// Pictures of each class.
const EACH: u32 = 24;
/// Passes over them.
const EPOCHS: u32 = 8;
/// Pictures a batch.
const BATCH: u32 = 16;
/// Channels of the first stage, as many as keep the race short.
const WIDTH: u32 = 8;

/// Steps of each training.
pub const STEPS: u32 = EPOCHS * (EACH * 10 / BATCH);

/// A contender's run. All three differ in the blocks alone.
pub fn config(contender: Contender, seed: u32) -> RunConfig {
    let blocks = contender.blocks();
    RunConfig {
        data: DataConfig {
            source: Source::Drawn,
            train: EACH,
            valid: 1,
            size: SIZE,
            ..DataConfig::default()
        },
        net: NetConfig {
            family: Family::ResNet,
            layers: vec![blocks; 3],
            block: contender.block(),
            expansion: 1,
            width: WIDTH,
            stem: vec![WIDTH],
        },
        recipe: Recipe {
            epochs: EPOCHS,
            bs: BATCH,
            lr: 4e-3,
            smoothing: 0.0,
            augment: Augment::None,
            ..Recipe::default()
        },
        seed,
        ..RunConfig::default()
    }
}

/// The drawn pictures of the race.
///
/// # Errors
/// None: drawing is not stopped.
pub async fn pictures(seed: u32) -> Result<Arc<DataSet>, LoadError> {
    load_drawn(&config(Contender::Skip, seed).data, seed, &mut Quiet).await.map(Arc::new)
}

struct Quiet;

impl Progress for Quiet {
    async fn loaded(&mut self, _: &LoadProgress) -> bool {
        true
    }
}
