//! How a network is trained.

use crate::best_epoch::{SaveEpoch, StopEarly};
use crate::settings::choice::choices;

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

choices!(Augment {
    None => "none", "None";
    CropFlip => "crop-flip", "Random crop and flip";
    Full => "full", "Full: also rotate, warp, light";
});

/// How learning rate and momentum move over the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Schedule {
    /// fastai's `fit_one_cycle`.
    #[default]
    OneCycle,
    /// fastai's `fit_flat_cos`.
    FlatCos,
}

choices!(Schedule {
    OneCycle => "one-cycle", "One cycle: up, then down";
    FlatCos => "flat-cos", "Flat, then a cosine down";
});

/// The settings of training: how long, how fast, and with which regularisation.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recipe {
    /// Passes over the training pictures.
    pub epochs: u32,
    /// Batch size.
    pub bs: u32,
    /// Highest learning rate of the schedule.
    pub lr: f64,
    /// Decoupled weight decay, which spares norms and biases.
    pub wd: f64,
    /// Alpha of Mixup's beta distribution (Zhang et al., 2018); 0 turns Mixup off.
    pub mixup: f64,
    /// Epsilon of label smoothing (Szegedy et al., 2016); 0 turns it off.
    pub smoothing: f64,
    /// The probability with which dropout sets a number of the averaged grid to 0 before the head,
    /// in training only (Srivastava et al., 2014); 0 turns it off.
    pub dropout: f64,
    /// How training pictures are augmented.
    pub augment: Augment,
    /// How learning rate and momentum move over the run.
    pub schedule: Schedule,
    /// Batches whose gradients are averaged before a step.
    pub accumulate: u32,
    /// Progressive resizing: smaller sizes in pixels to train at first. The run's epochs are shared
    /// out evenly among them and the full size; if empty, every epoch has the full size.
    pub grow: Vec<u32>,
    /// Whose network the run ends with.
    pub save: SaveEpoch,
    /// What ends the run before its last epoch.
    pub stop: StopEarly,
    /// After how many epochs that bring nothing better the run is stopped.
    pub patience: u32,
    /// By how much more than this the validation loss has to fall, or the accuracy to rise, to count
    /// as better.
    pub min_delta: f64,
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
            dropout: 0.0,
            augment: Augment::CropFlip,
            schedule: Schedule::OneCycle,
            accumulate: 1,
            grow: Vec::new(),
            save: SaveEpoch::Last,
            stop: StopEarly::Never,
            patience: 1,
            min_delta: 0.0,
        }
    }
}
