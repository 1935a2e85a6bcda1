//! What augmentation costs: `cargo test --release -p resnette-images --test fastai -- --ignored
//! --nocapture`.

use std::time::{Duration, Instant};

use resnette_images::batch::train_batch;
use resnette_images::dataset::Dataset;
use resnette_picture::drawn::draw;
use resnette_spec::{Augment, RunConfig};

/// The fastest of several batches, for each picture.
fn each(augment: Augment, size: u32) -> Duration {
    let mut config = RunConfig::default();
    (config.data.size, config.recipe.augment) = (size, augment);
    let mut set = Dataset { keep: config.recipe.keep(), ..Dataset::default() };
    let photo = |index: u64| {
        let mut picture = draw(index as usize % 10, index, 1, 213);
        // Four wide and three high, as photos are.
        picture.rgb.truncate(213 * 160 * 3);
        picture.height = 160;
        picture
    };
    (0..64).for_each(|index| set.push_train(&photo(index), 0, size));
    let order: Vec<usize> = (0..64).collect();
    let batch = |epoch| {
        let began = Instant::now();
        std::hint::black_box(train_batch(&set, &config, &order, epoch, 0, size));
        began.elapsed() / 64
    };
    (0..20).map(batch).min().unwrap_or_default()
}

#[test]
#[ignore = "measures time"]
fn what_a_picture_costs() {
    for size in [64, 128] {
        for augment in [Augment::CropFlipV1, Augment::CropFlip, Augment::FullV1, Augment::Full] {
            println!("{size} px, {}: {:?} a picture", augment.name(), each(augment, size));
        }
    }
}
