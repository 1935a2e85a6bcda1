//! The tensors of a network: names and shapes, as PyTorch stores them.

use std::collections::BTreeMap;

use super::layers::Operation;
use super::{Architecture, ConvNames, ConvSpec};

/// Shapes by name, row-major, as in a PyTorch state dict.
pub type TensorShapes = BTreeMap<String, Vec<usize>>;

/// Whether a tensor with this name is trained: the running statistics of norms are not, nor the two
/// vectors that the norm of self-attention's weight is found with. They have no gradient, and the
/// optimiser keeps nothing for them.
pub fn is_trained(name: &str) -> bool {
    let is_vector = name.ends_with(".weight_u") || name.ends_with(".weight_v");
    !is_vector && !name.contains(".running_")
}

impl Architecture {
    /// Every tensor of the network, running statistics included, `num_batches_tracked` not.
    ///
    /// # Shapes
    /// A convolution's weight is `[nf, ni / groups, ks, ks]`, the four tensors of a norm are
    /// `[channels]`, and the linear layer has `[classes, features]` and `[classes]`. fastai's head
    /// has `[512, 2 · features]` and `[classes, 512]` instead, and norms of `2 · features` and 512.
    pub fn tensors(&self) -> TensorShapes {
        let mut shapes = TensorShapes::new();
        // The size of the pictures does not matter to tensors.
        for layer in self.layers(64) {
            match layer.operation {
                Operation::Conv(conv, names) => conv_layer(&mut shapes, conv, &names),
                Operation::Squeeze(squeeze, name) => squeeze.add_tensors(&mut shapes, &name),
                Operation::Attention(attention, name) => attention.add_tensors(&mut shapes, &name),
                Operation::Linear => self.add_head_tensors(&mut shapes),
                Operation::MaxPool(_)
                | Operation::SkipPool(..)
                | Operation::GlobalPool
                | Operation::Hidden => {}
            }
        }
        shapes
    }
}

fn conv_layer(shapes: &mut TensorShapes, conv: &ConvSpec, names: &ConvNames) {
    let [inputs, nf, ks] = [conv.group_inputs(), conv.nf, conv.ks].map(|number| number as usize);
    shapes.insert(format!("{}.weight", names.conv), vec![nf, inputs, ks, ks]);
    for part in ["weight", "bias", "running_mean", "running_var"] {
        shapes.insert(format!("{}.{part}", names.norm), vec![nf]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets::NETWORKS;
    use crate::{HeadKind, read_run};

    #[test]
    fn parameters_are_the_numbers_in_the_trainable_tensors() {
        let chapter =
            NETWORKS.iter().map(|preset| Architecture::new(&read_run(preset.settings).0.net, 10));
        let torchvision = [false, true]
            .map(|bottleneck| Architecture::torchvision([3, 4, 6, 3], bottleneck, 1000));
        let chapter: Vec<Architecture> = chapter.chain(torchvision).collect();
        let fastai = chapter.clone().into_iter().map(|net| net.with_head(HeadKind::Fastai));
        let attends = chapter.clone().into_iter().map(|net| net.with_attention(1));
        for net in chapter.into_iter().chain(fastai).chain(attends) {
            let tensors = net.tensors();
            let trainable = tensors.iter().filter(|(name, _)| is_trained(name));
            let numbers: usize = trainable.map(|(_, shape)| shape.iter().product::<usize>()).sum();
            assert_eq!(numbers as u64, net.parameters());
        }
    }
}
