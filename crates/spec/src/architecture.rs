//! fastai's `learn.summary()`: layer by layer, without building the network.
//!
//! Pure arithmetic, so that the page can show it while no engine is loaded. `model::resnet` is
//! built from the same [`Plan`], and a test holds the parameters counted here against those of the
//! real network.

use crate::{Block, Family, NetConfig};

/// One convolution with its norm, or one pool, or the head.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRow {
    /// Name as in a saved file: `stages.0.1.convs.2`.
    pub name: String,
    /// Kind, for people: `Conv 3×3, stride 2`.
    pub kind: String,
    /// Output `[channels, height, width]`.
    pub shape: [u32; 3],
    /// Trainable parameters.
    pub parameters: u64,
    /// Multiply-adds of one picture's forward pass.
    pub multiply_adds: u64,
}

/// A convolution layer: convolution without bias, batch norm, and perhaps ReLU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvPlan {
    /// Channels in.
    pub ni: u32,
    /// Channels out.
    pub nf: u32,
    /// Kernel size.
    pub ks: u32,
    /// Stride.
    pub stride: u32,
    /// ReLU at the end.
    pub act: bool,
    /// Gamma starts at 0 (fastai's `NormType.BatchZero`).
    pub zero_gamma: bool,
}

/// One block of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockPlan {
    /// The convolutions, in order.
    pub convs: Vec<ConvPlan>,
    /// 1×1 on the identity path, where channels change.
    pub idconv: Option<ConvPlan>,
    /// Average pool by 2 on the identity path, where the grid halves.
    pub pool: bool,
    /// Whether there is a skip connection at all.
    pub skip: bool,
}

/// A whole network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// First layers.
    pub stem: Vec<ConvPlan>,
    /// Max-pool 3×3, stride 2, after the stem.
    pub max_pool: bool,
    /// Stages of blocks.
    pub stages: Vec<Vec<BlockPlan>>,
    /// Channels that the head sees.
    pub features: u32,
    /// Classes.
    pub classes: u32,
}

impl Plan {
    /// Lays out a network as chapter 14 does (`ResNet`, `_resnet_stem`, `_make_layer`,
    /// `_conv_block`).
    pub fn new(net: &NetConfig, classes: u32) -> Self {
        let convolutional = net.family == Family::FullyConvolutional;
        let mut ni = 3;
        let mut stem = Vec::new();
        for (index, &nf) in net.stem.iter().enumerate() {
            let stride = if index == 0 || convolutional { 2 } else { 1 };
            stem.push(ConvPlan { ni, nf, ks: 3, stride, act: true, zero_gamma: false });
            ni = nf;
        }
        let mut stages = Vec::new();
        for (stage, &blocks) in net.layers.iter().enumerate() {
            let nf = (net.width * net.expansion) << stage;
            let first_stride = if stage == 0 && !convolutional { 1 } else { 2 };
            let mut plans = Vec::new();
            for block in 0..blocks {
                plans.push(BlockPlan::new(
                    net.block,
                    ni,
                    nf,
                    if block == 0 { first_stride } else { 1 },
                ));
                ni = nf;
            }
            stages.push(plans);
        }
        Self { stem, max_pool: !convolutional, stages, features: ni, classes }
    }

    /// Every layer with its output for pictures of `size`×`size`.
    pub fn rows(&self, size: u32) -> Vec<LayerRow> {
        let mut rows = Vec::new();
        let mut grid = size;
        for (index, conv) in self.stem.iter().enumerate() {
            let row = conv.row(format!("stem.{index}"), grid);
            grid = row.shape[1];
            rows.push(row);
        }
        if self.max_pool {
            grid = grid.div_ceil(2);
            let channels = self.stem.last().map_or(3, |conv| conv.nf);
            rows.push(quiet("max_pool", "Max-pool 3×3, stride 2", [channels, grid, grid]));
        }
        for (stage, blocks) in self.stages.iter().enumerate() {
            for (index, block) in blocks.iter().enumerate() {
                let name = format!("stages.{stage}.{index}");
                let entry = grid;
                for (conv_index, conv) in block.convs.iter().enumerate() {
                    let row = conv.row(format!("{name}.convs.{conv_index}"), grid);
                    grid = row.shape[1];
                    rows.push(row);
                }
                if block.skip && block.pool {
                    let ni = block.convs[0].ni;
                    rows.push(quiet(
                        &format!("{name}.pool"),
                        "Average pool 2×2 (identity path)",
                        [ni, entry.div_ceil(2), entry.div_ceil(2)],
                    ));
                }
                if let Some(idconv) = &block.idconv {
                    rows.push(idconv.row(format!("{name}.idconv"), grid));
                }
            }
        }
        rows.push(quiet("avg_pool", "Average pool to 1×1", [self.features, 1, 1]));
        let weights = u64::from(self.features) * u64::from(self.classes);
        rows.push(LayerRow {
            name: "head".into(),
            kind: "Linear".into(),
            shape: [self.classes, 1, 1],
            parameters: weights + u64::from(self.classes),
            multiply_adds: weights,
        });
        rows
    }

    /// Layers whose output is a grid, first to last, each block after its parts.
    pub fn layer_names(&self) -> Vec<String> {
        let block = |name: &str| {
            name.starts_with("stages.")
                .then(|| name.split('.').take(3).collect::<Vec<_>>().join("."))
        };
        // The names do not depend on the size.
        let rows = self.rows(64);
        let grids: Vec<&str> = rows
            .iter()
            .map(|row| row.name.as_str())
            .filter(|name| !matches!(*name, "avg_pool" | "head"))
            .collect();
        let mut names = Vec::new();
        for (index, name) in grids.iter().enumerate() {
            names.push((*name).to_string());
            let next = grids.get(index + 1).and_then(|next| block(next));
            names.extend(block(name).filter(|own| next.as_ref() != Some(own)));
        }
        names
    }

    /// Trainable parameters.
    pub fn parameters(&self) -> u64 {
        self.rows(64).iter().map(|row| row.parameters).sum()
    }

    /// Multiply-adds of one picture's forward pass.
    pub fn multiply_adds(&self, size: u32) -> u64 {
        self.rows(size).iter().map(|row| row.multiply_adds).sum()
    }

    /// Bytes that a training step of `bs` pictures needs, roughly: each convolution layer keeps its
    /// input, the convolution's output and the norm's output for the backward pass; parameters
    /// stand four times (weight, gradient, two averages).
    pub fn training_bytes(&self, size: u32, bs: u32) -> u64 {
        let activations: u64 = self
            .rows(size)
            .iter()
            .map(|row| row.shape.iter().map(|&d| u64::from(d)).product::<u64>())
            .sum();
        activations * u64::from(bs) * 3 * 4 + self.parameters() * 4 * 4
    }
}

impl BlockPlan {
    /// Lays out one block: the chapter's `_conv_block` with its identity path. A bottleneck is `nf
    /// / 4` wide inside.
    pub fn new(block: Block, ni: u32, nf: u32, stride: u32) -> Self {
        let skip = block != Block::Plain;
        let conv = |ni, nf, ks, stride, last: bool| ConvPlan {
            ni,
            nf,
            ks,
            stride,
            act: !last,
            zero_gamma: last && skip,
        };
        let convs = match block {
            Block::Plain | Block::Basic => {
                vec![conv(ni, nf, 3, stride, false), conv(nf, nf, 3, 1, true)]
            }
            Block::Bottleneck => {
                let inner = (nf / 4).max(1);
                vec![
                    conv(ni, inner, 1, 1, false),
                    conv(inner, inner, 3, stride, false),
                    conv(inner, nf, 1, 1, true),
                ]
            }
        };
        let idconv = (skip && ni != nf).then_some(ConvPlan {
            ni,
            nf,
            ks: 1,
            stride: 1,
            act: false,
            zero_gamma: false,
        });
        Self { convs, idconv, pool: skip && stride == 2, skip }
    }
}

impl ConvPlan {
    fn row(&self, name: String, grid: u32) -> LayerRow {
        // Padding (ks - 1) / 2: a stride of 2 rounds up.
        let out = grid.div_ceil(self.stride);
        let weights = u64::from(self.ni) * u64::from(self.nf) * u64::from(self.ks * self.ks);
        let stride =
            if self.stride == 1 { String::new() } else { format!(", stride {}", self.stride) };
        LayerRow {
            name,
            kind: format!("Conv {0}×{0}{stride}", self.ks),
            shape: [self.nf, out, out],
            parameters: weights + 2 * u64::from(self.nf),
            multiply_adds: weights * u64::from(out) * u64::from(out),
        }
    }
}

fn quiet(name: &str, kind: &str, shape: [u32; 3]) -> LayerRow {
    LayerRow { name: name.into(), kind: kind.into(), shape, parameters: 0, multiply_adds: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets::NETWORKS;
    use crate::read_link;

    fn named(name: &str) -> Plan {
        let preset = NETWORKS.iter().find(|preset| preset.name == name);
        let (link, _) = read_link(preset.map_or("", |preset| preset.settings));
        Plan::new(&link.run.net, 10)
    }

    /// Figures of `chapter14.md`, A3: parameters in millions, multiply-adds in millions at 128 px.
    #[test]
    fn costs_are_the_chapters() {
        let table = [
            ("Fully convolutional", 0.396, 20.6),
            ("ResBlock ×1", 1.23, 70.0),
            ("ResBlock ×2", 2.80, 164.0),
            ("ResNet-18", 11.2, 670.0),
            ("ResNet-50", 23.5, 1410.0),
        ];
        for (name, parameters, multiply_adds) in table {
            let plan = named(name);
            let counted = (plan.parameters() as f64 / 1e6, plan.multiply_adds(128) as f64 / 1e6);
            assert!((counted.0 / parameters - 1.0).abs() < 0.01, "{name}: {counted:?}");
            assert!((counted.1 / multiply_adds - 1.0).abs() < 0.02, "{name}: {counted:?}");
        }
    }

    /// The chapter's comparison: 864 weights in ResNet-18's first layer, 1,179,648 in a 256→512
    /// 3×3.
    #[test]
    fn stem_is_cheap_in_parameters() {
        let rows = named("ResNet-18").rows(128);
        assert_eq!(rows[0].parameters, 864 + 2 * 32);
        let deep = rows.iter().find(|row| row.name == "stages.3.0.convs.0");
        assert_eq!(deep.map(|row| row.parameters), Some(1_179_648 + 2 * 512));
    }
}
