//! Layer by layer: the one walk from which summaries, names, grids, costs and tensors follow.

use super::{Architecture, AttentionSpec, ConvNames, ConvSpec, HIDDEN, Naming, SqueezeSpec};
use crate::net::StemPool;

/// A layer of a summary: a convolution with its norm, a pool, or the linear layer at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRow {
    /// Name as in a saved file: `stages.0.1.convs.2`.
    pub name: String,
    /// What the layer is, for people: `Conv 3×3, stride 2`.
    pub kind: String,
    /// Shape of the output: `[channels, height, width]`.
    pub shape: [u32; 3],
    /// Number of trainable parameters.
    pub parameters: u64,
    /// Multiply-adds of one picture's forward pass.
    pub multiply_adds: u64,
}

/// A layer where it is in the network.
pub(super) struct Layer<'a> {
    pub operation: Operation<'a>,
    /// Side of the input's grid.
    side: u32,
    /// Stage and number of the block that it is part of.
    block: Option<(usize, usize)>,
}

pub(super) enum Operation<'a> {
    /// A convolution with its norm.
    Conv(&'a ConvSpec, ConvNames),
    /// The max-pool after the stem, of so many channels.
    MaxPool(u32),
    /// Squeeze-and-excitation behind the convolutions of a residual path, with its name.
    Squeeze(SqueezeSpec, String),
    /// Self-attention at the end of a residual path, with its name.
    Attention(AttentionSpec, String),
    /// The average pool on the skip connection of the block with this name.
    SkipPool(u32, String),
    /// The average over the last grid, and in fastai's head the maximum.
    GlobalPool,
    /// What comes before the last linear layer in fastai's head: norm, linear layer, ReLU, norm.
    Hidden,
    /// The last linear layer.
    Linear,
}

impl Architecture {
    /// Every layer of the forward pass for pictures of `size`×`size`.
    pub(super) fn layers(&self, size: u32) -> Vec<Layer<'_>> {
        let naming = self.naming;
        let mut layers = Vec::new();
        let mut side = size;
        for (index, conv) in self.stem.iter().enumerate() {
            let operation = Operation::Conv(conv, naming.stem(index));
            layers.push(Layer { operation, side, block: None });
            side = conv.side_out(side);
        }
        if self.max_pool {
            let channels = self.stem.last().map_or(3, |conv| conv.nf);
            layers.push(Layer { operation: Operation::MaxPool(channels), side, block: None });
            side = self.side_after_pool(side);
        }
        for (stage, blocks) in self.stages.iter().enumerate() {
            for (index, spec) in blocks.iter().enumerate() {
                let name = naming.block(stage, index);
                let block = Some((stage, index));
                let entry = side;
                for (conv_index, conv) in spec.convs.iter().enumerate() {
                    let operation = Operation::Conv(conv, naming.conv(&name, conv_index));
                    layers.push(Layer { operation, side, block });
                    side = conv.side_out(side);
                }
                if let Some(squeeze) = spec.squeeze {
                    let operation = Operation::Squeeze(squeeze, naming.squeeze(&name));
                    layers.push(Layer { operation, side, block });
                }
                if let Some(attention) = spec.attention {
                    let operation = Operation::Attention(attention, naming.attention(&name));
                    layers.push(Layer { operation, side, block });
                }
                if spec.skip && spec.pool {
                    let channels = spec.convs.first().map_or(0, |conv| conv.ni);
                    let operation = Operation::SkipPool(channels, name.clone());
                    layers.push(Layer { operation, side: entry, block });
                }
                if let Some(projection) = &spec.projection {
                    let operation = Operation::Conv(projection, naming.projection(&name));
                    let side = spec.projection_side(projection, entry);
                    layers.push(Layer { operation, side, block });
                }
            }
        }
        layers.push(Layer { operation: Operation::GlobalPool, side, block: None });
        if self.has_fastai_head() {
            layers.push(Layer { operation: Operation::Hidden, side: 1, block: None });
        }
        layers.push(Layer { operation: Operation::Linear, side: 1, block: None });
        layers
    }

    /// Every layer with the shape of its output and its costs, for pictures of `size`×`size`.
    pub fn rows(&self, size: u32) -> Vec<LayerRow> {
        self.layers(size).into_iter().map(|layer| self.row(layer)).collect()
    }

    fn row(&self, Layer { operation, side, .. }: Layer<'_>) -> LayerRow {
        let pool = |name: String, kind: &str, channels: u32, side: u32| LayerRow {
            name,
            kind: kind.into(),
            shape: [channels, side, side],
            parameters: 0,
            multiply_adds: 0,
        };
        let halved = side.div_ceil(2);
        match operation {
            Operation::Conv(conv, names) => conv_row(conv, names.layer, side),
            Operation::MaxPool(channels) => {
                let name = self.naming.max_pool().to_string();
                let kind = match self.pool {
                    StemPool::Max => "Max-pool 3×3, stride 2",
                    StemPool::Blur => "Max-pool 2×2, then blur 3×3, stride 2",
                };
                pool(name, kind, channels, self.side_after_pool(side))
            }
            Operation::Squeeze(squeeze, name) => {
                let cost = squeeze.cost();
                LayerRow {
                    name,
                    kind: format!("Squeeze-and-excitation over {}", squeeze.hidden),
                    shape: [squeeze.channels, side, side],
                    parameters: cost.parameters,
                    multiply_adds: cost.multiply_adds,
                }
            }
            Operation::Attention(attention, name) => {
                let cost = attention.cost(side);
                LayerRow {
                    parameters: cost.parameters,
                    multiply_adds: cost.multiply_adds,
                    ..pool(name, "Self-attention", attention.channels, side)
                }
            }
            Operation::SkipPool(channels, block) => {
                pool(format!("{block}.pool"), "Average pool 2×2 (identity path)", channels, halved)
            }
            Operation::GlobalPool => {
                let name = self.naming.average_pool().to_string();
                let kind = match self.has_fastai_head() {
                    true => "Maximum and average to 1×1",
                    false => "Average pool to 1×1",
                };
                pool(name, kind, self.pooled(), 1)
            }
            Operation::Hidden => LayerRow {
                name: format!("{}.hidden", self.naming.head()),
                kind: "Norm, linear, ReLU, norm".into(),
                shape: [HIDDEN, 1, 1],
                parameters: self.hidden_parameters(),
                multiply_adds: u64::from(self.pooled()) * u64::from(HIDDEN),
            },
            Operation::Linear => {
                let weights = u64::from(self.last_inputs()) * u64::from(self.classes);
                let biases = if self.has_fastai_head() { 0 } else { u64::from(self.classes) };
                LayerRow {
                    name: self.naming.head().into(),
                    kind: "Linear".into(),
                    shape: [self.classes, 1, 1],
                    parameters: weights + biases,
                    multiply_adds: weights,
                }
            }
        }
    }

    /// Names of the layers whose output can be shown as a grid, first to last, each block after its
    /// parts. torchvision's blocks are shown as a whole only.
    pub fn layer_names(&self) -> Vec<String> {
        // The names do not depend on the size.
        let layers = self.layers(64);
        let mut names = Vec::new();
        for (index, layer) in layers.iter().enumerate() {
            if self.naming == Naming::Chapter || layer.block.is_none() {
                match &layer.operation {
                    Operation::Conv(_, conv) => names.push(conv.layer.clone()),
                    Operation::MaxPool(_) => names.push(self.naming.max_pool().into()),
                    Operation::Squeeze(_, name) | Operation::Attention(_, name) => {
                        names.push(name.clone());
                    }
                    Operation::SkipPool(_, block) => names.push(format!("{block}.pool")),
                    Operation::GlobalPool | Operation::Hidden | Operation::Linear => {}
                }
            }
            let next = layers.get(index + 1).and_then(|next| next.block);
            if let Some((stage, block)) = layer.block.filter(|own| next != Some(*own)) {
                names.push(self.naming.block(stage, block));
            }
        }
        names
    }

    /// Side of the last grid, which the head averages, for pictures of `size`×`size`.
    pub fn last_grid(&self, size: u32) -> u32 {
        let stem = self.stem.iter().fold(size, |side, conv| conv.side_out(side));
        let pooled = if self.max_pool { self.side_after_pool(stem) } else { stem };
        self.stages.iter().flatten().fold(pooled, |side, block| block.side_out(side))
    }

    /// Side of the grid behind the stem's pool, for a grid of `side`: half of it, rounded up. The
    /// blurred pool has no padding around its maximum, so that it rounds down.
    fn side_after_pool(&self, side: u32) -> u32 {
        match self.pool {
            StemPool::Max => side.div_ceil(2),
            StemPool::Blur => (side / 2).max(1),
        }
    }

    /// Number of trainable parameters.
    pub fn parameters(&self) -> u64 {
        self.rows(64).iter().map(|row| row.parameters).sum()
    }

    /// Multiply-adds of one picture's forward pass.
    pub fn multiply_adds(&self, size: u32) -> u64 {
        self.rows(size).iter().map(|row| row.multiply_adds).sum()
    }

    /// Bytes that a training step with batch size `bs` needs, roughly: each convolution layer saves
    /// its input, the convolution's output and the norm's output for the backward pass, and each
    /// parameter is there four times (weight, gradient, two averages). Self-attention saves two
    /// matrices of `channels²` numbers for each picture.
    pub fn training_bytes(&self, size: u32, bs: u32) -> u64 {
        let activations: u64 = self
            .rows(size)
            .iter()
            .map(|row| row.shape.iter().map(|&side| u64::from(side)).product::<u64>())
            .sum();
        let numbers = activations + 2 * self.channel_pairs();
        numbers * u64::from(bs) * 3 * 4 + self.parameters() * 4 * 4
    }
}

fn conv_row(conv: &ConvSpec, name: String, side: u32) -> LayerRow {
    let cost = conv.cost(side);
    let out = conv.side_out(side);
    let told = |number: u32, words: String| if number == 1 { String::new() } else { words };
    let stride = told(conv.stride, format!(", stride {}", conv.stride));
    let groups = told(conv.groups, format!(", {} groups", conv.groups));
    LayerRow {
        name,
        kind: format!("Conv {0}×{0}{groups}{stride}", conv.ks),
        shape: [conv.nf, out, out],
        parameters: cost.parameters,
        multiply_adds: cost.multiply_adds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets::NETWORKS;
    use crate::read_run;

    #[test]
    fn the_last_grid_is_that_of_the_last_row_before_the_average() {
        for preset in NETWORKS {
            let net = Architecture::new(&read_run(preset.settings).0.net, 10);
            for size in [1, 33, 64, 127, 224] {
                let rows = net.rows(size);
                assert_eq!(net.last_grid(size), rows[rows.len() - 3].shape[1], "{}", preset.name);
            }
        }
        let empty = Architecture::new(&read_run("net=fcn&layers=&stem=").0.net, 10);
        assert_eq!((empty.last_grid(65), empty.rows(65).len()), (65, 2));
    }

    #[test]
    fn the_blurred_pool_rounds_down() {
        let sides = |link: &str, size: u32| {
            let net = Architecture::new(&read_run(link).0.net, 10);
            let row = net.rows(size).into_iter().find(|row| row.name == "max_pool");
            row.map(|row| (row.kind, row.shape[1]))
        };
        let blur = "Max-pool 2×2, then blur 3×3, stride 2".to_string();
        assert_eq!(sides("pool=blur", 64), Some((blur.clone(), 16)));
        assert_eq!(sides("pool=blur", 66), Some((blur, 16)));
        assert_eq!(sides("pool=max", 66), Some(("Max-pool 3×3, stride 2".into(), 17)));
        assert_eq!(sides("pool=blur&net=fcn", 64), None);
        let plain = Architecture::new(&read_run("net=fcn").0.net, 10);
        assert_eq!(Architecture::new(&read_run("net=fcn&pool=blur").0.net, 10), plain);
    }

    #[test]
    fn each_block_is_named_after_its_parts() {
        let net = "layers=1,1&stem=4,8&width=8&block=basic&expansion=1";
        let names = Architecture::new(&read_run(net).0.net, 10).layer_names();
        let wanted = [
            "stem.0",
            "stem.1",
            "max_pool",
            "stages.0.0.convs.0",
            "stages.0.0.convs.1",
            "stages.0.0",
            "stages.1.0.convs.0",
            "stages.1.0.convs.1",
            "stages.1.0.pool",
            "stages.1.0.idconv",
            "stages.1.0",
        ];
        assert_eq!(names, wanted);
    }
}
