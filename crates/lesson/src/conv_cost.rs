//! What one convolution and one block cost: weights, parameters, multiply-adds, and how far a cell
//! sees.
//!
//! Source: chapter 14 of the fastai book: convolutions without bias, each followed by a batchnorm
//! (2 parameters a channel); the skip path has a 1 × 1 convolution only where the number of
//! channels changes. A multiply-add is one product and its addition; pooling, batchnorm and ReLU
//! are not counted, as is usual. Whole networks are summed up in [`resnette_engine::model`].

/// A convolution over square grids, padding `(ks - 1) / 2`, no bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Channels in.
    pub ni: usize,
    /// Filters, that is channels out.
    pub nf: usize,
    /// Side of the kernel, in cells.
    pub ks: usize,
    /// Step between places.
    pub stride: usize,
}

/// What layers cost for one picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Weights of the convolutions.
    pub weights: u64,
    /// Weights, and gamma and beta of the batchnorm behind each convolution.
    pub parameters: u64,
    /// Multiply-adds of one forward pass.
    pub multiply_adds: u64,
}

impl std::ops::Add for Cost {
    type Output = Cost;

    fn add(self, other: Cost) -> Cost {
        Cost {
            weights: self.weights.saturating_add(other.weights),
            parameters: self.parameters.saturating_add(other.parameters),
            multiply_adds: self.multiply_adds.saturating_add(other.multiply_adds),
        }
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Cost>>(costs: I) -> Cost {
        costs.fold(Cost::default(), |a, b| a + b)
    }
}

// Saturating, since the reader types the numbers.
fn product(factors: &[usize]) -> u64 {
    factors.iter().fold(1, |product, &factor| product.saturating_mul(factor as u64))
}

impl Conv {
    /// The convolution from `ni` to `nf` channels; a stride of 0 counts as 1.
    pub fn new(ni: usize, nf: usize, ks: usize, stride: usize) -> Self {
        Self { ni, nf, ks, stride: stride.max(1) }
    }

    /// `nf * ni * ks * ks`.
    pub fn weights(self) -> u64 {
        product(&[self.nf, self.ni, self.ks, self.ks])
    }

    /// The side of the grid that comes out, for an odd kernel: `side / stride`, rounded up.
    pub fn side_out(self, side: usize) -> usize {
        side.div_ceil(self.stride.max(1))
    }

    /// Every weight is used once at every place of the grid that comes out.
    pub fn multiply_adds(self, side: usize) -> u64 {
        let out = self.side_out(side);
        self.weights().saturating_mul(product(&[out, out]))
    }

    /// All three counts, for a grid of `side` × `side` going in.
    pub fn cost(self, side: usize) -> Cost {
        let weights = self.weights();
        let norm = product(&[2, self.nf]);
        Cost {
            weights,
            parameters: weights.saturating_add(norm),
            multiply_adds: self.multiply_adds(side),
        }
    }
}

/// Which convolutions a block is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// Two 3 × 3, the stride in the first.
    Plain,
    /// 1 × 1 to a quarter of the channels, 3 × 3 with the stride, 1 × 1 back.
    Bottleneck,
}

/// A block: its convolutions in order, and the one of its skip path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The convolutions of the main path.
    pub convs: Vec<Conv>,
    /// The 1 × 1 convolution of the skip path, where the number of channels changes. It runs after
    /// the average pool, on the grid that comes out.
    pub skip: Option<Conv>,
}

impl Block {
    /// A block from `ni` to `nf` channels. A bottleneck of fewer than four channels is one channel
    /// narrow.
    pub fn new(design: Design, ni: usize, nf: usize, stride: usize) -> Self {
        let narrow = (nf / 4).max(1);
        let convs = match design {
            Design::Plain => vec![Conv::new(ni, nf, 3, stride), Conv::new(nf, nf, 3, 1)],
            Design::Bottleneck => {
                vec![
                    Conv::new(ni, narrow, 1, 1),
                    Conv::new(narrow, narrow, 3, stride),
                    Conv::new(narrow, nf, 1, 1),
                ]
            }
        };
        Self { convs, skip: (ni != nf).then(|| Conv::new(ni, nf, 1, 1)) }
    }

    /// What the whole block costs, for a grid of `side` × `side` going in.
    pub fn cost(&self, side: usize) -> Cost {
        let mut here = side;
        let path: Cost = self
            .convs
            .iter()
            .map(|conv| {
                let cost = conv.cost(here);
                here = conv.side_out(here);
                cost
            })
            .sum();
        path + self.skip.map_or(Cost::default(), |conv| conv.cost(here))
    }
}

/// Both designs at the same channels and grid, stride 1: a point of the demo's curve.
pub fn plain_against_bottleneck(channels: usize, side: usize) -> (Cost, Cost) {
    let of = |design| Block::new(design, channels, channels, 1).cost(side);
    (of(Design::Plain), of(Design::Bottleneck))
}

/// The side of the picture that one cell sees after layers of `(kernel, stride)`.
///
/// Each layer adds `kernel - 1` steps, and a step is as long as the strides before it make it.
pub fn receptive_field(layers: &[(usize, usize)]) -> u64 {
    let (mut field, mut step) = (1_u64, 1_u64);
    for &(kernel, stride) in layers {
        field = field.saturating_add((kernel.max(1) as u64 - 1).saturating_mul(step));
        step = step.saturating_mul(stride.max(1) as u64);
    }
    field
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn hand_counts_of_the_chapter() {
        assert_eq!(Conv::new(3, 32, 3, 2).weights(), 864);
        assert_eq!(Conv::new(256, 512, 3, 2).weights(), 1_179_648);
        // The stem at 128 pixels: 864 weights at 64 × 64 places, then 9,216 and 18,432 at as many.
        let stem = [
            Conv::new(3, 32, 3, 2).cost(128),
            Conv::new(32, 32, 3, 1).cost(64),
            Conv::new(32, 64, 3, 1).cost(64),
        ];
        let stem: Cost = stem.into_iter().sum();
        assert_eq!(stem.weights, 864 + 9_216 + 18_432);
        assert_eq!(stem.multiply_adds, (864 + 9_216 + 18_432) * 64 * 64);
        assert_eq!(Conv::new(256, 512, 3, 2).multiply_adds(8), 18_874_368);
    }

    #[test]
    fn chapter_thirteen_counts_the_grid_that_goes_in() {
        let third = Conv::new(8, 16, 3, 2);
        assert_eq!(third.weights(), 1168 - 16);
        assert_eq!(7 * 7 * third.weights(), 56_448);
        assert_eq!(third.multiply_adds(7), 4 * 4 * 1152);
    }

    #[test]
    fn a_bottleneck_is_seventeen_times_smaller() {
        let (plain, bottleneck) = plain_against_bottleneck(256, 14);
        assert_eq!(plain.weights, 1_179_648);
        assert_eq!(bottleneck.weights, 16_384 + 36_864 + 16_384);
        assert_eq!(plain.multiply_adds, 1_179_648 * 196);
        assert_eq!(bottleneck.multiply_adds, 69_632 * 196);
        assert_eq!(plain.parameters, 1_179_648 + 2 * 2 * 256);
        assert_eq!(bottleneck.parameters, 69_632 + 2 * (64 + 64 + 256));
    }

    #[test]
    fn strides_sit_in_the_three_by_three() {
        let block = Block::new(Design::Bottleneck, 64, 128, 2);
        // 1 × 1 on 32 × 32; 3 × 3 and 1 × 1 on 16 × 16; the skip's 1 × 1 after its pool, on 16 ×
        // 16.
        let by_hand = 64 * 32 * 1024 + 32 * 32 * 9 * 256 + 32 * 128 * 256 + 64 * 128 * 256;
        assert_eq!(block.cost(32).multiply_adds, by_hand);
        assert_eq!(Block::new(Design::Plain, 64, 64, 1).skip, None);
    }

    /// The chapter's network from our blocks; millions of parameters and of multiply-adds.
    fn network(design: Design, layers: [usize; 4], expansion: usize, size: usize) -> (f64, f64) {
        let mut side = size.div_ceil(2);
        let mut cost = Conv::new(3, 32, 3, 2).cost(size)
            + Conv::new(32, 32, 3, 1).cost(side)
            + Conv::new(32, 64, 3, 1).cost(side);
        side = side.div_ceil(2);
        let mut ni = 64;
        for (stage, blocks) in layers.into_iter().enumerate() {
            let nf = (64 << stage) * expansion;
            for block in 0..blocks {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                cost = cost + Block::new(design, ni, nf, stride).cost(side);
                side = side.div_ceil(stride);
                ni = nf;
            }
        }
        let head = (ni * 10) as u64;
        ((cost.parameters + head + 10) as f64 / 1e6, (cost.multiply_adds + head) as f64 / 1e6)
    }

    #[test]
    fn whole_networks_come_out_as_known() {
        let near = |(params, macs): (f64, f64), wanted: (f64, f64)| {
            assert!(
                (params / wanted.0 - 1.0).abs() < 0.01 && (macs / wanted.1 - 1.0).abs() < 0.01,
                "{params} {macs}"
            );
        };
        near(network(Design::Plain, [2, 2, 2, 2], 1, 128), (11.2, 670.0));
        near(network(Design::Bottleneck, [2, 2, 2, 2], 1, 128), (0.91, 162.0));
        near(network(Design::Bottleneck, [1, 1, 1, 1], 1, 128), (0.54, 144.0));
        near(network(Design::Bottleneck, [2, 2, 2, 2], 4, 128), (14.0, 842.0));
        near(network(Design::Bottleneck, [3, 4, 6, 3], 4, 224), (23.5, 4330.0));
    }

    #[test]
    fn two_stride_two_layers_see_seven_pixels() {
        assert_eq!(receptive_field(&[(3, 2), (3, 2)]), 7);
        assert_eq!(receptive_field(&[(3, 1), (3, 1)]), 5);
        assert_eq!(receptive_field(&[(1, 1), (1, 2)]), 1);
        assert_eq!(receptive_field(&[]), 1);
    }

    #[test]
    fn absurd_numbers_saturate() {
        let absurd = Block::new(Design::Plain, usize::MAX, usize::MAX, usize::MAX);
        assert_eq!(absurd.cost(usize::MAX).weights, u64::MAX);
        assert_eq!(Conv::new(1, 1, 1, 0).side_out(5), 5);
        assert_eq!(
            receptive_field(&[(usize::MAX, usize::MAX), (usize::MAX, usize::MAX)]),
            u64::MAX
        );
    }
}
