//! A picture on its way into a batch on the GPU.

/// How one picture of a batch is sampled.
#[derive(Clone, Copy, Debug)]
pub struct SampledPicture<'a> {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height * 3` bytes, rows from top to bottom.
    pub rgb: &'a [u8],
    /// Projective map from pixels of the output to pixels of the picture, row-major 3×3.
    pub map: [f64; 9],
    /// Added to the logit of every value, and its factor afterwards; `None` leaves the light as it
    /// is.
    pub light: Option<(f64, f64)>,
    /// Mixup's partner in the batch, and this picture's own share.
    pub mix: Option<(usize, f32)>,
}
