//! Refuses a run that no network could learn from, before anything is built.

use resnette_images::dataset::Dataset;
use resnette_spec::limits::check_run_classes;
use resnette_spec::{RunConfig, schedule};

use super::LearnerError;

/// Refuses too few pictures, classes whose names could not be saved with the network, and pictures
/// so small that batch norm has no variance to divide by.
/// `last_grid` gives the side of the network's last grid for pictures of a given side.
///
/// # Errors
/// [`LearnerError::TooFewPictures`], [`LearnerError::Classes`] or [`LearnerError::TooSmall`].
pub(super) fn check(
    config: &RunConfig,
    data: &Dataset,
    last_grid: impl Fn(u32) -> u32,
) -> Result<(), LearnerError> {
    if data.train.len() < 2 || data.valid.is_empty() {
        return Err(LearnerError::TooFewPictures);
    }
    check_run_classes(&data.classes)?;
    let (recipe, full) = (&config.recipe, config.data.size);
    let sizes = (0..recipe.epochs)
        .map(|epoch| schedule::picture_size(&recipe.grow, full, epoch, recipe.epochs));
    let size = sizes.min().unwrap_or(full);
    let grid = last_grid(size);
    let bs = config.recipe.bs.min(data.train.len() as u32);
    if grid * grid * bs < 2 {
        return Err(LearnerError::TooSmall { size, grid, bs });
    }
    Ok(())
}
