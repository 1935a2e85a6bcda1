//! ResNet-18 to 152 as torchvision and timm have them: the pretrained networks that one downloads.
//!
//! They differ from the chapter's: one 7×7 convolution for a stem, and a strided 1×1 convolution
//! with a norm on the identity path instead of the average pool. A bottleneck strides in its 3×3.

use burn::module::{Module, Param, RunningState};
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

use crate::model::batch_norm::BatchNorm;
use crate::model::conv_layer::Conv;
use crate::model::resnet::{Head, max_pool};
use crate::model::shapes::{Shapes, check, norm};
use crate::model::weights::{Array, Weights, WeightsError};

/// Channels of the first stage before a bottleneck widens them by 4.
const WIDTH: usize = 64;
/// Pixels of the picture for each cell of the last grid, along a side.
pub const STRIDE: u32 = 32;
/// Most blocks in a stage (ResNet-152 has 36).
const MOST_BLOCKS: usize = 64;

/// What distinguishes the networks of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TorchvisionPlan {
    /// Blocks in each of the four stages.
    pub layers: [usize; 4],
    /// 1×1, 3×3, 1×1 instead of two 3×3.
    pub bottleneck: bool,
    /// Classes.
    pub classes: usize,
}

impl TorchvisionPlan {
    /// The plan that a file's names speak of, or nothing where they are other networks' names.
    pub fn infer(weights: &Weights) -> Option<Self> {
        let classes = *weights.get("fc.weight")?.shape.first()?;
        let blocks = |stage: usize| {
            (0..MOST_BLOCKS)
                .take_while(|block| {
                    weights.contains_key(&format!("layer{}.{block}.conv1.weight", stage + 1))
                })
                .count()
        };
        let layers = std::array::from_fn(blocks);
        let plausible = weights.contains_key("conv1.weight")
            && layers[0] > 0
            && (1..=100_000).contains(&classes);
        plausible.then_some(Self {
            layers,
            bottleneck: weights.contains_key("layer1.0.conv3.weight"),
            classes,
        })
    }

    /// What people call it.
    pub fn name(&self) -> String {
        match (self.layers, self.bottleneck) {
            ([2, 2, 2, 2], false) => "ResNet-18".into(),
            ([3, 4, 6, 3], false) => "ResNet-34".into(),
            ([3, 4, 6, 3], true) => "ResNet-50".into(),
            ([3, 4, 23, 3], true) => "ResNet-101".into(),
            (layers, _) => format!("a ResNet of {layers:?} blocks"),
        }
    }

    /// Every tensor, with torchvision's names.
    pub fn shapes(&self) -> Shapes {
        let mut shapes = Shapes::new();
        shapes.insert("conv1.weight".into(), vec![WIDTH, 3, 7, 7]);
        norm(&mut shapes, "bn1", WIDTH);
        for block in self.blocks() {
            let name = &block.name;
            for (index, &(ni, nf, ks, _)) in block.convs.iter().enumerate() {
                shapes.insert(format!("{name}.conv{}.weight", index + 1), vec![nf, ni, ks, ks]);
                norm(&mut shapes, &format!("{name}.bn{}", index + 1), nf);
            }
            if let Some((ni, nf, _)) = block.downsample {
                shapes.insert(format!("{name}.downsample.0.weight"), vec![nf, ni, 1, 1]);
                norm(&mut shapes, &format!("{name}.downsample.1"), nf);
            }
        }
        shapes.insert("fc.weight".into(), vec![self.classes, self.features()]);
        shapes.insert("fc.bias".into(), vec![self.classes]);
        shapes
    }

    /// Layers whose output can be seen, first to last.
    pub fn layer_names(&self) -> Vec<String> {
        let first = ["conv1", "maxpool"].map(str::to_string);
        first.into_iter().chain(self.blocks().into_iter().map(|block| block.name)).collect()
    }

    fn expansion(&self) -> usize {
        if self.bottleneck { 4 } else { 1 }
    }

    fn features(&self) -> usize {
        (WIDTH << 3) * self.expansion()
    }

    fn blocks(&self) -> Vec<BlockPlan> {
        let mut plans = Vec::new();
        let mut ni = WIDTH;
        for (stage, &blocks) in self.layers.iter().enumerate() {
            let inner = WIDTH << stage;
            let nf = inner * self.expansion();
            for block in 0..blocks {
                let stride = if block == 0 && stage > 0 { 2 } else { 1 };
                let convs = if self.bottleneck {
                    vec![(ni, inner, 1, 1), (inner, inner, 3, stride), (inner, nf, 1, 1)]
                } else {
                    vec![(ni, inner, 3, stride), (inner, inner, 3, 1)]
                };
                let downsample = (stride == 2 || ni != nf).then_some((ni, nf, stride));
                plans.push(BlockPlan {
                    name: format!("layer{}.{block}", stage + 1),
                    stage,
                    convs,
                    downsample,
                });
                ni = nf;
            }
        }
        plans
    }
}

struct BlockPlan {
    name: String,
    stage: usize,
    /// `(ni, nf, ks, stride)`
    convs: Vec<(usize, usize, usize, usize)>,
    /// `(ni, nf, stride)`
    downsample: Option<(usize, usize, usize)>,
}

/// A convolution without bias, and its norm.
#[derive(Module, Debug)]
pub struct ConvNorm {
    /// Convolution.
    pub conv: Conv,
    /// Norm.
    pub norm: BatchNorm,
    stride: usize,
}

impl ConvNorm {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.norm.forward(convolve(input, &self.conv, self.stride))
    }
}

fn convolve(input: Tensor<4>, conv: &Conv, stride: usize) -> Tensor<4> {
    let weight = conv.weight.val();
    let pad = weight.dims()[2] / 2;
    conv2d(input, weight, None, ConvOptions::new([stride; 2], [pad; 2], [1; 2], 1))
}

/// torchvision's `BasicBlock` or `Bottleneck`.
#[derive(Module, Debug)]
pub struct Block {
    /// `conv1`/`bn1` and so on.
    pub convs: Vec<ConvNorm>,
    /// `downsample.0` and `downsample.1`.
    pub downsample: Option<ConvNorm>,
}

impl Block {
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let last = self.convs.len() - 1;
        let residual = self.convs.iter().enumerate().fold(input.clone(), |x, (index, conv)| {
            let y = conv.forward(x);
            if index == last { y } else { relu(y) }
        });
        let identity = match &self.downsample {
            Some(downsample) => downsample.forward(input),
            None => input,
        };
        relu(residual + identity)
    }
}

/// `torchvision.models.resnetN`.
#[derive(Module, Debug)]
pub struct TorchvisionResNet {
    /// 7×7, stride 2.
    pub conv1: Conv,
    /// Its norm.
    pub bn1: BatchNorm,
    /// `layer1` to `layer4`.
    pub stages: Vec<Vec<Block>>,
    /// `fc`.
    pub head: Head,
}

impl TorchvisionResNet {
    /// Builds the network of `plan` from a file's weights.
    ///
    /// # Errors
    /// [`WeightsError`] names the first tensor that is missing, misshaped or left over.
    pub fn load(
        plan: &TorchvisionPlan,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        check(weights, &plan.shapes())?;
        let source = Source { weights, device };
        let mut stages: Vec<Vec<Block>> = vec![Vec::new(); plan.layers.len()];
        for block in plan.blocks() {
            let name = &block.name;
            let conv = |(index, &(_, _, _, stride)): (usize, &(usize, usize, usize, usize))| {
                source.conv_norm(
                    &format!("{name}.conv{}", index + 1),
                    &format!("{name}.bn{}", index + 1),
                    stride,
                )
            };
            let convs = block.convs.iter().enumerate().map(conv).collect::<Result<_, _>>()?;
            let down = |(_, _, stride)| {
                source.conv_norm(
                    &format!("{name}.downsample.0"),
                    &format!("{name}.downsample.1"),
                    stride,
                )
            };
            let downsample = block.downsample.map(down).transpose()?;
            stages[block.stage].push(Block { convs, downsample });
        }
        Ok(Self {
            conv1: source.conv("conv1")?,
            bn1: source.norm("bn1")?,
            stages,
            head: Head { weight: source.param("fc.weight")?, bias: source.param("fc.bias")? },
        })
    }

    /// Its layout.
    pub fn plan(&self) -> TorchvisionPlan {
        let bottleneck =
            self.stages.iter().flatten().next().is_some_and(|block| block.convs.len() == 3);
        let layers = std::array::from_fn(|stage| self.stages.get(stage).map_or(0, Vec::len));
        TorchvisionPlan { layers, bottleneck, classes: self.head.bias.val().dims()[0] }
    }

    fn stem(&self, input: Tensor<4>) -> Tensor<4> {
        relu(self.bn1.forward(convolve(input, &self.conv1, 2)))
    }

    /// The last grid.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, 512 or 2048, ⌈h / 32⌉, ⌈w / 32⌉]`.
    pub fn features(&self, input: Tensor<4>) -> Tensor<4> {
        let x = max_pool(self.stem(input));
        self.stages.iter().flatten().fold(x, |x, block| block.forward(x))
    }

    /// # Shapes
    /// `[n, features, h, w]` to `[n, classes]`.
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        let [n, channels, h, w] = features.dims();
        self.head.forward(features.reshape([n, channels, h * w]).mean_dim(2).reshape([n, channels]))
    }

    /// The output of `conv1`, `maxpool`, a block (`layer1.0`) or a stage (`layer1`).
    pub fn layer(&self, input: Tensor<4>, name: &str) -> Option<Tensor<4>> {
        let mut x = self.stem(input);
        if name == "conv1" {
            return Some(x);
        }
        x = max_pool(x);
        if name == "maxpool" {
            return Some(x);
        }
        for (stage, blocks) in self.stages.iter().enumerate() {
            for (index, block) in blocks.iter().enumerate() {
                x = block.forward(x);
                if name == format!("layer{}.{index}", stage + 1) {
                    return Some(x);
                }
            }
            if name == format!("layer{}", stage + 1) {
                return Some(x);
            }
        }
        None
    }
}

/// torchvision's name for a tensor of [`TorchvisionResNet`].
pub fn torchvision_name(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    let next = |number: &str| {
        number
            .parse::<usize>()
            .map_or_else(|_| number.to_string(), |number| (number + 1).to_string())
    };
    match parts[..] {
        ["head", part] => format!("fc.{part}"),
        ["stages", stage, block, "convs", index, kind, part] => {
            let kind = if kind == "norm" { "bn" } else { kind };
            format!("layer{}.{block}.{kind}{}.{part}", next(stage), next(index))
        }
        ["stages", stage, block, "downsample", kind, part] => {
            format!(
                "layer{}.{block}.downsample.{}.{part}",
                next(stage),
                if kind == "norm" { 1 } else { 0 }
            )
        }
        _ => name.to_string(),
    }
}

/// Weights that have been checked, on their way to a device.
struct Source<'a> {
    weights: &'a Weights,
    device: &'a Device,
}

impl Source<'_> {
    fn array(&self, name: &str) -> Result<&Array, WeightsError> {
        self.weights.get(name).ok_or_else(|| WeightsError::Missing(name.into()))
    }

    fn data(&self, name: &str) -> Result<TensorData, WeightsError> {
        let array = self.array(name)?;
        Ok(TensorData::new(array.values.clone(), array.shape.clone()))
    }

    fn param<const D: usize>(&self, name: &str) -> Result<Param<Tensor<D>>, WeightsError> {
        Ok(Param::from_data(self.data(name)?, self.device))
    }

    fn conv(&self, name: &str) -> Result<Conv, WeightsError> {
        Ok(Conv { weight: self.param(&format!("{name}.weight"))? })
    }

    fn norm(&self, name: &str) -> Result<BatchNorm, WeightsError> {
        let running = |part: &str| {
            Ok(RunningState::new(Tensor::from_data(
                self.data(&format!("{name}.{part}"))?,
                self.device,
            )))
        };
        Ok(BatchNorm {
            weight: self.param(&format!("{name}.weight"))?,
            bias: self.param(&format!("{name}.bias"))?,
            running_mean: running("running_mean")?,
            running_var: running("running_var")?,
        })
    }

    fn conv_norm(&self, conv: &str, norm: &str, stride: usize) -> Result<ConvNorm, WeightsError> {
        Ok(ConvNorm { conv: self.conv(conv)?, norm: self.norm(norm)?, stride })
    }
}
