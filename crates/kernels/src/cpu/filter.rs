//! The geometry of a convolution along one axis: which input pixel meets which output pixel through
//! which tap of the filter.
//!
//! A *tap* is one position of the filter, from 0 to `ks − 1`. Output pixel `o` sees through tap `t`
//! the input pixel `o · stride + t − padding`, where the padding is `(ks − 1) / 2`, fastai's choice
//! for odd filters. The padding is never stored: a tap outside of the input is left out.

/// A square filter with an odd side, padded so that stride 1 keeps the size of the feature map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    /// Side of the filter in pixels (the kernel size).
    pub ks: usize,
    /// Step of the filter between two output pixels.
    pub stride: usize,
}

impl Filter {
    /// The filter of a weight with these dimensions.
    ///
    /// # Shapes
    /// Weight: `[co, ci, ks, ks]`
    pub fn of_weight([_, _, ks, _]: [usize; 4], stride: usize) -> Self {
        Self { ks, stride }
    }

    /// Number of zero pixels around each edge of the input.
    fn pad(self) -> usize {
        (self.ks - 1) / 2
    }

    /// Height (or width) of the output, for an input of height (or width) `side`.
    pub fn output_side(self, side: usize) -> usize {
        (side + 2 * self.pad()).saturating_sub(self.ks) / self.stride + 1
    }

    /// The input's row (or column) that the output's row `output` sees through tap `tap`; `None` if
    /// it lies outside of the input, whose height is `side`.
    pub fn input_index(self, output: usize, tap: usize, side: usize) -> Option<usize> {
        (output * self.stride + tap).checked_sub(self.pad()).filter(|&input| input < side)
    }

    /// The output's row (or column) that sees the input's row `input` through tap `tap`; `None` if
    /// no row does. `side` is the height of the output. This is the inverse of
    /// [`Self::input_index`].
    pub fn output_index(self, input: usize, tap: usize, side: usize) -> Option<usize> {
        let scaled = (input + self.pad()).checked_sub(tap)?;
        (scaled.is_multiple_of(self.stride) && scaled / self.stride < side)
            .then_some(scaled / self.stride)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_index_inverts_input_index() {
        for ks in [1, 3, 5, 7] {
            for stride in [1, 2] {
                let filter = Filter { ks, stride };
                for side in 1..12 {
                    let output = filter.output_side(side);
                    assert_eq!(output, side.div_ceil(stride), "{filter:?} on {side}");
                    for (at, tap) in (0..output).flat_map(|at| (0..ks).map(move |tap| (at, tap))) {
                        if let Some(seen) = filter.input_index(at, tap, side) {
                            assert_eq!(filter.output_index(seen, tap, output), Some(at));
                        }
                    }
                    let forth = (0..output).flat_map(|at| {
                        (0..ks).filter_map(move |tap| filter.input_index(at, tap, side))
                    });
                    let back = (0..side).flat_map(|at| {
                        (0..ks).filter_map(move |tap| filter.output_index(at, tap, output))
                    });
                    assert_eq!(forth.count(), back.count());
                }
            }
        }
    }
}
