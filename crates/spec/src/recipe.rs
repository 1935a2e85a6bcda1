//! How a network is trained.

use crate::keys::choices;

/// What happens to a training picture before the network sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Augment {
    /// The whole square, as in validation.
    None,
    /// A random crop of at least 35 % of the area, and a mirror image half of the time.
    #[default]
    CropFlip,
    /// fastai's `aug_transforms`: crop, flip, rotate, zoom, warp, light.
    Full,
}

choices!(Augment { None => "none", CropFlip => "crop-flip", Full => "full" });

/// How learning rate and momentum move over the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Schedule {
    /// fastai's `fit_one_cycle`.
    #[default]
    OneCycle,
    /// fastai's `fit_flat_cos`.
    FlatCos,
}

choices!(Schedule { OneCycle => "one-cycle", FlatCos => "flat-cos" });

/// The recipe.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recipe {
    /// Passes over the training pictures.
    pub epochs: u32,
    /// Pictures a batch.
    pub bs: u32,
    /// Highest learning rate.
    pub lr: f64,
    /// Decoupled weight decay; norms and biases are spared.
    pub wd: f64,
    /// Mixup's alpha; 0 turns it off.
    pub mixup: f64,
    /// Label smoothing's epsilon; 0 turns it off.
    pub smoothing: f64,
    /// Augmentation.
    pub augment: Augment,
    /// Schedule.
    pub schedule: Schedule,
    /// Batches whose gradients are averaged before a step.
    pub accumulate: u32,
    /// Smaller sizes to train at first, in pixels; the run's epochs are shared out evenly. Empty:
    /// one size only.
    pub grow: Vec<u32>,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            epochs: 5,
            bs: 64,
            lr: 6e-3,
            wd: 1e-2,
            mixup: 0.0,
            smoothing: 0.1,
            augment: Augment::CropFlip,
            schedule: Schedule::OneCycle,
            accumulate: 1,
            grow: Vec::new(),
        }
    }
}
