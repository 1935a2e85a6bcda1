//! The head: what it pools the last grid to, and its layers.
//!
//! Source: `create_head`, `AdaptiveConcatPool2d` and `LinBnDrop` in fastai's `vision/learner.py`
//! and `layers.py`.

use super::{Architecture, TensorShapes};
use crate::net::HeadKind;

/// Length of the vector between the two linear layers of fastai's head.
pub const HIDDEN: u32 = 512;
/// The tensors of a batch norm.
const NORM: [&str; 4] = ["weight", "bias", "running_mean", "running_var"];

/// How many tensors a head has.
pub(crate) struct HeadTensors {
    /// Trainable tensors.
    pub trained: u64,
    /// Tensors of running statistics.
    pub running: u64,
    /// Numbers in the running statistics.
    pub statistics: u64,
}

impl Architecture {
    /// The same network with another head. [`HeadKind::Auto`] counts as linear: whoever begins a
    /// fine-tuning has chosen before.
    pub fn with_head(self, head: HeadKind) -> Self {
        let head = match head {
            HeadKind::Auto | HeadKind::Linear => HeadKind::Linear,
            HeadKind::Fastai => HeadKind::Fastai,
        };
        Self { head, ..self }
    }

    /// Whether it has fastai's head.
    pub fn has_fastai_head(&self) -> bool {
        self.head == HeadKind::Fastai
    }

    /// Length of the vector that the head classifies: the average of each channel, and in fastai's
    /// head the maximum of each before that.
    pub fn pooled(&self) -> u32 {
        if self.has_fastai_head() { self.features * 2 } else { self.features }
    }

    /// Inputs of the last linear layer.
    pub(super) fn last_inputs(&self) -> u32 {
        if self.has_fastai_head() { HIDDEN } else { self.features }
    }

    /// How much the head adds to a file.
    pub(crate) fn head_tensors(&self) -> HeadTensors {
        match self.has_fastai_head() {
            // Two norms and two linear layers without bias.
            true => HeadTensors {
                trained: 6,
                running: 4,
                statistics: 2 * u64::from(self.pooled() + HIDDEN),
            },
            false => HeadTensors { trained: 2, running: 0, statistics: 0 },
        }
    }

    /// Trainable parameters of what comes before the last linear layer of fastai's head: norm,
    /// linear layer, norm.
    pub(super) fn hidden_parameters(&self) -> u64 {
        let [pooled, hidden] = [self.pooled(), HIDDEN].map(u64::from);
        2 * pooled + pooled * hidden + 2 * hidden
    }

    /// Adds the tensors of the head: `head.weight` and `head.bias` of a linear one. fastai's has
    /// `head.hidden.norm1.…`, `head.hidden.linear.weight`, `head.hidden.norm2.…` and `head.weight`,
    /// since a linear layer after a norm has no bias there.
    pub(super) fn add_head_tensors(&self, shapes: &mut TensorShapes) {
        let name = self.naming.head();
        let [classes, pooled, last, hidden] =
            [self.classes, self.pooled(), self.last_inputs(), HIDDEN].map(|n| n as usize);
        shapes.insert(format!("{name}.weight"), vec![classes, last]);
        if !self.has_fastai_head() {
            shapes.insert(format!("{name}.bias"), vec![classes]);
            return;
        }
        shapes.insert(format!("{name}.hidden.linear.weight"), vec![hidden, pooled]);
        for (norm, length) in [("norm1", pooled), ("norm2", hidden)] {
            for part in NORM {
                shapes.insert(format!("{name}.hidden.{norm}.{part}"), vec![length]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_run;

    /// Two norms of 1,024 and 512 numbers, and linear layers of 1,024 × 512 and 512 × 10 weights.
    #[test]
    fn fastais_head_has_fastais_parameters() {
        let parameters = |head: HeadKind| {
            Architecture::torchvision([2, 2, 2, 2], false, 10).with_head(head).parameters()
        };
        let linear = 512 * 10 + 10;
        let fastai = 2 * 1024 + 1024 * 512 + 2 * 512 + 512 * 10;
        assert_eq!(
            parameters(HeadKind::Fastai) - fastai,
            parameters(HeadKind::Linear) - linear,
            "the body is the same"
        );
        assert_eq!(parameters(HeadKind::Auto), parameters(HeadKind::Linear));
    }

    #[test]
    fn a_link_chooses_the_head() {
        for (link, pooled, tensors) in
            [("", 256, 2), ("head=linear", 256, 2), ("head=auto", 256, 2), ("head=fastai", 512, 10)]
        {
            let plan = Architecture::new(&read_run(link).0.net, 10);
            let shapes = plan.tensors();
            let of_head = shapes.iter().filter(|(name, _)| name.starts_with("head."));
            assert_eq!((plan.pooled(), of_head.count()), (pooled, tensors), "{link}");
            assert_eq!(plan.rows(64).last().map(|row| row.shape), Some([10, 1, 1]));
        }
    }
}
