//! Batches: which pictures, in which order, as numbers for a network.
//!
//! Everything random is a pure function of the seed, the epoch and the picture's position in the
//! epoch, so that a run gives the same batches however often it is interrupted.

use std::borrow::Cow;

use rand::seq::SliceRandom;
use resnette_picture::Picture;
use resnette_spec::RunConfig;
use resnette_spec::random::{Purpose, stream};

use crate::augment::{BatchCrop, SampleTransform};
use crate::cutmix::Cut;
use crate::dataset::{Dataset, Sample};
use crate::erase::Erased;
use crate::mixup;
use crate::parallel::{for_each_chunk, map};
use crate::render::{render, render_centre_crop};
use crate::view::View;

/// A batch that is ready for the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The normalised pictures, `[n, 3, size, size]` (NCHW).
    pub images: Vec<f32>,
    /// Height and width of a picture in pixels.
    pub size: u32,
    /// The label of each picture.
    pub labels: Vec<u32>,
    /// Each picture's partner in Mixup or CutMix, as an index into the batch, and its own share;
    /// `None` without either.
    pub mix: Option<Vec<(usize, f32)>>,
}

/// The training pictures' indices in the order in which an epoch uses them.
pub fn epoch_order(pictures: usize, seed: u32, epoch: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..pictures).collect();
    order.shuffle(&mut stream(seed, Purpose::Order, u64::from(epoch)));
    order
}

/// A training batch whose random transforms are drawn but not yet applied.
///
/// The CPU applies them in [`PlannedBatch::render`], and a GPU does the same in a kernel.
#[derive(Clone, Debug)]
pub struct PlannedBatch<'a> {
    /// The pictures that are sampled: as the data set keeps them, or what was cut out of them.
    pub pictures: Vec<Cow<'a, Picture>>,
    /// The transform of each picture.
    pub transforms: Vec<SampleTransform>,
    /// Height and width of the rendered pictures in pixels.
    pub size: u32,
    /// The label of each picture.
    pub labels: Vec<u32>,
    /// The rectangle that becomes noise once the pictures are normalised; `None` if none does.
    pub erased: Option<Erased>,
    /// How pictures are mixed after that; `None` if they are not.
    pub mix: Option<Mix>,
}

/// How the pictures of a batch are mixed with each other.
#[derive(Clone, Debug, PartialEq)]
pub enum Mix {
    /// Mixup: each picture's partner, as an index into the batch, and its λ.
    Blend(Vec<(usize, f32)>),
    /// CutMix.
    Cut(Cut),
}

impl Mix {
    /// Each picture's partner, as an index into the batch, and the share of its own label.
    pub fn shares(&self) -> &[(usize, f32)] {
        match self {
            Self::Blend(mix) | Self::Cut(Cut { mix, .. }) => mix,
        }
    }
}

impl PlannedBatch<'_> {
    /// Applies the transforms, normalises the pictures, erases a part of them and mixes them with
    /// their partners, in fastai's order.
    pub fn render(self) -> Batch {
        let size = self.size;
        let picture_len = picture_len(size);
        let mut images = vec![0.0; self.pictures.len() * picture_len];
        for_each_chunk(&mut images, picture_len, |index, out| {
            render(&self.pictures[index], &self.transforms[index], size, out);
        });
        if let Some(erased) = &self.erased {
            erased.apply(&mut images, size);
        }
        match &self.mix {
            Some(Mix::Blend(mix)) => mixup::blend(&mut images, picture_len, mix),
            Some(Mix::Cut(cut)) => cut.apply(&mut images, size),
            None => {}
        }
        let mix = self.mix.map(|mix| mix.shares().to_vec());
        Batch { images, size, labels: self.labels, mix }
    }
}

/// Training batch number `batch` of `epoch`, augmented and mixed, at `size` pixels a side.
///
/// `order` is what [`epoch_order`] returns.
pub fn train_batch(
    dataset: &Dataset,
    config: &RunConfig,
    order: &[usize],
    epoch: u32,
    batch: u32,
    size: u32,
) -> Batch {
    plan_train_batch(dataset, config, order, epoch, batch, size).render()
}

/// The batch of [`train_batch`] before its random transforms are applied.
pub fn plan_train_batch<'a>(
    dataset: &'a Dataset,
    config: &RunConfig,
    order: &[usize],
    epoch: u32,
    batch: u32,
    size: u32,
) -> PlannedBatch<'a> {
    let bs = config.recipe.bs as usize;
    let chosen = batch_slice(order, batch as usize * bs, bs);
    let samples: Vec<&Sample> = chosen.iter().map(|&sample| &dataset.train[sample]).collect();
    plan_batch(&samples, config, epoch, batch, size)
}

/// The batch of [`plan_train_batch`], given its pictures in their order.
pub fn plan_batch<'a>(
    samples: &[&'a Sample],
    config: &RunConfig,
    epoch: u32,
    batch: u32,
    size: u32,
) -> PlannedBatch<'a> {
    let start = batch as usize * config.recipe.bs as usize;
    let crop =
        BatchCrop::random(&mut stream(config.seed, Purpose::Augment, crop_position(epoch, batch)));
    let views = map(samples, |index, &sample| {
        // Each picture has a random stream of its own, so that what is drawn for one does not
        // depend on the others.
        let mut rng = stream(config.seed, Purpose::Augment, picture_position(epoch, start + index));
        View::random(&config.recipe, &sample.picture, size, crop, &mut rng)
    });
    let (pictures, transforms) =
        views.into_iter().map(|view| (view.picture, view.transform)).unzip();
    let recipe = &config.recipe;
    let rng = |purpose| stream(config.seed, purpose, picture_position(epoch, start));
    let erased = if recipe.erase > 0.0 {
        Erased::random(recipe.erase, size, &mut rng(Purpose::Erase))
    } else {
        None
    };
    let mix = if recipe.mixup > 0.0 {
        let mix = mixup::random_partners(samples.len(), recipe.mixup, &mut rng(Purpose::Mixup));
        Some(Mix::Blend(mix))
    } else if recipe.cutmix > 0.0 {
        let cut = Cut::random(samples.len(), size, recipe.cutmix, &mut rng(Purpose::CutMix));
        Some(Mix::Cut(cut))
    } else {
        None
    };
    PlannedBatch { pictures, transforms, size, labels: labels(samples), erased, mix }
}

/// Validation batch number `batch`: the squares that the set keeps, without anything random. The
/// last batch may be smaller than `bs`.
pub fn valid_batch(dataset: &Dataset, bs: u32, batch: u32, size: u32) -> Batch {
    let samples = batch_slice(&dataset.valid, (batch * bs) as usize, bs as usize);
    valid_batch_of(&samples.iter().collect::<Vec<_>>(), size)
}

/// The batch of [`valid_batch`], given its pictures in their order.
pub fn valid_batch_of(samples: &[&Sample], size: u32) -> Batch {
    let picture_len = picture_len(size);
    let mut images = vec![0.0; samples.len() * picture_len];
    for_each_chunk(&mut images, picture_len, |index, out| {
        render_centre_crop(&samples[index].picture, size, out);
    });
    Batch { images, size, labels: labels(samples), mix: None }
}

/// Validation batch number `batch` with the training augmentation, in pass `pass` of test-time
/// augmentation: of the whole pictures, if the set keeps them.
pub fn tta_batch(dataset: &Dataset, config: &RunConfig, pass: u32, batch: u32, size: u32) -> Batch {
    let bs = config.recipe.bs as usize;
    let start = batch as usize * bs;
    let samples: Vec<&Sample> = batch_slice(&dataset.valid, start, bs).iter().collect();
    let picture_len = picture_len(size);
    let mut images = vec![0.0; samples.len() * picture_len];
    let crop =
        BatchCrop::random(&mut stream(config.seed, Purpose::Tta, crop_position(pass, batch)));
    for_each_chunk(&mut images, picture_len, |index, out| {
        let mut rng = stream(config.seed, Purpose::Tta, picture_position(pass, start + index));
        let kept = augmented(samples[index], config);
        let view = View::random(&config.recipe, kept, size, crop, &mut rng);
        render(&view.picture, &view.transform, size, out);
    });
    Batch { images, size, labels: labels(&samples), mix: None }
}

/// What test-time augmentation augments: as in fastai the whole picture, where the augmentation
/// wants that and the set keeps it; else the square that validation sees.
fn augmented<'a>(sample: &'a Sample, config: &RunConfig) -> &'a Picture {
    let wants_whole = config.recipe.keep().whole_for_validation();
    sample.whole.as_ref().filter(|_| wants_whole).unwrap_or(&sample.picture)
}

/// How many numbers a picture of `size` pixels a side has.
fn picture_len(size: u32) -> usize {
    (3 * size * size) as usize
}

/// The items of the batch that begins at `start`; fewer than `bs` at the end.
pub fn batch_slice<T>(items: &[T], start: usize, bs: usize) -> &[T] {
    &items[start.min(items.len())..(start + bs).min(items.len())]
}

fn labels(samples: &[&Sample]) -> Vec<u32> {
    samples.iter().map(|sample| sample.label).collect()
}

/// The position, in a random stream, of the picture at `index` of an epoch or pass.
fn picture_position(epoch: u32, index: usize) -> u64 {
    u64::from(epoch) << 32 | index as u64
}

/// The position, in a random stream, of a batch's crop. Bit 31 keeps it apart from those of
/// pictures.
fn crop_position(epoch: u32, batch: u32) -> u64 {
    u64::from(epoch) << 32 | 1 << 31 | u64::from(batch)
}
