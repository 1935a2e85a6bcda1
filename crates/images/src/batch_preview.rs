//! A training batch as the network sees it, beside the pictures it was made from.

use resnette_picture::Picture;
use resnette_picture::report::{BatchPicture, BatchPreview};
use resnette_spec::RunConfig;

use crate::batch::{epoch_order, train_batch};
use crate::dataset::Dataset;
use crate::normalize::{MEAN, STD};
use crate::resize::centre_crop;

/// Number of pictures in a preview.
const PICTURES: u32 = 12;

/// Renders the first pictures of an epoch as the network would see them. `shuffle` is the number of
/// the epoch, so another number gives other pictures.
pub fn batch_preview(dataset: &Dataset, config: &RunConfig, shuffle: u32) -> BatchPreview {
    let mut config = config.clone();
    config.recipe.bs = PICTURES;
    let size = config.data.size;
    let order = epoch_order(dataset.train.len(), config.seed, shuffle);
    let batch = train_batch(dataset, &config, &order, shuffle, 0, size);
    let name = |label: u32| dataset.classes.get(label as usize).cloned().unwrap_or_default();
    let picture_len = (3 * size * size) as usize;
    let pictures = batch.images.chunks_exact(picture_len).enumerate().map(|(index, image)| {
        let label = match batch.mix.as_ref().map(|mix| mix[index]) {
            // A λ that would be displayed as 100 % counts as no blend.
            Some((partner, lambda)) if partner != index && lambda < 0.995 => {
                let percent = (lambda * 100.0).round();
                format!(
                    "{percent} % {}, {} % {}",
                    name(batch.labels[index]),
                    100.0 - percent,
                    name(batch.labels[partner])
                )
            }
            _ => name(batch.labels[index]),
        };
        BatchPicture {
            label,
            before: centre_crop(&dataset.train[order[index]].picture, size),
            after: denormalize(image, size),
        }
    });
    BatchPreview { pictures: pictures.collect() }
}

/// Converts a normalised picture, `[3, size, size]`, back to RGB8.
fn denormalize(image: &[f32], size: u32) -> Picture {
    let plane = (size * size) as usize;
    let value = |at: usize, channel: usize| {
        ((image[channel * plane + at] * STD[channel] + MEAN[channel]) * 255.0).round()
    };
    let rgb = (0..plane)
        .flat_map(|at| (0..3).map(move |channel| value(at, channel).clamp(0.0, 255.0) as u8));
    Picture { width: size, height: size, rgb: rgb.collect() }
}

#[cfg(test)]
mod tests {
    use resnette_spec::Augment;

    use super::*;

    fn dataset() -> Dataset {
        let mut dataset =
            Dataset { classes: vec!["red".into(), "blue".into()], ..Dataset::default() };
        for index in 0..20_u8 {
            let colour = if index % 2 == 0 { [200, index, 0] } else { [0, index, 200] };
            dataset.push_train(&Picture::filled(24, 20, colour), u32::from(index % 2), 16);
        }
        dataset
    }

    #[test]
    fn without_augmentation_both_pictures_are_equal() {
        let mut config = RunConfig::default();
        (config.data.size, config.recipe.augment) = (16, Augment::None);
        let preview = batch_preview(&dataset(), &config, 3);
        assert_eq!(preview.pictures.len(), 12);
        for picture in &preview.pictures {
            assert_eq!(picture.before, picture.after);
            assert_eq!(
                picture.label,
                if picture.before.pixel(0, 0)[0] == 200 { "red" } else { "blue" }
            );
        }
    }

    #[test]
    fn another_shuffle_is_another_batch_and_mixup_is_named() {
        let mut config = RunConfig::default();
        config.data.size = 16;
        let dataset = dataset();
        assert_ne!(batch_preview(&dataset, &config, 0), batch_preview(&dataset, &config, 1));
        assert_eq!(batch_preview(&dataset, &config, 1), batch_preview(&dataset, &config, 1));
        config.recipe.mixup = 0.4;
        assert!(
            batch_preview(&dataset, &config, 0)
                .pictures
                .iter()
                .any(|picture| picture.label.contains(" % "))
        );
    }
}
