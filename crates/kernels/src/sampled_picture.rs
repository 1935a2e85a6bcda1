//! How a picture is sampled into a batch on the GPU.

/// A decoded picture, and how the GPU crops, warps, relights and mixes it on its way into a batch.
#[derive(Clone, Copy, Debug)]
pub struct SampledPicture<'a> {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The pixels: `width * height * 3` bytes, red, green and blue, row by row from the top.
    pub rgb: &'a [u8],
    /// Projective map from pixels of the output to pixels of the picture, a row-major 3×3 matrix.
    pub map: [f64; 9],
    /// Change of brightness and contrast: what is added to the logit of every value, and the
    /// factor that the sum is multiplied by; `None` leaves the light as it is.
    pub light: Option<(f64, f64)>,
    /// Mixup (Zhang et al. 2017, arXiv:1710.09412): the index of this picture's partner in the
    /// batch, and this picture's own share in the mix; `None` if it is not mixed.
    pub mix: Option<(usize, f32)>,
}
