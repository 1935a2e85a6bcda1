//! The networks of chapter 14 of the fastai book.

use super::{Architecture, BlockSpec, ConvSpec, Naming};
use crate::block_place::BlockPlace;
use crate::net::{Activation, Block, Family, HeadKind, NetConfig, StemPool};

impl Architecture {
    /// Lays out a network of the chapter for a number of classes.
    ///
    /// Sources: the chapter's `ResNet`, `_resnet_stem` and `_make_layer` ("A State-of-the-Art
    /// ResNet") and, for [`Family::FullyConvolutional`], `get_model` ("Going Back to Imagenette").
    pub fn new(net: &NetConfig, classes: u32) -> Self {
        let convolutional = net.family == Family::FullyConvolutional;
        let mut ni = 3;
        let mut stem = Vec::new();
        for (index, &nf) in net.stem.iter().enumerate() {
            let stride = if index == 0 || convolutional { 2 } else { 1 };
            stem.push(ConvSpec::new(ni, nf, 3, stride));
            ni = nf;
        }
        let mut stages = Vec::new();
        for (stage, &blocks) in net.layers.iter().enumerate() {
            let nf = (net.width * net.expansion) << stage;
            let first_stride = if stage == 0 && !convolutional { 1 } else { 2 };
            let mut specs = Vec::new();
            for block in 0..blocks {
                let stride = if block == 0 { first_stride } else { 1 };
                specs.push(BlockSpec::new(net.block, ni, nf, stride));
                ni = nf;
            }
            stages.push(specs);
        }
        Self {
            naming: Naming::Chapter,
            stem,
            max_pool: !convolutional,
            pool: if convolutional { StemPool::Max } else { net.pool },
            stages,
            features: ni,
            classes,
            head: HeadKind::Linear,
        }
        .with_head(net.head)
        .with_act(net.act)
        .with_groups(net.groups)
        .without_skips(&net.cut)
        .with_squeeze(net.se)
        .with_attention(net.sa)
    }
}

impl Architecture {
    /// The same network with another function after each norm and each sum.
    pub fn with_act(mut self, act: Activation) -> Self {
        let of_layer = |conv: &mut ConvSpec| conv.act = conv.act.map(|_| act);
        self.stem.iter_mut().for_each(of_layer);
        for block in self.stages.iter_mut().flatten() {
            block.act = act;
            block.convs.iter_mut().for_each(of_layer);
        }
        self
    }
}

impl Architecture {
    /// The same network with the first 3×3 convolution of each block in so many groups, as fastai's
    /// `ResBlock` has it with `groups`: in a bottleneck that is ResNeXt (Xie et al.,
    /// [arXiv:1611.05431](https://arxiv.org/abs/1611.05431)). Where the number does not divide the
    /// channels, it is their greatest common divisor with it; there PyTorch refuses.
    pub fn with_groups(mut self, groups: u32) -> Self {
        for block in self.stages.iter_mut().flatten() {
            if let Some(conv) = block.convs.iter_mut().find(|conv| conv.ks == 3) {
                conv.groups = common_divisor(groups.max(1), common_divisor(conv.ni, conv.nf));
            }
        }
        self
    }
}

/// The greatest common divisor; one with 0 is the other number.
fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

impl Architecture {
    /// The same network without the skip connections of the blocks at these places, nor what is on
    /// them: such a block is `act(convs(x))`. Its last gamma starts at 1, since with 0 it would put
    /// out zeros and never learn. Places without a block are passed over.
    pub fn without_skips(mut self, cut: &[BlockPlace]) -> Self {
        for place in cut {
            let (stage, index) = place.indices();
            let Some(block) = self.stages.get_mut(stage).and_then(|stage| stage.get_mut(index))
            else {
                continue;
            };
            (block.skip, block.pool, block.projection) = (false, false, None);
            if let Some(last) = block.convs.last_mut() {
                last.zero_gamma = false;
            }
        }
        self
    }
}

impl BlockSpec {
    /// Lays out a block of the chapter, from `ni` to `nf` channels.
    ///
    /// A bottleneck is `nf / 4` channels wide inside, and at least one. A block with a skip
    /// connection starts as the identity: the gamma of its last norm is 0 at first.
    ///
    /// Sources: the chapter's `_conv_block` and `ResBlock`, with the bottleneck of its last
    /// section.
    pub fn new(block: Block, ni: u32, nf: u32, stride: u32) -> Self {
        let skip = block != Block::Plain;
        let convs = residual_path(block, ni, nf, stride);
        let last = convs.len() - 1;
        let convs = convs.into_iter().enumerate().map(|(index, conv)| ConvSpec {
            act: conv.act.filter(|_| index != last),
            zero_gamma: index == last && skip,
            ..conv
        });
        let projection = ConvSpec { act: None, ..ConvSpec::new(ni, nf, 1, 1) };
        Self {
            convs: convs.collect(),
            squeeze: None,
            attention: None,
            projection: (skip && ni != nf).then_some(projection),
            pool: skip && stride == 2,
            skip,
            act: Activation::Relu,
        }
    }
}

/// The convolutions of a block's residual path; the stride is in the first 3×3.
pub(super) fn residual_path(block: Block, ni: u32, nf: u32, stride: u32) -> Vec<ConvSpec> {
    match block {
        Block::Plain | Block::Basic => {
            vec![ConvSpec::new(ni, nf, 3, stride), ConvSpec::new(nf, nf, 3, 1)]
        }
        Block::Bottleneck => {
            let inner = (nf / 4).max(1);
            vec![
                ConvSpec::new(ni, inner, 1, 1),
                ConvSpec::new(inner, inner, 3, stride),
                ConvSpec::new(inner, nf, 1, 1),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets::NETWORKS;
    use crate::read_run;

    fn named(name: &str) -> Architecture {
        let preset = NETWORKS.iter().find(|preset| preset.name == name);
        let (run, _) = read_run(preset.map_or("", |preset| preset.settings));
        Architecture::new(&run.net, 10)
    }

    /// Parameters and multiply-adds at 128 pixels, in millions, of the chapter's own code in
    /// PyTorch.
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
            let net = named(name);
            let counted = (net.parameters() as f64 / 1e6, net.multiply_adds(128) as f64 / 1e6);
            assert!((counted.0 / parameters - 1.0).abs() < 0.01, "{name}: {counted:?}");
            assert!((counted.1 / multiply_adds - 1.0).abs() < 0.02, "{name}: {counted:?}");
        }
    }

    /// A cut skip takes its pool and its projection with it, and nothing else changes.
    #[test]
    fn a_cut_block_keeps_its_convolutions_alone() {
        let net = "layers=2,2&block=basic&expansion=1&width=8&stem=4,8";
        let whole = Architecture::new(&read_run(net).0.net, 10);
        let cut = Architecture::new(&read_run(&format!("{net}&cut=2.1,4.1")).0.net, 10);
        for (stage, blocks) in whole.stages.iter().enumerate() {
            for (index, block) in blocks.iter().enumerate() {
                let found = &cut.stages[stage][index];
                if (stage, index) != (1, 0) {
                    assert_eq!(found, block, "{stage}.{index}");
                    continue;
                }
                assert!(block.skip && block.pool && block.projection.is_some());
                assert!(!found.skip && !found.pool && found.projection.is_none());
                assert!(block.convs[1].zero_gamma && !found.convs[1].zero_gamma);
                assert_eq!(found.convs[0], block.convs[0]);
            }
        }
        let gone: Vec<String> =
            whole.tensors().into_keys().filter(|name| !cut.tensors().contains_key(name)).collect();
        assert!(gone.len() == 5 && gone.iter().all(|name| name.starts_with("stages.1.0.idconv.")));
        assert_eq!(whole.parameters() - cut.parameters(), 8 * 16 + 2 * 16);
        assert!(cut.rows(32).iter().all(|row| !row.name.starts_with("stages.1.0.pool")));
    }

    /// ResNeXt's groups are in the middle of a bottleneck and at the beginning of a basic block,
    /// and no more than the channels have.
    #[test]
    fn a_3x3_convolution_of_each_block_is_in_groups() {
        let groups = |settings: &str| -> Vec<Vec<u32>> {
            let net = Architecture::new(&read_run(settings).0.net, 10);
            let blocks = net.stages.iter().flatten();
            blocks.map(|block| block.convs.iter().map(|conv| conv.groups).collect()).collect()
        };
        let link = "layers=1,1&width=8&expansion=4&stem=6";
        // 32 and 64 channels, a quarter of them inside.
        assert_eq!(groups(&format!("{link}&groups=4")), [[1, 4, 1], [1, 4, 1]]);
        assert_eq!(groups(&format!("{link}&groups=16")), [[1, 8, 1], [1, 16, 1]]);
        assert_eq!(groups(&format!("{link}&groups=12")), [[1, 4, 1], [1, 4, 1]]);
        // From 6 to 32 channels, then from 32 to 64.
        let basic = groups(&format!("{link}&block=basic&groups=8"));
        assert_eq!(basic, [[2, 1], [8, 1]]);
        let [plain, grouped] = ["", "&groups=4"]
            .map(|more| Architecture::new(&read_run(&format!("{link}{more}")).0.net, 10));
        assert_eq!(grouped.tensors()["stages.1.0.convs.1.conv.weight"], [16, 4, 3, 3]);
        let saved = (8 * 8 + 16 * 16) * 9 * 3 / 4;
        assert_eq!(plain.parameters() - grouped.parameters(), saved);
        let row = grouped.rows(64).into_iter().find(|row| row.name == "stages.1.0.convs.1");
        assert_eq!(row.map(|row| row.kind), Some("Conv 3×3, 4 groups, stride 2".into()));
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
