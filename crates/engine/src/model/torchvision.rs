//! ResNet-18 to 152 as torchvision and timm have them: the pretrained networks that one downloads.
//!
//! [`Architecture::torchvision`] says how they differ from the chapter's. Their weights always come
//! from a file, and the layers are composed of Burn's operations: nothing here has a first
//! initialization or a kernel of its own.

use burn::module::{Module, Param, RunningState};
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};
use resnette_spec::architecture::{Architecture, ConvNames, ConvSpec, Naming};

use crate::model::batch_norm::BatchNorm;
use crate::model::conv_layer::Conv;
use crate::model::head::{Head, Hidden, Unbiased};
use crate::model::resnet::max_pool;
use crate::model::weights::{Array, Weights, WeightsError, check_tensors};

const NAMING: Naming = Naming::Torchvision;

/// A convolution without bias and its batch norm, without a ReLU.
#[derive(Module, Debug)]
pub struct ConvNorm {
    /// The convolution.
    pub conv: Conv,
    /// The batch norm behind it.
    pub norm: BatchNorm,
    stride: usize,
}

impl ConvNorm {
    /// # Shapes
    /// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        self.norm.forward(convolve(input, &self.conv, self.stride))
    }
}

/// A convolution without bias, padded so that stride 1 keeps the grid.
///
/// # Shapes
/// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
fn convolve(input: Tensor<4>, conv: &Conv, stride: usize) -> Tensor<4> {
    let weight = conv.weight.val();
    let pad = weight.dims()[2] / 2;
    conv2d(input, weight, None, ConvOptions::new([stride; 2], [pad; 2], [1; 2], 1))
}

/// torchvision's `BasicBlock` or `Bottleneck`.
#[derive(Module, Debug)]
pub struct Block {
    /// `conv1` and `bn1`, `conv2` and `bn2`, and so on.
    pub convs: Vec<ConvNorm>,
    /// `downsample.0` and `downsample.1`; `None` if the input can be added as it is.
    pub downsample: Option<ConvNorm>,
}

impl Block {
    /// # Shapes
    /// `[n, ni, h, w]` to `[n, nf, ⌈h / stride⌉, ⌈w / stride⌉]`.
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
    /// The 7×7 convolution with stride 2.
    pub conv1: Conv,
    /// The batch norm behind [`Self::conv1`].
    pub bn1: BatchNorm,
    /// The blocks of `layer1` to `layer4`.
    pub stages: Vec<Vec<Block>>,
    /// `fc`, and the pools before it.
    pub head: Head,
}

impl TorchvisionResNet {
    /// Builds a network that [`Architecture::torchvision`] laid out from the weights of a file.
    ///
    /// # Errors
    /// [`WeightsError`] names the first tensor that is missing, misshaped or left over.
    pub fn load(
        architecture: &Architecture,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        check_tensors(weights, &architecture.tensors())?;
        let source = Source { weights, device };
        let mut stages = Vec::new();
        for (stage, blocks) in architecture.stages.iter().enumerate() {
            let mut built = Vec::new();
            for (index, spec) in blocks.iter().enumerate() {
                let name = NAMING.block(stage, index);
                let conv = |(index, conv)| source.conv_norm(&NAMING.conv(&name, index), conv);
                let down = |conv| source.conv_norm(&NAMING.projection(&name), conv);
                built.push(Block {
                    convs: spec.convs.iter().enumerate().map(conv).collect::<Result<_, _>>()?,
                    downsample: spec.projection.as_ref().map(down).transpose()?,
                });
            }
            stages.push(built);
        }
        let stem = NAMING.stem(0);
        let head = |part: &str| format!("{}.{part}", NAMING.head());
        Ok(Self {
            conv1: source.conv(&stem.conv)?,
            bn1: source.norm(&stem.norm)?,
            stages,
            head: match architecture.has_fastai_head() {
                true => Head {
                    hidden: Some(Hidden {
                        norm1: source.norm(&head("hidden.norm1"))?,
                        linear: Unbiased { weight: source.param(&head("hidden.linear.weight"))? },
                        norm2: source.norm(&head("hidden.norm2"))?,
                    }),
                    weight: source.param(&head("weight"))?,
                    bias: None,
                },
                false => Head {
                    hidden: None,
                    weight: source.param(&head("weight"))?,
                    bias: Some(source.param(&head("bias"))?),
                },
            },
        })
    }

    /// What the network consists of.
    pub fn architecture(&self) -> Architecture {
        let bottleneck =
            self.stages.iter().flatten().next().is_some_and(|block| block.convs.len() == 3);
        let blocks = |stage: usize| self.stages.get(stage).map_or(0, |blocks| blocks.len() as u32);
        let classes = self.head.classes() as u32;
        Architecture::torchvision(std::array::from_fn(blocks), bottleneck, classes)
            .with_head(self.head.kind())
    }

    /// The first convolution, its norm and ReLU.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, 64, ⌈h / 2⌉, ⌈w / 2⌉]`.
    fn stem(&self, input: Tensor<4>) -> Tensor<4> {
        relu(self.bn1.forward(convolve(input, &self.conv1, 2)))
    }

    /// The last grid, before it is averaged.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, 512 or 2048, ⌈h / 32⌉, ⌈w / 32⌉]`.
    pub fn features(&self, input: Tensor<4>) -> Tensor<4> {
        let x = max_pool(self.stem(input));
        self.stages.iter().flatten().fold(x, |x, block| block.forward(x))
    }

    /// Pools the last grid and classifies the vector.
    ///
    /// # Shapes
    /// `[n, features, h, w]` to `[n, classes]`.
    pub fn classify(&self, features: Tensor<4>) -> Tensor<2> {
        self.head.forward(self.head.pool(features))
    }

    /// The output of `conv1` (with its norm and ReLU), `maxpool`, a block (`layer1.0`) or a stage
    /// (`layer1`); `None` for another name.
    ///
    /// # Shapes
    /// `[n, 3, h, w]` to `[n, channels, h', w']`.
    pub fn layer(&self, input: Tensor<4>, name: &str) -> Option<Tensor<4>> {
        let mut x = self.stem(input);
        if name == NAMING.stem(0).layer {
            return Some(x);
        }
        x = max_pool(x);
        if name == NAMING.max_pool() {
            return Some(x);
        }
        for (stage, blocks) in self.stages.iter().enumerate() {
            for (index, block) in blocks.iter().enumerate() {
                x = block.forward(x);
                if name == NAMING.block(stage, index) {
                    return Some(x);
                }
            }
            if name == NAMING.stage(stage) {
                return Some(x);
            }
        }
        None
    }
}

/// torchvision's name for a tensor that has the name `module` in [`TorchvisionResNet`]:
/// `stages.0.1.convs.2.norm.bias` is `layer1.1.bn3.bias`.
pub fn torchvision_name(module: &str) -> String {
    renamed(module).unwrap_or_else(|| module.into())
}

fn renamed(module: &str) -> Option<String> {
    if let Some(part) = module.strip_prefix("head.") {
        return Some(format!("{}.{part}", NAMING.head()));
    }
    let parts: Vec<&str> = module.split('.').collect();
    let (names, kind, part) = match parts[..] {
        ["stages", stage, block, "convs", index, kind, part] => {
            let block = NAMING.block(stage.parse().ok()?, block.parse().ok()?);
            (NAMING.conv(&block, index.parse().ok()?), kind, part)
        }
        ["stages", stage, block, "downsample", kind, part] => {
            let block = NAMING.block(stage.parse().ok()?, block.parse().ok()?);
            (NAMING.projection(&block), kind, part)
        }
        _ => return None,
    };
    let layer = if kind == "norm" { names.norm } else { names.conv };
    Some(format!("{layer}.{part}"))
}

/// Checked weights and the device that they are copied to.
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

    fn conv_norm(&self, names: &ConvNames, spec: &ConvSpec) -> Result<ConvNorm, WeightsError> {
        let (conv, norm) = (self.conv(&names.conv)?, self.norm(&names.norm)?);
        Ok(ConvNorm { conv, norm, stride: spec.stride as usize })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_spec::HeadKind;

    use super::*;
    use crate::model::params::flat_params;

    #[test]
    fn the_modules_tensors_get_torchvisions_names() {
        for bottleneck in [false, true] {
            let head = if bottleneck { HeadKind::Fastai } else { HeadKind::Linear };
            let architecture =
                Architecture::torchvision([1, 2, 1, 1], bottleneck, 3).with_head(head);
            let zeros = |(name, shape): (String, Vec<usize>)| {
                let values = vec![0.0; shape.iter().product()];
                (name, Array { shape, values })
            };
            let weights: Weights = architecture.tensors().into_iter().map(zeros).collect();
            let network =
                TorchvisionResNet::load(&architecture, &weights, &Device::flex()).unwrap();
            assert_eq!(network.architecture(), architecture);
            let mut names: Vec<String> = flat_params(&network)
                .into_iter()
                .map(|param| torchvision_name(&param.name))
                .collect();
            names.sort();
            assert_eq!(names, weights.into_keys().collect::<Vec<_>>());
        }
    }
}
