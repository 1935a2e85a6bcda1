//! How a network is trained.

use crate::epoch_choice::{SaveEpoch, StopEarly};
use crate::settings::choice::choices;
use crate::source::{Keep, MIN_CROP_AREA, ResizeMethod, Room};

/// What happens to a training picture before the network sees it, and how it is seen in validation.
///
/// Links spell the newest version `crop-flip` and `full` or with its number. Programs before
/// version 2 knew nothing of numbers, so that what they kept means the first version:
/// [`read_kept_run`](crate::link::read_kept_run).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Augment {
    /// The whole square, as in validation.
    None,
    /// fastai's `RandomResizedCrop` and `FlipItem`: a random crop of at least 35 % of the whole
    /// picture, resized with antialiasing, and a mirror image half of the time.
    #[default]
    CropFlip,
    /// fastai's `Resize` and `aug_transforms`: a square at a random place, then flip, rotate, zoom
    /// and warp, then the batch's crop, then light.
    Full,
    /// The first version of [`Self::CropFlip`]: crops from a picture a quarter larger than the
    /// network's input, sampled at points; the middle square in validation.
    CropFlipV1,
    /// The first version of [`Self::Full`]: the batch's crop comes before flip, rotate, zoom and
    /// warp; the middle square in validation.
    FullV1,
}

choices!(Augment {
    None => "none", "None";
    CropFlip => "crop-flip-v2", "Random crop and flip";
    Full => "full-v2", "Full: also rotate, warp, light";
    CropFlipV1 => "crop-flip-v1", "Random crop and flip, first version";
    FullV1 => "full-v1", "Full, first version";
});

impl Augment {
    /// The value with this spelling in a link, where a name without a number means the newest
    /// version; `None` if there is none.
    pub fn from_link(name: &str) -> Option<Self> {
        match name {
            "crop-flip" => Some(Self::CropFlip),
            "full" => Some(Self::Full),
            name => Self::from_name(name),
        }
    }

    /// What a name without a number means in a link that a program before version 2 wrote; `None`
    /// for every other name.
    pub fn first_version(name: &str) -> Option<Self> {
        match name {
            "crop-flip" => Some(Self::CropFlipV1),
            "full" => Some(Self::FullV1),
            _ => None,
        }
    }
}

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

/// How much the classes count in the training loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ClassBalance {
    /// Every picture counts the same.
    #[default]
    None,
    /// Every class counts the same: a picture counts by the number of pictures that its class would
    /// have if all had as many, over the number that it has.
    Balanced,
}

choices!(ClassBalance {
    None => "none", "None: every picture counts the same";
    Balanced => "balanced", "Balanced: every class counts the same";
});

/// What makes a step out of gradients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Optimizer {
    /// fastai's `Adam`.
    #[default]
    Adam,
    /// fastai's `ranger`: RAdam (Liu et al., [arXiv:1908.03265](https://arxiv.org/abs/1908.03265))
    /// inside Lookahead (Zhang et al., [arXiv:1907.08610](https://arxiv.org/abs/1907.08610)).
    Ranger,
}

choices!(Optimizer {
    Adam => "adam", "Adam";
    Ranger => "ranger", "Ranger: RAdam and Lookahead";
});

impl Optimizer {
    /// Momentum where the schedule does not move it: fastai's defaults of `Adam` and `ranger`.
    pub fn mom(self) -> f64 {
        match self {
            Self::Adam => 0.9,
            Self::Ranger => 0.95,
        }
    }
}

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
    /// Alpha of CutMix's beta distribution (Yun et al., 2019); 0 turns CutMix off.
    pub cutmix: f64,
    /// The probability with which a rectangle of a batch's pictures becomes noise (random erasing,
    /// Zhong et al., 2017); 0 turns it off.
    pub erase: f64,
    /// Epsilon of label smoothing (Szegedy et al., 2016); 0 turns it off.
    pub smoothing: f64,
    /// How much the classes count in the training loss.
    pub weights: ClassBalance,
    /// The probability with which dropout sets a number of the averaged grid to 0 before the head,
    /// in training only (Srivastava et al., 2014); 0 turns it off.
    pub dropout: f64,
    /// How training pictures are augmented.
    pub augment: Augment,
    /// The smallest part of a picture's area that a random crop of [`Augment::CropFlip`] has:
    /// `min_scale` of fastai's `RandomResizedCrop`.
    pub min_scale: f64,
    /// What makes a square of a picture that is not one. First versions of an augmentation crop,
    /// whatever is said here: [`Self::keep`].
    pub resize: ResizeMethod,
    /// How learning rate and momentum move over the run.
    pub schedule: Schedule,
    /// What makes a step out of gradients.
    pub opt: Optimizer,
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
    /// By how much more than this the validation loss has to fall, or the accuracy to rise, to
    /// count as better.
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
            cutmix: 0.0,
            erase: 0.0,
            smoothing: 0.1,
            weights: ClassBalance::None,
            dropout: 0.0,
            augment: Augment::CropFlip,
            min_scale: MIN_CROP_AREA,
            resize: ResizeMethod::Auto,
            schedule: Schedule::OneCycle,
            opt: Optimizer::Adam,
            accumulate: 1,
            grow: Vec::new(),
            save: SaveEpoch::Last,
            stop: StopEarly::Never,
            patience: 1,
            min_delta: 0.0,
        }
    }
}

impl Recipe {
    /// Takes over from another recipe how pictures are kept, augmented and seen.
    pub fn see_as(&mut self, other: &Self) {
        (self.augment, self.min_scale, self.resize) =
            (other.augment, other.min_scale, other.resize);
    }

    /// How the pictures are kept that are trained on so, and which square of them validation sees.
    pub fn keep(&self) -> Keep {
        let method = |auto| match self.resize {
            ResizeMethod::Auto => auto,
            method => method,
        };
        let crop = method(ResizeMethod::Crop);
        match self.augment {
            Augment::None => Keep { method: crop, ..Keep::SQUARE },
            Augment::CropFlip => {
                let thousandths = (self.min_scale * 1000.0).round().clamp(1.0, 1000.0) as u16;
                Keep { room: Room::Crops(thousandths), method: method(ResizeMethod::Squish) }
            }
            Augment::Full => Keep { method: crop, ..Keep::BATCH },
            Augment::CropFlipV1 | Augment::FullV1 => Keep::SQUARE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_run;

    #[test]
    fn pictures_are_kept_as_augmentation_and_resizing_want_them() {
        let keep = |settings| read_run(settings).0.recipe.keep();
        for (settings, wanted) in [
            ("augment=none", Keep::SQUARE),
            ("augment=crop-flip", Keep::CROPS),
            ("augment=crop-flip&resize=squish", Keep::CROPS),
            ("augment=crop-flip&min_scale=0.35", Keep::CROPS),
            ("augment=full", Keep::BATCH),
            ("augment=full&resize=crop&min_scale=0.1", Keep::BATCH),
            ("augment=none&resize=pad", Keep { method: ResizeMethod::Pad, ..Keep::SQUARE }),
            ("augment=full&resize=squish", Keep { method: ResizeMethod::Squish, ..Keep::BATCH }),
            ("resize=crop", Keep { method: ResizeMethod::Crop, ..Keep::CROPS }),
            ("min_scale=0.08", Keep { room: Room::Crops(80), ..Keep::CROPS }),
            ("augment=crop-flip-v1&resize=pad&min_scale=0.1", Keep::SQUARE),
            ("augment=full-v1&resize=squish", Keep::SQUARE),
        ] {
            assert_eq!(keep(settings), wanted, "{settings}");
        }
    }
}
