//! What convolutions and blocks cost: weights, parameters and multiply-adds.
//!
//! A multiply-add is one product and its addition. Pooling, batch norm and ReLU are not counted, as
//! is usual. All counts saturate, because the lesson lets its readers type the numbers.

use super::{BlockSpec, ConvSpec};

/// What layers cost for one picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Weights of the convolutions.
    pub weights: u64,
    /// The weights, and the gamma and beta of the batch norm behind each convolution.
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

pub(super) fn product(factors: &[u32]) -> u64 {
    factors.iter().fold(1, |product, &factor| product.saturating_mul(u64::from(factor)))
}

impl ConvSpec {
    /// Number of weights: `nf · ni / groups · ks · ks`.
    pub fn weights(self) -> u64 {
        product(&[self.nf, self.group_inputs(), self.ks, self.ks])
    }

    /// Channels of the input that a channel of the output is computed from.
    pub(super) fn group_inputs(self) -> u32 {
        self.ni / self.groups.max(1)
    }

    /// Side of the output's grid for an input grid of `side`: `side / stride`, rounded up.
    pub fn side_out(self, side: u32) -> u32 {
        side.div_ceil(self.stride.max(1))
    }

    /// Multiply-adds for an input grid of `side`×`side`: every weight is used once at every
    /// position of the output's grid.
    pub fn multiply_adds(self, side: u32) -> u64 {
        let out = self.side_out(side);
        self.weights().saturating_mul(product(&[out, out]))
    }

    /// All three counts for an input grid of `side`×`side`.
    pub fn cost(self, side: u32) -> Cost {
        let weights = self.weights();
        Cost {
            weights,
            parameters: weights.saturating_add(product(&[2, self.nf])),
            multiply_adds: self.multiply_adds(side),
        }
    }
}

impl BlockSpec {
    /// Side of the output's grid for an input grid of `side`.
    pub fn side_out(&self, side: u32) -> u32 {
        self.convs.iter().fold(side, |side, conv| conv.side_out(side))
    }

    /// Side of the grid that the projection sees: a strided one the block's input, one with stride
    /// 1 what the average pool leaves, which is as large as the block's output.
    pub(super) fn projection_side(&self, projection: &ConvSpec, side: u32) -> u32 {
        if projection.stride > 1 { side } else { self.side_out(side) }
    }

    /// What the whole block costs for an input grid of `side`×`side`.
    pub fn cost(&self, side: u32) -> Cost {
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
        let projection = self
            .projection
            .map(|projection| projection.cost(self.projection_side(&projection, side)));
        let squeeze = self.squeeze.map(|squeeze| squeeze.cost()).unwrap_or_default();
        let attention = self.attention.map(|attention| attention.cost(here)).unwrap_or_default();
        path + squeeze + attention + projection.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Block;
    use crate::architecture::Architecture;

    #[test]
    fn the_blocks_cost_what_their_rows_cost() {
        let net = crate::NetConfig { layers: vec![2, 1], stem: vec![], ..Default::default() };
        for block in [Block::Plain, Block::Basic, Block::Bottleneck] {
            let (se, sa) = if block == Block::Basic { (4, 1) } else { (0, 0) };
            let groups = if block == Block::Bottleneck { 4 } else { 1 };
            let net = crate::NetConfig { block, se, sa, groups, ..net.clone() };
            let architecture = Architecture::new(&net, 10);
            let mut side = 34_u32.div_ceil(2);
            for (stage, blocks) in architecture.stages.iter().enumerate() {
                for (index, block) in blocks.iter().enumerate() {
                    let prefix = format!("stages.{stage}.{index}.");
                    let rows = architecture.rows(34);
                    let own = rows.iter().filter(|row| row.name.starts_with(&prefix));
                    let (parameters, multiply_adds) = own.fold((0, 0), |sum, row| {
                        (sum.0 + row.parameters, sum.1 + row.multiply_adds)
                    });
                    let cost = block.cost(side);
                    assert_eq!(
                        (cost.parameters, cost.multiply_adds),
                        (parameters, multiply_adds),
                        "{prefix}"
                    );
                    side = block.side_out(side);
                }
            }
            assert_eq!(side, architecture.last_grid(34));
        }
    }

    #[test]
    fn absurd_numbers_saturate() {
        let absurd = BlockSpec::new(Block::Basic, u32::MAX, u32::MAX, u32::MAX);
        assert_eq!(absurd.cost(u32::MAX).weights, u64::MAX);
        assert_eq!(ConvSpec::new(1, 1, 1, 0).side_out(5), 5);
    }
}
