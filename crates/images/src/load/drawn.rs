//! The drawn data set as a source of pictures.

use resnette_picture::classes::imagenette_names;
use resnette_picture::drawn;
use resnette_picture::report::LoadProgress;
use resnette_spec::DataConfig;

use crate::dataset::{Dataset, kept_smaller};
use crate::load::error::{LoadError, check_set};
use crate::load::observer::LoadObserver;

/// Draws a data set of Imagenette's ten classes.
///
/// # Errors
/// [`LoadError::LargeSet`] if the pictures would take too much memory: then none is drawn.
/// [`LoadError::Stopped`] if the observer stops it.
pub async fn load_drawn(
    config: &DataConfig,
    seed: u32,
    observer: &mut impl LoadObserver,
) -> Result<Dataset, LoadError> {
    let names = imagenette_names();
    let classes = names.len() as u32;
    let pictures = |per_class: u32| u64::from(per_class) * u64::from(classes);
    let keep = check_set(config, pictures(config.train), pictures(config.valid))?;
    let mut dataset =
        Dataset { classes: names, source: "drawn by this page".into(), keep, ..Dataset::default() };
    if keep != config.keep {
        dataset.problems.push(kept_smaller(&dataset.source, keep));
    }
    let mut progress =
        LoadProgress { wanted: (config.train + config.valid) * classes, ..LoadProgress::default() };
    // The size at which training pictures are kept: a larger drawing would only be shrunk.
    let side = keep.train_side(config.size);
    for index in 0..config.train + config.valid {
        for label in 0..classes {
            let picture = drawn::draw(label as usize, u64::from(index), u64::from(seed), side);
            if index < config.train {
                dataset.push_train(&picture, label, config.size)
            } else {
                dataset.push_valid(&picture, label, config.size)
            }
            progress.pictures += 1;
            if !observer.on_progress(&progress).await {
                return Err(LoadError::Stopped);
            }
        }
    }
    Ok(dataset)
}
