//! A batch as the network sees it, beside the pictures it came from.

use resnette_picture::Picture;
use resnette_picture::report::{BatchPicture, BatchPreview};
use resnette_spec::RunConfig;

use crate::batch::{order, train_batch};
use crate::normalize::{MEAN, STD};
use crate::set::DataSet;
use crate::square::centre_square;

/// Pictures on a sheet.
const PICTURES: u32 = 12;

/// The first pictures of a batch; each `shuffle` is another one.
pub fn sheet(set: &DataSet, config: &RunConfig, shuffle: u32) -> BatchPreview {
    let mut config = config.clone();
    config.recipe.bs = PICTURES;
    let size = config.data.size;
    let order = order(set.train.len(), config.seed, shuffle);
    let batch = train_batch(set, &config, &order, shuffle, 0, size);
    let name = |label: u32| set.classes.get(label as usize).cloned().unwrap_or_default();
    let pixels = (3 * size * size) as usize;
    let pictures = batch.images.chunks_exact(pixels).enumerate().map(|(index, image)| {
        let label = match batch.mix.as_ref().map(|mix| mix[index]) {
            Some((partner, share)) if partner != index && share < 0.995 => {
                let percent = (share * 100.0).round();
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
            before: centre_square(&set.train[order[index]].picture, size),
            after: undo(image, size),
        }
    });
    BatchPreview { pictures: pictures.collect() }
}

/// From normalised planes back to pixels.
fn undo(image: &[f32], size: u32) -> Picture {
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

    fn set() -> DataSet {
        let mut set = DataSet { classes: vec!["red".into(), "blue".into()], ..DataSet::default() };
        for index in 0..20_u8 {
            let colour = if index % 2 == 0 { [200, index, 0] } else { [0, index, 200] };
            set.push_train(&Picture::filled(24, 20, colour), u32::from(index % 2), 16);
        }
        set
    }

    #[test]
    fn without_augmentation_both_sides_are_alike() {
        let mut config = RunConfig::default();
        (config.data.size, config.recipe.augment) = (16, Augment::None);
        let sheet = sheet(&set(), &config, 3);
        assert_eq!(sheet.pictures.len(), 12);
        for picture in &sheet.pictures {
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
        let set = set();
        assert_ne!(sheet(&set, &config, 0), sheet(&set, &config, 1));
        assert_eq!(sheet(&set, &config, 1), sheet(&set, &config, 1));
        config.recipe.mixup = 0.4;
        assert!(
            sheet(&set, &config, 0).pictures.iter().any(|picture| picture.label.contains(" % "))
        );
    }
}
