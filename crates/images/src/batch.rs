//! Batches: which pictures, in which order, as numbers.

use std::borrow::Cow;

use rand::seq::SliceRandom;
use resnette_picture::Picture;
use resnette_spec::RunConfig;
use resnette_spec::random::{Purpose, stream};

use crate::augment::{BatchCrop, View};
use crate::set::{DataSet, train_side};
use crate::square::shrink;
use crate::{augment, mixup};

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

/// Full batches in an epoch: the last partial one is dropped, as in the book, unless it is the only
/// one.
pub fn full_batches(pictures: usize, bs: u32) -> u32 {
    (pictures as u32 / bs).max(u32::from(pictures > 0))
}

/// A batch of pictures that are not yet cut out and mixed: what the CPU does to them
/// ([`Views::render`]), a GPU does by itself.
#[derive(Clone, Debug)]
pub struct Views<'a> {
    /// The pictures as they are kept.
    pub pictures: Vec<Cow<'a, Picture>>,
    /// How each is seen.
    pub views: Vec<View>,
    /// Side of what comes out, in pixels.
    pub size: u32,
    /// Classes.
    pub labels: Vec<u32>,
    /// Mixup's partners and shares, where it is on.
    pub mix: Option<Vec<(usize, f32)>>,
}

impl Views<'_> {
    /// The batch, augmented, normalised and mixed.
    pub fn render(self) -> Batch {
        let size = self.size;
        let pixels = (3 * size * size) as usize;
        let mut images = vec![0.0; self.pictures.len() * pixels];
        for ((picture, view), out) in
            self.pictures.iter().zip(&self.views).zip(images.chunks_exact_mut(pixels))
        {
            augment::render(picture, view, size, out);
        }
        if let Some(mix) = &self.mix {
            mixup::blend(&mut images, pixels, mix);
        }
        Batch { images, size, labels: self.labels, mix: self.mix }
    }
}

/// Training batch `batch` of `epoch`, augmented and mixed, at `size` pixels.
pub fn train_batch(
    set: &DataSet,
    config: &RunConfig,
    order: &[usize],
    epoch: u32,
    batch: u32,
    size: u32,
) -> Batch {
    train_views(set, config, order, epoch, batch, size).render()
}

/// The same batch, with all that happens to it drawn but not yet done.
pub fn train_views<'a>(
    set: &'a DataSet,
    config: &RunConfig,
    order: &[usize],
    epoch: u32,
    batch: u32,
    size: u32,
) -> Views<'a> {
    let bs = config.recipe.bs as usize;
    let from = batch as usize * bs;
    let chosen = &order[from.min(order.len())..(from + bs).min(order.len())];
    // One stream a picture: whether one picture is flipped does not change what happens to the
    // next.
    let position = |index: usize| u64::from(epoch) << 32 | (from + index) as u64;
    let crop = BatchCrop::draw(&mut stream(
        config.seed,
        Purpose::Augment,
        u64::from(epoch) << 32 | 1 << 31 | u64::from(batch),
    ));
    let seen = chosen.iter().enumerate().map(|(index, &sample)| {
        let kept = &set.train[sample].picture;
        // Progressive resizing: sampling every second pixel or so would be noise, so the picture is
        // what a set for this size would have kept.
        let picture = if size < config.data.size {
            Cow::Owned(shrink(kept, train_side(size)))
        } else {
            Cow::Borrowed(kept)
        };
        let mut rng = stream(config.seed, Purpose::Augment, position(index));
        let view = augment::draw(config.recipe.augment, &picture, crop, &mut rng);
        (picture, view)
    });
    let (pictures, views) = seen.unzip();
    let mix = (config.recipe.mixup > 0.0).then(|| {
        let mut rng = stream(config.seed, Purpose::Mixup, position(0));
        mixup::draw(chosen.len(), config.recipe.mixup, &mut rng)
    });
    Views {
        pictures,
        views,
        size,
        labels: chosen.iter().map(|&sample| set.train[sample].label).collect(),
        mix,
    }
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

/// Validation batch `batch` as the training augmentation shows it in pass `pass` of test-time
/// augmentation.
pub fn tta_batch(set: &DataSet, config: &RunConfig, pass: u32, batch: u32, size: u32) -> Batch {
    let bs = config.recipe.bs as usize;
    let from = batch as usize * bs;
    let samples = &set.valid[from.min(set.valid.len())..(from + bs).min(set.valid.len())];
    let pixels = (3 * size * size) as usize;
    let mut images = vec![0.0; samples.len() * pixels];
    let position = |index: usize| u64::from(pass) << 32 | (from + index) as u64;
    let crop = BatchCrop::draw(&mut stream(
        config.seed,
        Purpose::Tta,
        u64::from(pass) << 32 | 1 << 31 | u64::from(batch),
    ));
    for (index, (sample, out)) in samples.iter().zip(images.chunks_exact_mut(pixels)).enumerate() {
        let mut rng = stream(config.seed, Purpose::Tta, position(index));
        let view = augment::draw(config.recipe.augment, &sample.picture, crop, &mut rng);
        augment::render(&sample.picture, &view, size, out);
    }
    Batch { images, size, labels: samples.iter().map(|sample| sample.label).collect(), mix: None }
}
