//! The settings of the three networks that the lesson compares, and the pictures for them.

use std::sync::Arc;

use resnette_images::dataset::Dataset;
use resnette_images::load::{LoadError, SilentObserver, load_drawn};
use resnette_protocol::lesson::Variant;
use resnette_spec::{
    Activation, Augment, DataConfig, Family, HeadKind, NetConfig, Recipe, RunConfig, Source,
    StemPool,
};

/// Side of the pictures, in pixels.
pub const SIZE: u32 = 32;
/// Training pictures of each class.
const EACH: u32 = 24;
/// Passes over the training pictures.
const EPOCHS: u32 = 8;
/// Batch size.
const BATCH: u32 = 16;
/// Channels of the first stage: few, so that all three are trained within a minute.
const WIDTH: u32 = 8;

/// Training steps of each network.
pub const STEPS: u32 = EPOCHS * (EACH * 10 / BATCH);

/// The run that trains a variant. The variants differ only in their blocks.
pub fn config(variant: Variant, seed: u32) -> RunConfig {
    let blocks = variant.blocks();
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
            block: variant.block(),
            expansion: 1,
            width: WIDTH,
            stem: vec![WIDTH],
            head: HeadKind::Linear,
            act: Activation::Relu,
            cut: Vec::new(),
            se: 0,
            sa: 0,
            groups: 1,
            pool: StemPool::Max,
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

/// The drawn pictures that all variants are trained on.
///
/// # Errors
/// Only [`LoadError::Stopped`] could occur, and nothing stops it.
pub async fn pictures(seed: u32) -> Result<Arc<Dataset>, LoadError> {
    load_drawn(&config(Variant::Skip, seed).data, seed, &mut SilentObserver).await.map(Arc::new)
}
