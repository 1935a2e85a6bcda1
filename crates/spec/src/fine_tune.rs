//! fastai's `fine_tune`: one epoch for the new head alone, then the whole network with a learning
//! rate for each group of parameters.
//!
//! `Learner.fine_tune(epochs, base_lr)` is `freeze`, `fit_one_cycle(1, slice(base_lr),
//! pct_start=0.99)`, `unfreeze`, and `fit_one_cycle(epochs, slice(base_lr / 2 / 100, base_lr / 2),
//! pct_start=0.3, div=5)`. The parameter groups are those of fastai's `_resnet_split`: stem and
//! first half of the stages, second half, head.

use crate::schedule::{OneCycle, StepHyperParams};

/// Epochs with a frozen body, before those that the recipe asks for.
pub const FROZEN_EPOCHS: u32 = 1;
/// The learning rate of the first group is that of the head, divided by this.
const RATE_SPAN: f64 = 100.0;
/// `slice(lr)` gives the groups before the last one a tenth of the rate.
const BODY_SHARE: f64 = 0.1;
/// How the learning rate moves while the body is frozen.
const FROZEN: OneCycle = OneCycle { pct_start: 0.99, div: 25.0 };
/// How the learning rate moves afterwards.
const WHOLE: OneCycle = OneCycle { pct_start: 0.3, div: 5.0 };

/// The phase of `fine_tune` that an epoch belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FineTunePhase {
    /// Only the head learns, and the batch norms, which fastai trains even in a frozen body
    /// (`train_bn=True`).
    Frozen,
    /// The whole network learns.
    Whole,
}

/// A group of parameters with a learning rate of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamGroup {
    /// The stem and the first half of the stages.
    Early,
    /// The second half of the stages.
    Late,
    /// The classifier.
    Head,
}

impl FineTunePhase {
    /// The phase of an epoch, counted from 0.
    pub fn of(epoch: u32) -> Self {
        if epoch < FROZEN_EPOCHS { Self::Frozen } else { Self::Whole }
    }

    /// Learning rate of the head, and momentum, at a step of the run, counted from 0. The run has
    /// `epochs` epochs of `batches` steps, the frozen one included; `lr` is fastai's `base_lr`.
    pub fn hyper_params(self, lr: f64, step: u32, batches: u32, epochs: u32) -> StepHyperParams {
        let frozen = batches * FROZEN_EPOCHS;
        let share = |step: u32, of: u32| f64::from(step) / f64::from(of.max(1));
        match self {
            Self::Frozen => FROZEN.at(lr, share(step, frozen).min(1.0)),
            Self::Whole => {
                let whole = (batches * epochs).saturating_sub(frozen);
                WHOLE.at(lr / 2.0, share(step.saturating_sub(frozen), whole).min(1.0))
            }
        }
    }

    /// Whether the parameter of this name in a network of `stages` stages does not learn.
    pub fn is_frozen(self, name: &str, stages: usize) -> bool {
        self == Self::Frozen && ParamGroup::of(name, stages) != ParamGroup::Head && !is_norm(name)
    }

    /// Factor on the head's learning rate for the parameter of this name in a network of `stages`
    /// stages; 0 if the parameter is frozen.
    pub fn lr_factor(self, name: &str, stages: usize) -> f64 {
        match (self, ParamGroup::of(name, stages)) {
            (_, ParamGroup::Head) => 1.0,
            _ if self.is_frozen(name, stages) => 0.0,
            (Self::Frozen, _) => BODY_SHARE,
            // `slice(lr / 100, lr)` spreads the rates of the three groups evenly on a log scale.
            (Self::Whole, ParamGroup::Early) => 1.0 / RATE_SPAN,
            (Self::Whole, ParamGroup::Late) => 1.0 / RATE_SPAN.sqrt(),
        }
    }
}

impl ParamGroup {
    /// The group of the parameter of this name in a network of `stages` stages.
    pub fn of(name: &str, stages: usize) -> Self {
        if name.starts_with("head.") {
            return Self::Head;
        }
        let stage = name
            .strip_prefix("stages.")
            .and_then(|rest| rest.split('.').next())
            .and_then(|stage| stage.parse::<usize>().ok());
        if stage.is_some_and(|stage| stage >= stages.div_ceil(2)) {
            Self::Late
        } else {
            Self::Early
        }
    }
}

/// Whether a parameter of the body belongs to a batch norm.
fn is_norm(name: &str) -> bool {
    name.starts_with("bn1.") || name.contains(".norm.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `learn.opt.hypers` of fastai after `set_hyper('lr', slice(1e-5, 1e-3))` with three groups,
    /// and after `slice(1e-3)`.
    #[test]
    fn rates_are_fastais_slices() {
        let names = [
            "conv1.weight",
            "stages.1.0.convs.0.conv.weight",
            "stages.2.0.convs.0.conv.weight",
            "head.weight",
        ];
        let rates = |stretch: FineTunePhase| names.map(|name| 1e-3 * stretch.lr_factor(name, 4));
        for (found, wanted) in rates(FineTunePhase::Whole).into_iter().zip([1e-5, 1e-5, 1e-4, 1e-3])
        {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        }
        assert_eq!(rates(FineTunePhase::Frozen), [0.0, 0.0, 0.0, 1e-3]);
        for norm in [
            "bn1.bias",
            "stages.3.1.convs.1.norm.weight",
            "stages.1.0.downsample.norm.bias",
            "stem.0.norm.weight",
        ] {
            assert_eq!(FineTunePhase::Frozen.lr_factor(norm, 4), 0.1, "{norm}");
            assert!(!FineTunePhase::Frozen.is_frozen(norm, 4), "{norm}");
        }
    }

    #[test]
    fn each_phase_is_a_cycle_of_its_own() {
        let at = |step: u32| FineTunePhase::of(step / 100).hyper_params(2e-3, step, 100, 4);
        let close =
            |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
        close(at(0).lr, 2e-3 / 25.0);
        close(at(99).lr, 2e-3);
        close(at(99).mom, 0.85);
        close(at(100).lr, 1e-3 / 5.0);
        close(at(100).mom, 0.95);
        close(at(190).lr, 1e-3);
        assert!(at(399).lr < 1e-6);
    }

    #[test]
    fn each_half_of_the_stages_is_a_group() {
        assert_eq!(ParamGroup::of("stages.1.0.convs.0.conv.weight", 4), ParamGroup::Early);
        assert_eq!(ParamGroup::of("stages.2.5.convs.0.norm.bias", 4), ParamGroup::Late);
        assert_eq!(ParamGroup::of("stem.2.conv.weight", 4), ParamGroup::Early);
        assert_eq!(ParamGroup::of("head.bias", 4), ParamGroup::Head);
    }
}
