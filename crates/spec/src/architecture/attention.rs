//! Simple self-attention: how a block's channels are mixed follows from how alike they are over the
//! whole grid.
//!
//! Sources: `SimpleSelfAttention` in fastai's `layers.py`, which comes from
//! <https://github.com/sdoria/SimpleSelfAttention>; `XResNet` in fastai's
//! `vision/models/xresnet.py` for its place.

use super::cost::product;
use super::{Architecture, Cost, TensorShapes};

/// The stage whose last block has self-attention, counted from the end: fastai's
/// `i==len(layers)-4`.
const STAGE_FROM_END: usize = 4;

/// The module at the end of a residual path: `x + gamma · x xᵀ W x / ‖W‖`, where `x` is the grid as
/// a matrix, a row for each channel and a column for each cell, and `W` a 1×1 convolution without
/// bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttentionSpec {
    /// Channels of the path.
    pub channels: u32,
}

impl AttentionSpec {
    /// What it costs for one picture whose grid is `side`×`side`: `x xᵀ` and what it is multiplied
    /// with take `channels² · side²` multiply-adds each, and the product of `x xᵀ` and `W`, which
    /// is made first, `channels³`. The norm of `W` is not counted; it is computed once a batch.
    pub fn cost(self, side: u32) -> Cost {
        let channels = self.channels;
        let weights = product(&[channels, channels]);
        let over_the_grid =
            product(&[2, channels, channels]).saturating_mul(product(&[side, side]));
        Cost {
            weights,
            parameters: weights.saturating_add(1),
            multiply_adds: over_the_grid.saturating_add(product(&[channels, channels, channels])),
        }
    }

    /// Adds its four tensors under the name of the module, as PyTorch's `spectral_norm` names them:
    /// `….gamma` `[1]`, `….conv.weight_orig` `[channels, channels, 1]`, and the vectors that the
    /// norm of the weight is found with, `….conv.weight_u` and `….conv.weight_v`, `[channels]`
    /// each.
    pub(super) fn add_tensors(self, shapes: &mut TensorShapes, name: &str) {
        let channels = self.channels as usize;
        shapes.insert(format!("{name}.gamma"), vec![1]);
        shapes.insert(format!("{name}.conv.weight_orig"), vec![channels, channels, 1]);
        for vector in ["u", "v"] {
            shapes.insert(format!("{name}.conv.weight_{vector}"), vec![channels]);
        }
    }
}

impl Architecture {
    /// The same network with self-attention unless `sa` is 0: in the last block of the fourth stage
    /// from the end, as fastai has it; of a network with fewer stages, where fastai leaves it out,
    /// in the last block of the first.
    pub fn with_attention(mut self, sa: u32) -> Self {
        let stage = self.stages.len().saturating_sub(STAGE_FROM_END);
        let last = self.stages.get_mut(stage).and_then(|blocks| blocks.last_mut());
        if let Some(block) = last.filter(|_| sa > 0) {
            block.attention = block.convs.last().map(|conv| AttentionSpec { channels: conv.nf });
        }
        self
    }

    /// How many numbers say how alike the channels of one picture are, in self-attention: its
    /// `channels²`. 0 without self-attention.
    pub fn channel_pairs(&self) -> u64 {
        self.attention().map_or(0, |attention| u64::from(attention.channels).pow(2))
    }

    /// The self-attention of the block that has it, if one does.
    pub fn attention(&self) -> Option<AttentionSpec> {
        self.stages.iter().flatten().find_map(|block| block.attention)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_run;

    fn network(settings: &str) -> Architecture {
        Architecture::new(&read_run(settings).0.net, 10)
    }

    /// fastai's `sa and i==len(layers)-4`, then `sa and i==(blocks-1)`.
    #[test]
    fn one_block_has_it_where_fastai_has_it() {
        for (layers, wanted) in [
            ("2,2,2,2", Some((0, 1))),
            ("3,4,6,3", Some((0, 2))),
            ("1,3,1,1,1", Some((1, 2))),
            ("1,1,2,1,1,1", Some((2, 1))),
            // These have none in fastai.
            ("2,3", Some((0, 1))),
            ("1", Some((0, 0))),
            ("", None),
        ] {
            let plan = network(&format!("layers={layers}&width=8&stem=8&sa=1"));
            let blocks = plan.stages.iter().enumerate().flat_map(|(stage, blocks)| {
                blocks.iter().enumerate().map(move |(index, block)| ((stage, index), block))
            });
            let mut found = Vec::new();
            for (place, block) in blocks {
                found.extend(block.attention.map(|_| place));
            }
            assert_eq!(found, wanted.into_iter().collect::<Vec<_>>(), "{layers}");
            assert_eq!(plan.attention().is_some(), wanted.is_some());
        }
    }

    #[test]
    fn the_block_has_four_tensors_more_and_their_cost() {
        let link = "layers=2,1&width=16&expansion=4&stem=8";
        let (plain, attends) = (network(link), network(&format!("{link}&sa=1")));
        let (before, after) = (plain.tensors(), attends.tensors());
        assert_eq!(after.len() - before.len(), 4);
        for (name, shape) in [
            ("gamma", vec![1]),
            ("conv.weight_orig", vec![64, 64, 1]),
            ("conv.weight_u", vec![64]),
            ("conv.weight_v", vec![64]),
        ] {
            assert_eq!(after.get(&format!("stages.0.1.sa.{name}")), Some(&shape), "{name}");
        }
        assert_eq!(attends.parameters() - plain.parameters(), 64 * 64 + 1);
        // The first stage works on 16×16 cells of a picture of 64×64.
        let work = 2 * 64 * 64 * 16 * 16 + 64 * 64 * 64;
        assert_eq!(attends.multiply_adds(64) - plain.multiply_adds(64), work);
        assert_eq!(network(&format!("{link}&sa=0")), plain);
        let row = attends.rows(64).into_iter().find(|row| row.name == "stages.0.1.sa");
        let row = row.map(|row| (row.kind, row.shape, row.parameters));
        assert_eq!(row, Some(("Self-attention".into(), [64, 16, 16], 64 * 64 + 1)));
        assert!(attends.layer_names().contains(&"stages.0.1.sa".to_string()));
    }

    #[test]
    fn absurd_numbers_saturate() {
        let absurd = AttentionSpec { channels: u32::MAX }.cost(u32::MAX);
        assert_eq!(absurd.multiply_adds, u64::MAX);
    }
}
