//! ResNet-18 to 152 as torchvision and timm have them: the pretrained networks that one downloads.
//!
//! They differ from the chapter's: the stem is one 7×7 convolution, and the skip connection halves
//! the grid with a strided 1×1 convolution instead of an average pool. A bottleneck does its stride
//! in the 3×3 convolution.
//!
//! Sources: He et al., [arXiv:1512.03385](https://arxiv.org/abs/1512.03385), table 1;
//! `torchvision.models.resnet`.

use super::chapter::residual_path;
use super::{Architecture, BlockSpec, ConvSpec, Naming};
use crate::net::{Activation, Block, HeadKind, StemPool};

/// Channels of the stem and, before a bottleneck widens them by 4, of the first stage.
const WIDTH: u32 = 64;

impl Architecture {
    /// Lays out `torchvision.models.resnetN`: so many blocks in each of the four stages, with 1×1,
    /// 3×3, 1×1 (`Bottleneck`) or two 3×3 convolutions (`BasicBlock`) in a block.
    pub fn torchvision(layers: [u32; 4], bottleneck: bool, classes: u32) -> Self {
        let (block, expansion) =
            if bottleneck { (Block::Bottleneck, 4) } else { (Block::Basic, 1) };
        let mut ni = WIDTH;
        let mut stages = Vec::new();
        for (stage, blocks) in layers.into_iter().enumerate() {
            let nf = (WIDTH << stage) * expansion;
            let mut specs = Vec::new();
            for index in 0..blocks {
                let stride = if index == 0 && stage > 0 { 2 } else { 1 };
                specs.push(torchvision_block(block, ni, nf, stride));
                ni = nf;
            }
            stages.push(specs);
        }
        Self {
            naming: Naming::Torchvision,
            stem: vec![ConvSpec::new(3, WIDTH, 7, 2)],
            max_pool: true,
            pool: StemPool::Max,
            stages,
            features: ni,
            classes,
            head: HeadKind::Linear,
        }
    }

    /// The name under which a network of torchvision is known: `ResNet-50`.
    pub fn published_name(&self) -> String {
        let layers: Vec<usize> = self.stages.iter().map(Vec::len).collect();
        let bottleneck = self.stages.iter().flatten().any(|block| block.convs.len() == 3);
        match (&layers[..], bottleneck) {
            ([2, 2, 2, 2], false) => "ResNet-18".into(),
            ([3, 4, 6, 3], false) => "ResNet-34".into(),
            ([3, 4, 6, 3], true) => "ResNet-50".into(),
            ([3, 4, 23, 3], true) => "ResNet-101".into(),
            (layers, _) => format!("a ResNet of {layers:?} blocks"),
        }
    }
}

/// torchvision's `BasicBlock` or `Bottleneck`.
fn torchvision_block(block: Block, ni: u32, nf: u32, stride: u32) -> BlockSpec {
    let mut convs = residual_path(block, ni, nf, stride);
    if let Some(last) = convs.last_mut() {
        last.act = None;
    }
    let projection = ConvSpec { act: None, ..ConvSpec::new(ni, nf, 1, stride) };
    BlockSpec {
        convs,
        squeeze: None,
        attention: None,
        projection: (stride > 1 || ni != nf).then_some(projection),
        pool: false,
        skip: true,
        act: Activation::Relu,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameters as torchvision's documentation lists them, and multiply-adds at 224 pixels
    /// ("GFLOPS" there) to two digits.
    #[test]
    fn costs_are_those_that_torchvision_documents() {
        let table = [
            ([2, 2, 2, 2], false, "ResNet-18", 11_689_512, 1.81),
            ([3, 4, 6, 3], false, "ResNet-34", 21_797_672, 3.66),
            ([3, 4, 6, 3], true, "ResNet-50", 25_557_032, 4.09),
            ([3, 4, 23, 3], true, "ResNet-101", 44_549_160, 7.80),
        ];
        for (layers, bottleneck, name, parameters, gflops) in table {
            let net = Architecture::torchvision(layers, bottleneck, 1000);
            assert_eq!((net.published_name().as_str(), net.parameters()), (name, parameters));
            let counted = net.multiply_adds(224) as f64 / 1e9;
            assert!((counted - gflops).abs() < 0.01, "{name}: {counted}");
            for size in [32, 224, 225] {
                assert_eq!(net.last_grid(size), size.div_ceil(32), "{name}");
            }
        }
    }

    #[test]
    fn tensors_have_torchvisions_names() {
        let tensors = Architecture::torchvision([1, 1, 1, 1], true, 7).tensors();
        for (name, shape) in [
            ("conv1.weight", vec![64, 3, 7, 7]),
            ("bn1.running_var", vec![64]),
            ("layer1.0.conv1.weight", vec![64, 64, 1, 1]),
            ("layer1.0.downsample.0.weight", vec![256, 64, 1, 1]),
            ("layer2.0.conv2.weight", vec![128, 128, 3, 3]),
            ("layer2.0.bn3.bias", vec![512]),
            ("layer4.0.downsample.1.running_mean", vec![2048]),
            ("fc.weight", vec![7, 2048]),
            ("fc.bias", vec![7]),
        ] {
            assert_eq!(tensors.get(name), Some(&shape), "{name}");
        }
        let layers = Architecture::torchvision([1, 2, 0, 0], false, 7).layer_names();
        assert_eq!(layers, ["conv1", "maxpool", "layer1.0", "layer2.0", "layer2.1"]);
    }
}
