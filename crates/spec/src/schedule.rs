//! How learning rate, momentum and the size of the pictures move over a run.
//!
//! Learning rate and momentum follow fastai's `fit_one_cycle` or `fit_flat_cos`. The sizes are
//! progressive resizing: chapter 7 of "Deep Learning for Coders with fastai and PyTorch" (Howard
//! and Gugger, 2020).

use std::f64::consts::PI;

use crate::recipe::{Recipe, Schedule};

/// fastai's `div`: a one-cycle run starts at `lr / 25`.
const DIV: f64 = 25.0;
/// fastai's `div_final`: a run ends at `lr / 1e5`.
const DIV_FINAL: f64 = 1e5;
/// fastai's `pct_start` of `fit_one_cycle`: the share of the steps in which the rate rises.
const ONE_CYCLE_PCT_START: f64 = 0.25;
/// fastai's `pct_start` of `fit_flat_cos`: the share of the steps in which the rate is constant.
const FLAT_COS_PCT_START: f64 = 0.75;
/// fastai's `moms` of `fit_one_cycle`: momentum at the start, at the highest rate, and at the end.
const MOMS: [f64; 3] = [0.95, 0.85, 0.95];
/// fastai's default momentum of Adam, for runs whose schedule does not move it.
pub const MOM: f64 = 0.9;

/// The hyper-parameters that a schedule moves, at one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepHyperParams {
    /// Learning rate.
    pub lr: f64,
    /// Momentum: the decay of Adam's running mean of gradients (beta 1).
    pub mom: f64,
}

/// The shape of fastai's `fit_one_cycle`: the rate rises along half a cosine and falls along
/// another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    /// Share of the steps in which the rate rises.
    pub pct_start: f64,
    /// The first rate is the highest one divided by this.
    pub div: f64,
}

impl OneCycle {
    /// Learning rate and momentum at `pct` of the steps (0 at the first step, towards 1 at the
    /// end) of a cycle whose highest rate is `lr`.
    pub fn at(self, lr: f64, pct: f64) -> StepHyperParams {
        if pct < self.pct_start {
            let rise = pct / self.pct_start;
            return StepHyperParams {
                lr: cos(lr / self.div, lr, rise),
                mom: cos(MOMS[0], MOMS[1], rise),
            };
        }
        let fall = (pct - self.pct_start) / (1.0 - self.pct_start);
        StepHyperParams { lr: cos(lr, lr / DIV_FINAL, fall), mom: cos(MOMS[1], MOMS[2], fall) }
    }
}

/// Learning rate and momentum at `pct` of the steps (0 at the first step, towards 1 at the end) of
/// a run whose highest rate is `lr`.
pub fn at(schedule: Schedule, lr: f64, pct: f64) -> StepHyperParams {
    match schedule {
        Schedule::OneCycle => OneCycle { pct_start: ONE_CYCLE_PCT_START, div: DIV }.at(lr, pct),
        Schedule::FlatCos if pct < FLAT_COS_PCT_START => StepHyperParams { lr, mom: MOM },
        Schedule::FlatCos => {
            let fall = (pct - FLAT_COS_PCT_START) / (1.0 - FLAT_COS_PCT_START);
            StepHyperParams { lr: cos(lr, lr / DIV_FINAL, fall), mom: MOM }
        }
    }
}

/// Learning rate and momentum of a recipe at `pct` of the steps. A schedule that does not move the
/// momentum leaves it to the optimiser.
pub fn of_recipe(recipe: &Recipe, pct: f64) -> StepHyperParams {
    let moved = at(recipe.schedule, recipe.lr, pct);
    match recipe.schedule {
        Schedule::OneCycle => moved,
        Schedule::FlatCos => StepHyperParams { mom: recipe.opt.mom(), ..moved },
    }
}

/// fastai's `SchedCos`: half a cosine from `start` to `end`.
fn cos(start: f64, end: f64, pct: f64) -> f64 {
    start + (1.0 + (PI * (1.0 - pct)).cos()) * (end - start) / 2.0
}

/// Side of the pictures in an epoch, counted from 0, of a run of `epochs` epochs: progressive
/// resizing. The sizes of `grow`, and after them the full size, each get an equal share of the
/// epochs. If there are fewer epochs than sizes, the smallest ones are left out, so that the last
/// epoch, whose validation says how good the network is, is always at the full size. So is every
/// epoch after it.
///
/// A size in `grow` above the full one counts as the full one: the pictures are kept for that, and
/// would only be blown up. Links are refused such sizes ([`crate::RunConfig::conflict`]); runs that
/// were saved before may have them.
pub fn picture_size(grow: &[u32], full: u32, epoch: u32, epochs: u32) -> u32 {
    let mut sizes: Vec<u32> = grow.iter().map(|&size| size.min(full)).chain([full]).collect();
    let last = epochs.saturating_sub(1);
    while share(&sizes, last, epochs) != Some(&full) {
        let Some(smallest) = (0..sizes.len()).min_by_key(|&index| sizes[index]) else { break };
        sizes.remove(smallest);
    }
    share(&sizes, epoch, epochs).copied().unwrap_or(full)
}

/// The size whose share of the epochs this one belongs to; `None` after the last epoch.
fn share(sizes: &[u32], epoch: u32, epochs: u32) -> Option<&u32> {
    sizes.get(epoch as usize * sizes.len() / epochs.max(1) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `fit_flat_cos` moves the learning rate alone, `fit_one_cycle` the momentum too, whatever the
    /// optimiser.
    #[test]
    fn a_flat_schedule_has_the_optimisers_momentum() {
        let at = |settings: &str, pct: f64| of_recipe(&crate::read_run(settings).0.recipe, pct).mom;
        for pct in [0.0, 0.5, 0.9] {
            assert_eq!(at("schedule=flat-cos", pct), MOM);
            assert_eq!(at("schedule=flat-cos&opt=ranger", pct), 0.95);
            assert_eq!(at("opt=ranger", pct), at("", pct));
        }
    }

    /// The sizes of all epochs of a run at 32 pixels.
    fn sizes(grow: &[u32], epochs: u32) -> Vec<u32> {
        (0..epochs).map(|epoch| picture_size(grow, 32, epoch, epochs)).collect()
    }

    #[test]
    fn epochs_are_shared_out_evenly() {
        assert_eq!(sizes(&[], 2), [32, 32]);
        assert_eq!(sizes(&[16, 24], 3), [16, 24, 32]);
        assert_eq!(sizes(&[16, 24], 4), [16, 16, 24, 32]);
        assert_eq!(sizes(&[16, 24], 5), [16, 16, 24, 24, 32]);
        assert_eq!(sizes(&[24, 16], 6), [24, 24, 16, 16, 32, 32]);
    }

    #[test]
    fn with_few_epochs_the_smallest_sizes_are_left_out() {
        assert_eq!(sizes(&[16], 1), [32]);
        assert_eq!(sizes(&[16, 20, 24, 28], 2), [28, 32]);
        assert_eq!(sizes(&[16, 20, 24, 28], 4), [20, 24, 28, 32]);
        assert_eq!(sizes(&[28, 16, 24], 2), [28, 32]);
    }

    #[test]
    fn sizes_above_the_full_one_count_as_the_full_one() {
        assert_eq!(sizes(&[48], 2), [32, 32]);
        assert_eq!(sizes(&[16, 32, 64], 4), [16, 32, 32, 32]);
        assert_eq!(sizes(&[16, 64], 2), [16, 32]);
    }

    /// For every list of up to four sizes: the last epoch and those after it are at the full size,
    /// and the plain even shares stay wherever they end at the full size by themselves.
    #[test]
    fn every_run_ends_at_the_full_size() {
        const FULL: u32 = 32;
        let lists = (0..=4u32).flat_map(|length| {
            (0..4usize.pow(length)).map(move |code| {
                let size = |place| [16, 24, FULL, 48][code / 4usize.pow(place) % 4];
                (0..length).map(size).collect::<Vec<u32>>()
            })
        });
        for grow in lists {
            for epochs in 1..=12 {
                let even = |epoch: u32| {
                    let part = epoch * (grow.len() as u32 + 1) / epochs;
                    grow.get(part as usize).map_or(FULL, |&size| size.min(FULL))
                };
                let ends_full = even(epochs - 1) == FULL;
                for epoch in 0..epochs + 3 {
                    let size = picture_size(&grow, FULL, epoch, epochs);
                    assert!(size <= FULL && (epoch + 1 < epochs || size == FULL), "{grow:?}");
                    assert!(!ends_full || size == even(epoch), "{grow:?}, {epoch} of {epochs}");
                }
                // An epoch that is added is the last one of a longer run.
                assert_eq!(picture_size(&grow, FULL, epochs, epochs + 1), FULL);
            }
        }
    }
}
