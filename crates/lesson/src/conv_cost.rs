//! What the lesson's demos compute about convolutions and blocks: their costs, and how far a cell
//! sees.
//!
//! The costs are those of [`resnette_spec::architecture`], which also adds up whole networks; here
//! is only what the demos ask in addition.

pub use resnette_spec::architecture::{BlockSpec, ConvSpec, Cost};

/// The two designs of a block that the demos compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// Two 3×3 convolutions, the stride in the first: the book's and PyTorch's basic block.
    Basic,
    /// A 1×1 convolution to a quarter of the channels, a 3×3 with the stride, and a 1×1 back.
    Bottleneck,
}

impl Design {
    /// A block of this design from `ni` to `nf` channels. Both designs have a skip connection, with
    /// a 1×1 convolution if the number of channels changes.
    pub fn block(self, ni: u32, nf: u32, stride: u32) -> BlockSpec {
        let kind = match self {
            Self::Basic => resnette_spec::Block::Basic,
            Self::Bottleneck => resnette_spec::Block::Bottleneck,
        };
        BlockSpec::new(kind, ni, nf, stride)
    }
}

/// Costs of the basic and of the bottleneck design for the same number of channels, stride 1 and a
/// grid of `side`×`side`: a point of the demo's curves.
pub fn basic_against_bottleneck(channels: u32, side: u32) -> (Cost, Cost) {
    let cost = |design: Design| design.block(channels, channels, 1).cost(side);
    (cost(Design::Basic), cost(Design::Bottleneck))
}

/// The receptive field: the side of the part of the picture that one cell depends on after layers
/// of `(kernel, stride)`.
///
/// Each layer adds `kernel - 1` steps, and the length of a step is the product of the strides
/// before it.
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
        assert_eq!(ConvSpec::new(3, 32, 3, 2).weights(), 864);
        assert_eq!(ConvSpec::new(256, 512, 3, 2).weights(), 1_179_648);
        // The stem at 128 pixels: 864 weights at 64 × 64 places, then 9,216 and 18,432 at as many.
        let stem = [
            ConvSpec::new(3, 32, 3, 2).cost(128),
            ConvSpec::new(32, 32, 3, 1).cost(64),
            ConvSpec::new(32, 64, 3, 1).cost(64),
        ];
        let stem: Cost = stem.into_iter().sum();
        assert_eq!(stem.weights, 864 + 9_216 + 18_432);
        assert_eq!(stem.multiply_adds, (864 + 9_216 + 18_432) * 64 * 64);
        assert_eq!(ConvSpec::new(256, 512, 3, 2).multiply_adds(8), 18_874_368);
    }

    #[test]
    fn chapter_thirteen_counts_the_grid_that_goes_in() {
        let third = ConvSpec::new(8, 16, 3, 2);
        assert_eq!(third.weights(), 1168 - 16);
        assert_eq!(7 * 7 * third.weights(), 56_448);
        assert_eq!(third.multiply_adds(7), 4 * 4 * 1152);
    }

    #[test]
    fn a_bottleneck_is_seventeen_times_smaller() {
        let (basic, bottleneck) = basic_against_bottleneck(256, 14);
        assert_eq!(basic.weights, 1_179_648);
        assert_eq!(bottleneck.weights, 16_384 + 36_864 + 16_384);
        assert_eq!(basic.multiply_adds, 1_179_648 * 196);
        assert_eq!(bottleneck.multiply_adds, 69_632 * 196);
        assert_eq!(basic.parameters, 1_179_648 + 2 * 2 * 256);
        assert_eq!(bottleneck.parameters, 69_632 + 2 * (64 + 64 + 256));
    }

    #[test]
    fn strides_sit_in_the_three_by_three() {
        let block = Design::Bottleneck.block(64, 128, 2);
        // 1 × 1 on 32 × 32; 3 × 3 and 1 × 1 on 16 × 16; the skip's 1 × 1 after its pool, on 16 ×
        // 16.
        let by_hand = 64 * 32 * 1024 + 32 * 32 * 9 * 256 + 32 * 128 * 256 + 64 * 128 * 256;
        assert_eq!(block.cost(32).multiply_adds, by_hand);
        assert_eq!(Design::Basic.block(64, 64, 1).projection, None);
    }

    /// The chapter's network from our blocks; millions of parameters and of multiply-adds.
    fn network(design: Design, layers: [u32; 4], expansion: u32, size: u32) -> (f64, f64) {
        let mut side = size.div_ceil(2);
        let mut cost = ConvSpec::new(3, 32, 3, 2).cost(size)
            + ConvSpec::new(32, 32, 3, 1).cost(side)
            + ConvSpec::new(32, 64, 3, 1).cost(side);
        side = side.div_ceil(2);
        let mut ni = 64;
        for (stage, blocks) in layers.into_iter().enumerate() {
            let nf = (64 << stage) * expansion;
            for block in 0..blocks {
                let stride = if stage > 0 && block == 0 { 2 } else { 1 };
                cost = cost + design.block(ni, nf, stride).cost(side);
                side = side.div_ceil(stride);
                ni = nf;
            }
        }
        let head = u64::from(ni * 10);
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
        near(network(Design::Basic, [2, 2, 2, 2], 1, 128), (11.2, 670.0));
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
        let absurd = Design::Basic.block(u32::MAX, u32::MAX, u32::MAX);
        assert_eq!(absurd.cost(u32::MAX).weights, u64::MAX);
        assert_eq!(ConvSpec::new(1, 1, 1, 0).side_out(5), 5);
        assert_eq!(
            receptive_field(&[(usize::MAX, usize::MAX), (usize::MAX, usize::MAX)]),
            u64::MAX
        );
    }
}
