//! Whether a run takes enough steps to learn anything, and settings with which it does.
//!
//! ```
//! use resnette_spec::Recipe;
//! use resnette_spec::short_run::{longer, steps};
//!
//! // Two classes of twenty pictures each, of which one in five validates.
//! let recipe = Recipe::default();
//! assert_eq!(steps(32, &recipe), 5);
//! let longer = longer(32, &recipe).unwrap();
//! assert_eq!((longer.bs, longer.epochs, longer.steps), (4, 13, 104));
//! ```

use crate::recipe::Recipe;

/// With fewer steps a network that begins with random weights has hardly moved away from them.
pub const FEWEST_STEPS: u32 = 100;
/// Batches an epoch that are aimed at: their losses show within an epoch whether it goes down.
const BATCHES: u32 = 8;
/// The smallest batch size that is proposed. Batch norm takes its mean and variance from a batch.
const SMALLEST_BATCH: u32 = 4;

/// Settings with which a run is long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Longer {
    /// Batch size.
    pub bs: u32,
    /// Passes over the training pictures.
    pub epochs: u32,
    /// The steps that the run then takes.
    pub steps: u32,
}

/// The number of batches in an epoch with batch size `bs`: the last, partial one is dropped, as in
/// the fastai book, unless it is the only one.
///
/// # Panics
/// Panics if `bs` is 0.
pub fn full_batches(pictures: usize, bs: u32) -> u32 {
    let batches = u32::try_from(pictures).unwrap_or(u32::MAX) / bs;
    batches.max(u32::from(pictures > 0))
}

/// The steps of a run on so many training pictures.
pub fn steps(pictures: usize, recipe: &Recipe) -> u32 {
    let an_epoch = full_batches(pictures, recipe.bs.max(1)).div_ceil(recipe.accumulate.max(1));
    an_epoch.saturating_mul(recipe.epochs)
}

/// Settings with which a run on so many training pictures takes [`FEWEST_STEPS`] or a few more:
/// smaller batches if there are less than eight in an epoch, and more epochs. `None` if it takes as
/// many already, or if there are no pictures.
pub fn longer(pictures: usize, recipe: &Recipe) -> Option<Longer> {
    if pictures == 0 || steps(pictures, recipe) >= FEWEST_STEPS {
        return None;
    }
    let mut bs = recipe.bs.max(1);
    while bs / 2 >= SMALLEST_BATCH && full_batches(pictures, bs) < BATCHES {
        bs /= 2;
    }
    let one_epoch = Recipe { bs, epochs: 1, ..recipe.clone() };
    let epochs = FEWEST_STEPS.div_ceil(steps(pictures, &one_epoch)).max(recipe.epochs);
    Some(Longer { bs, epochs, steps: steps(pictures, &Recipe { epochs, ..one_epoch }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_proposed_is_long_enough_and_accepted() {
        for pictures in 1..2_000 {
            for (bs, epochs, accumulate) in [(64, 5, 1), (2, 1, 1), (512, 3, 4), (48, 20, 64)] {
                let recipe = Recipe { bs, epochs, accumulate, ..Recipe::default() };
                let Some(found) = longer(pictures, &recipe) else {
                    assert!(steps(pictures, &recipe) >= FEWEST_STEPS);
                    continue;
                };
                let words = format!("{pictures} pictures, {bs}, {epochs}, {accumulate}: {found:?}");
                assert!(steps(pictures, &recipe) < FEWEST_STEPS, "{words}");
                assert!(found.steps >= FEWEST_STEPS && found.epochs >= epochs, "{words}");
                assert!((SMALLEST_BATCH.min(bs)..=bs).contains(&found.bs), "{words}");
                let set = Recipe { bs: found.bs, epochs: found.epochs, ..recipe };
                assert_eq!((steps(pictures, &set), longer(pictures, &set)), (found.steps, None));
            }
        }
    }

    #[test]
    fn the_default_on_imagenettes_subset_is_long_enough() {
        assert_eq!(longer(1_500, &Recipe::default()), None);
        assert_eq!(longer(0, &Recipe::default()), None);
    }
}
