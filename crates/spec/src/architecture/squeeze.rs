//! Squeeze-and-excitation: what each channel of a block's residual path is multiplied by follows
//! from the averages of all of them.
//!
//! Source: Hu, Shen, Albanie, Sun and Wu, "Squeeze-and-Excitation Networks",
//! [arXiv:1709.01507](https://arxiv.org/abs/1709.01507); the widths are those of `SEModule` in
//! fastai's `layers.py`.

use super::{Architecture, Cost, TensorShapes};

/// The module at the end of a residual path: average of each channel, 1×1 convolution with bias to
/// fewer channels, activation, 1×1 convolution with bias back, sigmoid, product with the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqueezeSpec {
    /// Channels of the path.
    pub channels: u32,
    /// Channels between the two convolutions.
    pub hidden: u32,
}

impl SqueezeSpec {
    /// The module of a path with so many channels, which are divided by `reduction` inside, rounded
    /// up to a multiple of 8 as in fastai, and are at least 8.
    pub fn new(channels: u32, reduction: u32) -> Self {
        let hidden = (channels / reduction.max(1)).div_ceil(8).max(1) * 8;
        Self { channels, hidden }
    }

    /// What it costs for one picture. Average, sigmoid and product are not counted, like pools and
    /// norms.
    pub fn cost(self) -> Cost {
        let weights = 2 * u64::from(self.channels) * u64::from(self.hidden);
        Cost {
            weights,
            parameters: weights + u64::from(self.channels) + u64::from(self.hidden),
            multiply_adds: weights,
        }
    }

    /// Adds its four tensors under the name of the module: `….squeeze.weight`
    /// `[hidden, channels, 1, 1]` and `….squeeze.bias` `[hidden]`, `….excite.weight`
    /// `[channels, hidden, 1, 1]` and `….excite.bias` `[channels]`.
    pub(super) fn add_tensors(self, shapes: &mut TensorShapes, name: &str) {
        let [channels, hidden] = [self.channels, self.hidden].map(|number| number as usize);
        for (part, from, to) in [("squeeze", channels, hidden), ("excite", hidden, channels)] {
            shapes.insert(format!("{name}.{part}.weight"), vec![to, from, 1, 1]);
            shapes.insert(format!("{name}.{part}.bias"), vec![to]);
        }
    }
}

impl Architecture {
    /// The same network with squeeze-and-excitation of this reduction in each block; 0 is none.
    pub fn with_squeeze(mut self, reduction: u32) -> Self {
        for block in self.stages.iter_mut().flatten() {
            let channels = block.convs.last().map(|conv| conv.nf);
            block.squeeze = channels
                .filter(|_| reduction > 0)
                .map(|channels| SqueezeSpec::new(channels, reduction));
        }
        self
    }

    /// How many blocks have squeeze-and-excitation.
    pub(crate) fn squeezes(&self) -> u64 {
        self.stages.iter().flatten().filter(|block| block.squeeze.is_some()).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_run;

    fn network(settings: &str) -> Architecture {
        Architecture::new(&read_run(settings).0.net, 10)
    }

    /// `math.ceil(ch // reduction / 8) * 8`, and 8 where that is 0.
    #[test]
    fn the_widths_are_fastais() {
        for (channels, reduction, hidden) in
            [(256, 16, 16), (64, 16, 8), (512, 16, 32), (100, 4, 32), (72, 1, 72), (8, 16, 8)]
        {
            assert_eq!(SqueezeSpec::new(channels, reduction).hidden, hidden, "{channels}");
        }
    }

    #[test]
    fn each_block_has_four_tensors_more_and_their_cost() {
        let link = "layers=2,1&width=16&expansion=4&stem=8";
        let (plain, squeezed) = (network(link), network(&format!("{link}&se=4")));
        let (before, after) = (plain.tensors(), squeezed.tensors());
        assert_eq!(after.len() - before.len(), 3 * 4);
        assert_eq!(after["stages.1.0.se.squeeze.weight"], [32, 128, 1, 1]);
        assert_eq!(after["stages.0.1.se.excite.bias"], [64]);
        // Two of 64 channels to 16 and one of 128 to 32.
        let weights = 2 * (2 * 64 * 16) + 2 * 128 * 32;
        let biases = 2 * (64 + 16) + 128 + 32;
        assert_eq!(squeezed.parameters() - plain.parameters(), weights + biases);
        assert_eq!(squeezed.multiply_adds(64) - plain.multiply_adds(64), weights);
        assert_eq!(squeezed.squeezes(), 3);
        assert_eq!(network(&format!("{link}&se=0")), plain);
        let row = squeezed.rows(64).into_iter().find(|row| row.name == "stages.1.0.se");
        let row = row.map(|row| (row.kind, row.shape));
        assert_eq!(row, Some(("Squeeze-and-excitation over 32".into(), [128, 8, 8])));
        assert!(squeezed.layer_names().contains(&"stages.0.1.se".to_string()));
    }
}
