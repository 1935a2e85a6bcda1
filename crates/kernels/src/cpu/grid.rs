//! How the host's kernels keep a batch of grids: pictures innermost.

use crate::cpu::lanes::WIDTH;

/// `[h][w][c][pictures]`, padded pictures being zeros.
///
/// A vector holds the same channel of the same pixel of neighbouring pictures. So a convolution
/// needs neither columns nor borders nor scattered reads, whatever its stride, and a grid of 2×2 is
/// as quick as one of 32×32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// Pictures.
    pub n: usize,
    /// Channels.
    pub c: usize,
    /// Rows.
    pub h: usize,
    /// Columns.
    pub w: usize,
}

impl Grid {
    /// Pictures, with those that fill the last vector: floats from one channel to the next.
    pub fn lanes(self) -> usize {
        self.n.next_multiple_of(WIDTH)
    }

    /// Floats from one pixel to the next.
    pub fn pixel(self) -> usize {
        self.c * self.lanes()
    }

    /// Pixels of a picture.
    pub fn pixels(self) -> usize {
        self.h * self.w
    }

    /// Floats of all.
    pub fn len(self) -> usize {
        self.pixels() * self.pixel()
    }
}
