//! From a grid to one vector: the shapes through stride-2 layers, and what each kind of head makes
//! of the last grid.
//!
//! Source: chapters 13 and 14 of the fastai book: 3 × 3 convolutions with padding 1 and stride 2,
//! then either Flatten and a linear layer over all cells, or the mean of each channel and a linear
//! layer over the channels.

/// Channels of the chapter's first network, from the picture to its last grid.
pub const BOOK_CHANNELS: [usize; 6] = [3, 16, 32, 64, 128, 256];

/// Picture sizes the demo offers, in pixels.
pub const SIZES: [usize; 7] = [64, 96, 128, 160, 192, 224, 256];

/// One picture's activations: channels, rows, columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridShape {
    /// Channels.
    pub channels: usize,
    /// Rows, as many as columns.
    pub side: usize,
}

impl GridShape {
    /// Numbers in all: the length of the vector that Flatten would make.
    pub fn flattened(self) -> usize {
        self.channels * self.side * self.side
    }
}

/// The side after one 3 × 3 convolution with padding 1 and stride 2: `floor((side + 2 - 3) / 2) +
/// 1`, that is half, rounded up.
pub fn stride_two(side: usize) -> usize {
    side.div_ceil(2)
}

/// The shape before the first layer and after each, for `channels` = \[in, after layer 1, after
/// layer 2, …\].
pub fn shapes(side: usize, channels: &[usize]) -> Vec<GridShape> {
    let sides = std::iter::successors(Some(side), |&side| Some(stride_two(side)));
    channels.iter().zip(sides).map(|(&channels, side)| GridShape { channels, side }).collect()
}

/// Stride-2 layers until one cell is left: chapter 13's way. Nothing for a picture without pixels.
pub fn layers_to_one_cell(side: usize) -> usize {
    std::iter::successors(Some(side), |&side| Some(stride_two(side)))
        .take_while(|&side| side > 1)
        .count()
}

/// How the last grid becomes scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// Flatten, then a linear layer with a weight for every cell of every channel.
    Flatten,
    /// The mean of each channel, then a linear layer with a weight for every channel.
    Average,
}

/// Why a trained head cannot read a picture of another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the linear layer was made for {expected} inputs, but this picture leaves {found}: its weight \
     matrix has no rows for them. Train a new head for this size, or average the grid"
)]
pub struct Mismatch {
    /// Inputs the linear layer was made for.
    pub expected: usize,
    /// Inputs the picture leaves.
    pub found: usize,
}

impl Head {
    /// Length of the vector that the linear layer gets.
    pub fn inputs(self, last: GridShape) -> usize {
        match self {
            Head::Flatten => last.flattened(),
            Head::Average => last.channels,
        }
    }

    /// Weights of the linear layer, its biases not counted.
    pub fn weights(self, last: GridShape, classes: usize) -> usize {
        self.inputs(last) * classes
    }

    /// Whether a head trained on one last grid reads another: the length of its vector.
    ///
    /// # Errors
    /// [`Mismatch`] where the vector's length differs from that of training.
    pub fn read(self, trained: GridShape, now: GridShape) -> Result<usize, Mismatch> {
        let (expected, found) = (self.inputs(trained), self.inputs(now));
        if expected == found { Ok(found) } else { Err(Mismatch { expected, found }) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn half_rounded_up_is_the_formula() {
        for side in 1..=512_i64 {
            let formula = (side + 2 - 3).div_euclid(2) + 1;
            assert_eq!(stride_two(side as usize) as i64, formula);
        }
    }

    #[test]
    fn the_digits_of_chapter_thirteen() {
        let sides: Vec<_> =
            shapes(28, &[1, 4, 8, 16, 32, 2]).iter().map(|shape| shape.side).collect();
        assert_eq!(sides, [28, 14, 7, 4, 2, 1]);
        assert_eq!(layers_to_one_cell(28), 5);
    }

    #[test]
    fn the_photographs_of_chapter_fourteen() {
        assert_eq!(shapes(128, &BOOK_CHANNELS).last(), Some(&GridShape { channels: 256, side: 4 }));
        assert_eq!(shapes(224, &BOOK_CHANNELS).last(), Some(&GridShape { channels: 256, side: 7 }));
        assert_eq!(layers_to_one_cell(128), 7);
        assert_eq!(layers_to_one_cell(224), 8);
        assert_eq!((layers_to_one_cell(1), layers_to_one_cell(0)), (0, 0));
    }

    #[test]
    fn flattening_costs_and_breaks_the_mean_does_neither() {
        let last = |side| *shapes(side, &BOOK_CHANNELS).last().unwrap();
        assert_eq!(Head::Flatten.weights(last(128), 10), 40_960);
        assert_eq!(Head::Average.weights(last(128), 10), 2_560);
        let broken = Head::Flatten.read(last(128), last(160)).unwrap_err();
        assert_eq!(broken, Mismatch { expected: 4096, found: 6400 });
        assert!(broken.to_string().contains("4096") && broken.to_string().contains("6400"));
        for size in SIZES {
            assert_eq!(Head::Average.read(last(128), last(size)), Ok(256));
        }
    }
}
