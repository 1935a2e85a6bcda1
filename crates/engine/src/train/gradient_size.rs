//! How large the gradient of each block is, which colours the page's diagram of the network while
//! it trains.
//!
//! Adam keeps a running mean of the square of each gradient, so only the sums of these means are
//! computed here.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use crate::train::adam::Adam;

/// Steps from one measurement to the next. On a GPU, a measurement takes a dispatch for every
/// convolution.
const EVERY: u32 = 16;
/// The first measurement. In the first steps the last norm of most blocks has a gamma of 0, so that
/// no gradient reaches the convolutions before it.
const FIRST: u32 = 4;

/// Whether gradients are measured after this step of a run, counted from 0.
pub fn is_due(step: u32) -> bool {
    step % EVERY == FIRST
}

/// The stage of a block, and its number within the stage.
type Block = (usize, usize);

/// A measurement whose sums are still on the device.
pub struct GradientSizes {
    /// For each convolution in a block, the sum over its weights of the running mean of the
    /// squared gradient, `[convolutions]`.
    pub sums: Tensor<1>,
    /// The block and the number of weights of each convolution.
    convs: Vec<(Block, usize)>,
    /// The factor that debiases the running means, which start at 0.
    debias: f64,
}

impl GradientSizes {
    /// Sums the optimiser's running means for the convolutions of all blocks; `None` if it has
    /// none.
    pub fn of(adam: &Adam) -> Option<Self> {
        // Batch norms are left out: their gradients are few and of another scale.
        let weights = adam.state.iter().filter(|(name, _)| name.ends_with(".conv.weight"));
        let found: Vec<_> =
            weights.filter_map(|(name, averages)| Some((block(name)?, &averages.sqr))).collect();
        if found.is_empty() {
            return None;
        }
        let convs = found.iter().map(|(block, sqr)| (*block, sqr.shape().num_elements())).collect();
        let sums = Tensor::cat(found.into_iter().map(|(_, sqr)| sqr.clone().sum()).collect(), 0);
        Some(Self { sums, convs, debias: adam.debias_sqr() })
    }

    /// `log10` of the root mean square of each block's gradient, in the network's order, from
    /// [`Self::sums`] as read from the device. It is negative infinity for a gradient of 0.
    pub fn sizes(&self, sums: &[f32]) -> Vec<f32> {
        let mut totals = BTreeMap::<Block, (f64, usize)>::new();
        for (&(block, weights), sum) in self.convs.iter().zip(sums) {
            let total = totals.entry(block).or_default();
            total.0 += f64::from(*sum);
            total.1 += weights;
        }
        totals
            .into_values()
            .map(|(sum, weights)| (self.debias * sum / weights as f64).sqrt().log10() as f32)
            .collect()
    }
}

/// The block of a parameter, from its name: `stages.1.0.convs.2.conv.weight` is in block 0 of
/// stage 1. `None` if it is in no block.
fn block(name: &str) -> Option<Block> {
    let mut parts = name.strip_prefix("stages.")?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::{Device, Distribution};
    use resnette_spec::architecture::Architecture;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::read_run;
    use resnette_spec::schedule::StepHyperParams;

    use super::*;
    use crate::model::ResNet;

    #[test]
    fn after_one_step_the_sizes_are_those_of_its_gradients() {
        let net = read_run("layers=2,1&expansion=2&width=8&stem=4,8").0.net;
        let device = Device::flex().autodiff();
        let model = ResNet::new(&Architecture::new(&net, 10), stream(3, Purpose::Init, 0), &device);
        let input = Tensor::<4>::random([2, 3, 32, 32], Distribution::Default, &device);
        let mut grads = model.forward(input).square().sum().backward();
        let by_hand = |block: &crate::model::ResBlock| {
            let values = block.convs.iter().chain(&block.idconv).flat_map(|conv| {
                let grad = conv.conv.weight.val().grad(&grads).unwrap();
                grad.into_data().iter::<f32>().collect::<Vec<_>>()
            });
            let squares: Vec<f64> = values.map(|value| f64::from(value).powi(2)).collect();
            (squares.iter().sum::<f64>() / squares.len() as f64).sqrt().log10() as f32
        };
        let wanted: Vec<f32> = model.stages.iter().flatten().map(by_hand).collect();
        let mut adam = Adam::new(0.01);
        assert!(GradientSizes::of(&adam).is_none());
        adam.step(model, &mut grads, StepHyperParams { lr: 0.001, mom: 0.9 }, |_| 1.0);
        let found = GradientSizes::of(&adam).unwrap();
        let sizes = found.sizes(&found.sums.to_data().iter::<f32>().collect::<Vec<_>>());
        // The second block has no convolution in its skip connection, and its last gamma starts
        // at 0.
        assert!(
            sizes.len() == 3
                && sizes[0].is_finite()
                && sizes[1] == f32::NEG_INFINITY
                && sizes[2].is_finite(),
            "{sizes:?}"
        );
        for (size, wanted) in sizes.iter().zip(&wanted) {
            assert!(size == wanted || (size - wanted).abs() < 1e-4, "{sizes:?} {wanted:?}");
        }
    }

    #[test]
    fn blocks_come_in_the_networks_order() {
        let device = Device::flex();
        let names = ["stages.0.10", "stages.0.2", "stages.1.0"];
        let convs = names
            .iter()
            .map(|name| (block(&format!("{name}.convs.0.conv.weight")).unwrap(), 4))
            .collect();
        let found = GradientSizes { sums: Tensor::zeros([3], &device), convs, debias: 1.0 };
        assert_eq!(found.sizes(&[4.0, 400.0, 0.04]), [1.0, 0.0, -1.0]);
        assert!(block("head.weight").is_none() && block("stem.0.conv.weight").is_none());
    }
}
