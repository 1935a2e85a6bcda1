//! What an implicit matrix product knows when it is compiled: the filter, the tile of a unit, and
//! which pixels of the source the pixels of a tile see.
//!
//! Along each axis a tile of the target sees a *window* of the source. Positions are counted from
//! the start of that window: [`GemmShape::source_index`] says where in the window a pixel of the
//! tile meets a tap of the filter.
//!
//! In the forward pass pixel `p` and tap `t` meet at source pixel `p · stride + t − pad`. In the
//! gradient of the input the roles are reversed: they meet at `(p + pad − t) / stride`, if that is
//! a whole number. So there are `stride` kinds of pixels (phases), each of which sees other taps; a
//! tile has pixels of all phases, so that no unit multiplies by zeros.

/// The compile-time constants of an implicit matrix product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct GemmShape {
    /// Side of the filter.
    pub ks: usize,
    /// Stride of the convolution.
    pub stride: usize,
    /// Number of zero pixels around each edge of the convolution's input.
    pub pad: usize,
    /// Whether this is the gradient of the input: the source is the gradient of the output then,
    /// and the filter is read backwards.
    pub transposed: bool,
    /// Output channels of a tile, a multiple of 4.
    pub rows: usize,
    /// Pixels of a tile, one below another in each of its columns; a multiple of `stride` for a
    /// gradient.
    pub pixels: usize,
    /// Whether a cube works on one block of output channels, whose number is the cube's second; or
    /// else its units are numbered by tile first and by block second.
    pub uniform_rows: bool,
}

impl GemmShape {
    /// Neighbouring columns of pixels in a tile: one, or for a gradient one for each phase.
    pub(crate) fn columns(self) -> usize {
        if self.transposed { self.stride } else { 1 }
    }

    /// Where in the tile's window, along one axis, pixel `tile_pixel` of the tile meets `tap`;
    /// `None` if they do not meet.
    pub(crate) fn source_index(self, tile_pixel: usize, tap: usize) -> Option<usize> {
        if !self.transposed {
            return Some(tile_pixel * self.stride + tap);
        }
        let scaled = (tile_pixel + self.pad + self.lead() * self.stride).checked_sub(tap)?;
        scaled.is_multiple_of(self.stride).then_some(scaled / self.stride)
    }

    /// How far in front of the tile's own place in the source its window starts, in pixels.
    pub(crate) fn lead(self) -> usize {
        if self.transposed { (self.ks - 1 - self.pad) / self.stride } else { self.pad }
    }

    /// Size of the window, along one axis, of so many neighbouring pixels.
    pub(crate) fn extent(self, pixels: usize) -> usize {
        if self.transposed {
            (pixels - 1 + self.pad) / self.stride + self.lead() + 1
        } else {
            (pixels - 1) * self.stride + self.ks
        }
    }

    /// Whether any column of a tile meets `tap` at this position of the window.
    pub(crate) fn uses(self, tap: usize, index: usize) -> bool {
        (0..self.columns())
            .any(|source_column| self.source_index(source_column, tap) == Some(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each pixel of a tile meets exactly those source pixels that it meets in a convolution, or in
    /// its transpose.
    #[test]
    fn tiles_see_what_a_convolution_sees() {
        for (ks, stride) in [(1, 1), (1, 2), (3, 1), (3, 2), (5, 1), (5, 2), (7, 2), (3, 3)] {
            let pad = (ks - 1) / 2;
            for transposed in [false, true] {
                let pixels = 2 * stride;
                let shape =
                    GemmShape { ks, stride, pad, transposed, rows: 4, pixels, uniform_rows: false };
                // The window of the tile at this pixel of the target starts at `begin` in the
                // source.
                let target = 5 * stride;
                let begin = if transposed { target / stride } else { target * stride } as i64
                    - shape.lead() as i64;
                for tile_pixel in 0..shape.pixels {
                    for tap in 0..ks {
                        let [pixel, tap_at, pad_by, step] =
                            [target + tile_pixel, tap, pad, stride].map(|number| number as i64);
                        let wanted = if transposed {
                            let scaled = pixel + pad_by - tap_at;
                            (scaled % step == 0).then_some(scaled / step)
                        } else {
                            Some(pixel * step - pad_by + tap_at)
                        };
                        assert_eq!(
                            shape.source_index(tile_pixel, tap).map(|index| begin + index as i64),
                            wanted,
                            "{shape:?} {tile_pixel} {tap}"
                        );
                        assert!(
                            shape
                                .source_index(tile_pixel, tap)
                                .is_none_or(|index| index < shape.extent(shape.pixels))
                        );
                    }
                }
            }
        }
    }
}
