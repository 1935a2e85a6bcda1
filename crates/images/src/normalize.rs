//! ImageNet's statistics, which pictures are normalised with.

/// ImageNet's mean and deviation of red, green and blue, which fastai normalises with.
pub const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// See [`MEAN`].
pub const STD: [f32; 3] = [0.229, 0.224, 0.225];
