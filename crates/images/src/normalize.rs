//! The statistics that pixels are normalised with: `(value / 255 − MEAN) / STD`.
//!
//! They are ImageNet's, as in fastai's `imagenet_stats` and torchvision's pretrained models.

/// The mean of red, green and blue over ImageNet, with pixel values from 0 to 1.
pub const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// The standard deviation of red, green and blue over ImageNet, with pixel values from 0 to 1.
pub const STD: [f32; 3] = [0.229, 0.224, 0.225];
