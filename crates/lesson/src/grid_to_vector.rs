//! From a grid to a vector: the shapes after each stride-2 convolution, and the two kinds of heads
//! that turn the last grid into scores.
//!
//! Source: chapters 13 and 14 of *Deep Learning for Coders with fastai and PyTorch*. 3 × 3
//! convolutions with padding 1 and stride 2 are followed either by Flatten and a linear layer over
//! all cells, or by the mean of each channel and a linear layer over the channels.

/// Number of channels in chapter 14's first network: in the picture, then after each layer.
pub const BOOK_CHANNELS: [usize; 6] = [3, 16, 32, 64, 128, 256];

/// The picture sizes that the demo offers, in pixels.
pub const SIZES: [usize; 7] = [64, 96, 128, 160, 192, 224, 256];

/// The shape of one picture's activations: a number of square channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridShape {
    /// Number of channels.
    pub channels: usize,
    /// Number of rows, and of columns.
    pub side: usize,
}

impl GridShape {
    /// The total number of activations: the length of the vector after Flatten.
    pub fn flattened(self) -> usize {
        self.channels * self.side * self.side
    }
}

/// The side of the grid after a 3 × 3 convolution with padding 1 and stride 2:
/// `floor((side + 2 - 3) / 2) + 1`, which is half of `side`, rounded up.
pub fn stride_two(side: usize) -> usize {
    side.div_ceil(2)
}

/// The shapes before the first layer and after each layer. `channels` lists the number of channels
/// of the picture, and then those after each layer.
pub fn shapes(side: usize, channels: &[usize]) -> Vec<GridShape> {
    let sides = std::iter::successors(Some(side), |&side| Some(stride_two(side)));
    channels.iter().zip(sides).map(|(&channels, side)| GridShape { channels, side }).collect()
}

/// The number of stride-2 convolutions until a single cell is left, as in chapter 13; 0 for a
/// picture without pixels.
pub fn layers_to_one_cell(side: usize) -> usize {
    std::iter::successors(Some(side), |&side| Some(stride_two(side)))
        .take_while(|&side| side > 1)
        .count()
}

/// How the head of a network turns the last grid into the input of its linear layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// By flattening it: the linear layer has a weight for every cell of every channel.
    Flatten,
    /// By averaging each channel: the linear layer has a weight for every channel.
    Average,
}

/// A trained head cannot be used with pictures of another size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the linear layer was made for {expected} inputs, but this picture leaves {found}: its weight \
     matrix has no rows for them. Train a new head for this size, or average the grid"
)]
pub struct HeadMismatch {
    /// Number of inputs of the trained linear layer.
    pub expected: usize,
    /// Number of inputs that the picture gives it.
    pub found: usize,
}

impl Head {
    /// The length of the vector that goes into the linear layer.
    pub fn inputs(self, last: GridShape) -> usize {
        match self {
            Head::Flatten => last.flattened(),
            Head::Average => last.channels,
        }
    }

    /// The number of weights of the linear layer, without its biases.
    pub fn weights(self, last: GridShape, classes: usize) -> usize {
        self.inputs(last) * classes
    }

    /// The length of the vector that goes into the linear layer, if a head that was trained on the
    /// grid `trained` can be used with the grid `now`.
    ///
    /// # Errors
    /// [`HeadMismatch`] if the vector does not have the same length as in training.
    pub fn check_input(self, trained: GridShape, now: GridShape) -> Result<usize, HeadMismatch> {
        let (expected, found) = (self.inputs(trained), self.inputs(now));
        if expected == found { Ok(found) } else { Err(HeadMismatch { expected, found }) }
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
        let broken = Head::Flatten.check_input(last(128), last(160)).unwrap_err();
        assert_eq!(broken, HeadMismatch { expected: 4096, found: 6400 });
        assert!(broken.to_string().contains("4096") && broken.to_string().contains("6400"));
        for size in SIZES {
            assert_eq!(Head::Average.check_input(last(128), last(size)), Ok(256));
        }
    }
}
