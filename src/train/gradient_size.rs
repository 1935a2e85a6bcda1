//! How large the gradient is in each block: what tints the ribbon while a network trains.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor};

use crate::model::ResNet;
use crate::model::path::Path;

/// Steps from one measurement to the next: on a GPU each takes two dispatches for every convolution.
const EVERY: u32 = 16;
/// The first measurement: before, most blocks have a norm whose gamma is 0, and behind it no gradient.
const FIRST: u32 = 4;

/// Whether gradients are measured at this step of a run.
pub fn is_due(step: u32) -> bool {
    step % EVERY == FIRST
}

/// Sums of squares that are still on the device.
pub struct GradientSizes {
    /// One for each convolution in a block, `[convolutions]`.
    pub sums: Tensor<1>,
    /// Block (counted over all stages) and number of weights of each convolution.
    convs: Vec<(usize, usize)>,
    blocks: usize,
}

impl GradientSizes {
    /// Measures the gradients of the weights of all convolutions in blocks; nothing where there are no blocks, or a block is frozen.
    pub fn of(model: &ResNet, grads: &Gradients) -> Option<Self> {
        let blocks: Vec<usize> = model.stages.iter().map(Vec::len).collect();
        let mut visitor = Visitor { grads, path: Path::default(), blocks: &blocks, found: Vec::new() };
        model.visit(&mut visitor);
        let blocks = blocks.iter().sum();
        let mut seen = vec![false; blocks];
        visitor.found.iter().for_each(|(block, ..)| seen[*block] = true);
        if blocks == 0 || seen.contains(&false) {
            return None;
        }
        let convs = visitor.found.iter().map(|(block, weights, _)| (*block, *weights)).collect();
        let sums = Tensor::cat(visitor.found.into_iter().map(|(.., sum)| sum).collect(), 0);
        Some(Self { sums, convs, blocks })
    }

    /// `log10` of the root mean square of each block's gradient, from the sums as read back; negative infinity where it is 0.
    pub fn sizes(&self, sums: &[f32]) -> Vec<f32> {
        let mut totals = vec![(0.0, 0); self.blocks];
        for (&(block, weights), sum) in self.convs.iter().zip(sums) {
            totals[block].0 += f64::from(*sum);
            totals[block].1 += weights;
        }
        totals.into_iter().map(|(sum, weights)| (sum / weights.max(1) as f64).sqrt().log10() as f32).collect()
    }
}

struct Visitor<'a> {
    grads: &'a Gradients,
    path: Path,
    /// Blocks of each stage.
    blocks: &'a [usize],
    /// Block, number of weights, sum of squares.
    found: Vec<(usize, usize, Tensor<1>)>,
}

impl Visitor<'_> {
    /// The block that the visitor is in, counted over all stages: `stages.1.0` comes after all of `stages.0`.
    fn block(&self) -> Option<usize> {
        let name = self.path.name();
        let mut parts = name.strip_prefix("stages.")?.split('.').map(str::parse::<usize>);
        let (stage, block) = (parts.next()?.ok()?, parts.next()?.ok()?);
        Some(self.blocks.get(..stage)?.iter().sum::<usize>() + block)
    }
}

impl ModuleVisitor for Visitor<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        // Norms have few numbers, of another scale.
        let Some(block) = self.block().filter(|_| D == 4) else { return };
        let tensor = param.val();
        let Some(grad) = tensor.grad(self.grads) else { return };
        self.found.push((block, tensor.shape().num_elements(), grad.square().sum()));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::{Device, Distribution};

    use super::*;
    use crate::config::read_link;
    use crate::model::Plan;
    use crate::train::random::{Purpose, stream};

    #[test]
    fn sizes_are_those_of_the_gradients_by_hand() {
        let net = read_link("layers=2,1&expansion=2&width=8&stem=4,8").0.run.net;
        let device = Device::flex().autodiff();
        let model = ResNet::new(&Plan::new(&net, 10), stream(3, Purpose::Init, 0), &device);
        let input = Tensor::<4>::random([2, 3, 32, 32], Distribution::Default, &device);
        let grads = model.forward(input).square().sum().backward();
        let found = GradientSizes::of(&model, &grads).unwrap();
        let sums: Vec<f32> = found.sums.to_data().iter::<f32>().collect();
        let wanted: Vec<f32> = model
            .stages
            .iter()
            .flatten()
            .map(|block| {
                let convs = block.convs.iter().chain(&block.idconv);
                let values = convs.flat_map(|conv| {
                    let grad = conv.conv.weight.val().grad(&grads).unwrap();
                    grad.into_data().iter::<f32>().collect::<Vec<_>>()
                });
                let squares: Vec<f64> = values.map(|value| f64::from(value).powi(2)).collect();
                (squares.iter().sum::<f64>() / squares.len() as f64).sqrt().log10() as f32
            })
            .collect();
        let sizes = found.sizes(&sums);
        // The second block has no convolution beside its path, and begins with a gamma of 0.
        assert!(sizes[0].is_finite() && sizes[1] == f32::NEG_INFINITY && sizes[2].is_finite(), "{sizes:?}");
        for (size, wanted) in sizes.iter().zip(&wanted) {
            assert!(size == wanted || (size - wanted).abs() < 1e-4, "{sizes:?} {wanted:?}");
        }
    }

    #[test]
    fn a_network_without_blocks_has_no_sizes() {
        let net = read_link("layers=1&expansion=1&width=8&stem=4,8").0.run.net;
        let device = Device::flex().autodiff();
        let mut model = ResNet::new(&Plan::new(&net, 10), stream(3, Purpose::Init, 0), &device);
        model.stages.clear();
        let input = Tensor::<4>::ones([1, 3, 32, 32], &device);
        let grads = model.stem(input).sum().backward();
        assert!(GradientSizes::of(&model, &grads).is_none());
    }
}
