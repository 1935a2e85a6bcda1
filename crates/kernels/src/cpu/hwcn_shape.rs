//! The memory layout of the CPU's feature maps: HWCN, the batch dimension innermost.
//!
//! A float is addressed as `[row][column][channel][image]`. The batch is padded with zeros to whole
//! vectors, so that each vector holds the same channel of the same pixel of neighbouring images:
//!
//! ```text
//! index(n, c, y, x) = ((y · width + x) · channels + c) · padded_n + n
//! ```
//!
//! This is why a convolution needs no column matrix (im2col), no special case at borders and no
//! scattered reads, whatever its stride, and why a map of 2×2 pixels runs as efficiently as one of
//! 32×32: the vectors run over the batch, never over columns. The layout `CHWN` of cuda-convnet and
//! Neon rests on the same idea; here the channels lie inside the pixels, because the inner loop of
//! a convolution walks over them.

use crate::cpu::simd::MAX_LANES;

/// The shape of a batch of feature maps, `[n, c, h, w]`, stored as `[h][w][c][padded n]`. The
/// padding always holds zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HwcnShape {
    /// Batch size.
    pub n: usize,
    /// Number of channels.
    pub c: usize,
    /// Height in pixels.
    pub h: usize,
    /// Width in pixels.
    pub w: usize,
}

impl HwcnShape {
    /// Batch size rounded up to whole SIMD vectors; also the channel stride, in floats.
    pub fn padded_n(self) -> usize {
        self.n.next_multiple_of(MAX_LANES)
    }

    /// Distance from one pixel to the next, in floats.
    pub fn pixel_stride(self) -> usize {
        self.c * self.padded_n()
    }

    /// Number of pixels of one image.
    pub fn pixels(self) -> usize {
        self.h * self.w
    }

    /// Number of floats in memory, padding included.
    pub fn len(self) -> usize {
        self.pixels() * self.pixel_stride()
    }
}
