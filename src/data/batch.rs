//! Batches: which pictures, in which order, as numbers.

use rand::seq::SliceRandom;

use super::augment::{self, BatchCrop};
use super::set::{DataSet, train_side};
use super::square::shrink;
use crate::config::RunConfig;
use crate::train::mixup;
use crate::train::random::{Purpose, stream};

/// ImageNet's mean and deviation of red, green and blue, which fastai normalises with.
pub const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// See [`MEAN`].
pub const STD: [f32; 3] = [0.229, 0.224, 0.225];

/// A batch on its way to the device.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// `[n, 3, size, size]`, normalised.
    pub images: Vec<f32>,
    /// Side in pixels.
    pub size: u32,
    /// Classes.
    pub labels: Vec<u32>,
    /// Mixup's partners and shares, where it is on.
    pub mix: Option<Vec<(usize, f32)>>,
}

/// The order of the training pictures in an epoch.
pub fn order(pictures: usize, seed: u32, epoch: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pictures).collect();
    order.shuffle(&mut stream(seed, Purpose::Order, u64::from(epoch)));
    order
}

/// Full batches in an epoch: the last partial one is dropped, as in the book, unless it is the only one.
pub fn full_batches(pictures: usize, bs: u32) -> u32 {
    (pictures as u32 / bs).max(u32::from(pictures > 0))
}

/// Training batch `batch` of `epoch`, augmented and mixed, at `size` pixels.
pub fn train_batch(set: &DataSet, config: &RunConfig, order: &[usize], epoch: u32, batch: u32, size: u32) -> Batch {
    let bs = config.recipe.bs as usize;
    let from = batch as usize * bs;
    let chosen = &order[from.min(order.len())..(from + bs).min(order.len())];
    let pixels = (3 * size * size) as usize;
    let mut images = vec![0.0; chosen.len() * pixels];
    // One stream a picture: whether one picture is flipped does not change what happens to the next.
    let position = |index: usize| u64::from(epoch) << 32 | (from + index) as u64;
    let crop = BatchCrop::draw(&mut stream(config.seed, Purpose::Augment, u64::from(epoch) << 32 | 1 << 31 | u64::from(batch)));
    for (index, (&sample, out)) in chosen.iter().zip(images.chunks_exact_mut(pixels)).enumerate() {
        let kept = &set.train[sample].picture;
        // Progressive resizing: sampling every second pixel or so would be noise, so the picture is what a set for this
        // size would have kept.
        let smaller = (size < config.data.size).then(|| shrink(kept, train_side(size)));
        let picture = smaller.as_ref().unwrap_or(kept);
        let mut rng = stream(config.seed, Purpose::Augment, position(index));
        let view = augment::draw(config.recipe.augment, picture, crop, &mut rng);
        augment::render(picture, &view, size, out);
    }
    let mix = (config.recipe.mixup > 0.0).then(|| {
        let mut rng = stream(config.seed, Purpose::Mixup, position(0));
        let mix = mixup::draw(chosen.len(), config.recipe.mixup, &mut rng);
        mixup::blend(&mut images, pixels, &mix);
        mix
    });
    Batch { images, size, labels: chosen.iter().map(|&sample| set.train[sample].label).collect(), mix }
}

/// Validation batch `batch`: middle squares, nothing random; the last one may be short.
pub fn valid_batch(set: &DataSet, bs: u32, batch: u32, size: u32) -> Batch {
    let from = (batch * bs) as usize;
    let samples = &set.valid[from.min(set.valid.len())..(from + bs as usize).min(set.valid.len())];
    let mut images = vec![0.0; samples.len() * (3 * size * size) as usize];
    for (sample, out) in samples.iter().zip(images.chunks_exact_mut((3 * size * size) as usize)) {
        augment::whole(&sample.picture, size, out);
    }
    Batch { images, size, labels: samples.iter().map(|sample| sample.label).collect(), mix: None }
}

/// Validation batch `batch` as the training augmentation shows it in pass `pass` of test-time augmentation.
pub fn tta_batch(set: &DataSet, config: &RunConfig, pass: u32, batch: u32, size: u32) -> Batch {
    let bs = config.recipe.bs as usize;
    let from = batch as usize * bs;
    let samples = &set.valid[from.min(set.valid.len())..(from + bs).min(set.valid.len())];
    let pixels = (3 * size * size) as usize;
    let mut images = vec![0.0; samples.len() * pixels];
    let position = |index: usize| u64::from(pass) << 32 | (from + index) as u64;
    let crop = BatchCrop::draw(&mut stream(config.seed, Purpose::Tta, u64::from(pass) << 32 | 1 << 31 | u64::from(batch)));
    for (index, (sample, out)) in samples.iter().zip(images.chunks_exact_mut(pixels)).enumerate() {
        let mut rng = stream(config.seed, Purpose::Tta, position(index));
        let view = augment::draw(config.recipe.augment, &sample.picture, crop, &mut rng);
        augment::render(&sample.picture, &view, size, out);
    }
    Batch { images, size, labels: samples.iter().map(|sample| sample.label).collect(), mix: None }
}
