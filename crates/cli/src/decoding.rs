//! `resnette bench --pictures`: measures how fast pictures are decoded.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use resnette_image_parquet::{Footer, read_group};
use resnette_images::decode::decode;
use resnette_images::keep::{for_training, for_validation};
use resnette_images::load::disk::DiskFile;
use resnette_images::load::entry::{FileKind, file_kind};
use resnette_images::load::open_file::{FileRanges, OpenFile};
use resnette_picture::Picture;
use resnette_spec::RunConfig;

/// Maximum number of pictures that are measured: enough for a steady figure.
const MAX_PICTURES: usize = 2_000;
/// Number of rounds. The fastest one counts, since everything else that runs on the machine can
/// only slow a round down.
const ROUNDS: usize = 3;

/// Rates measured on one thread.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Rates {
    /// Number of pictures that were decoded.
    pub pictures: usize,
    /// Pictures per second that are only decoded.
    pub decoded_per_second: f64,
    /// Pictures per second that are decoded and resized for training as well as for validation, as
    /// a picture is while it is not decided which of the two it is for.
    pub kept_per_second: f64,
}

/// Measures how fast the pictures at a path are decoded, and how fast they are decoded and resized.
///
/// # Errors
/// If there is neither a parquet file nor a picture at the path, or if one is damaged.
pub async fn measure(config: &RunConfig, path: &Path) -> anyhow::Result<Rates> {
    let pictures = encoded(path).await?;
    anyhow::ensure!(
        !pictures.is_empty(),
        "{} holds no parquet file and no picture; unpack archives first",
        path.display()
    );
    let (keep, side) = (config.recipe.keep(), config.data.size);
    let decoded_per_second = rate(&pictures, |_| ())?;
    let kept_per_second = rate(&pictures, |picture| {
        let kept = (for_training(keep, picture, side), for_validation(keep, picture, side));
        std::hint::black_box(kept);
    })?;
    Ok(Rates { pictures: pictures.len(), decoded_per_second, kept_per_second })
}

/// Pictures per second in the fastest of [`ROUNDS`] rounds, with `then` called for each picture.
fn rate(pictures: &[(String, Bytes)], then: impl Fn(&Picture)) -> anyhow::Result<f64> {
    let mut least = Duration::MAX;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for (name, bytes) in pictures {
            then(
                &decode(bytes)
                    .with_context(|| format!("{name} cannot be measured; take it away"))?,
            );
        }
        least = least.min(began.elapsed());
    }
    Ok(pictures.len() as f64 / least.as_secs_f64())
}

/// The first pictures at a path, still encoded, each with a description of where it was found.
async fn encoded(path: &Path) -> anyhow::Result<Vec<(String, Bytes)>> {
    let mut files = DiskFile::open(path)?;
    // A file system may list files in any order, but two runs should measure the same pictures.
    files.sort_by(|a, b| a.path().cmp(b.path()));
    let mut pictures = Vec::new();
    for file in files {
        match file_kind(file.path()) {
            FileKind::Picture => {
                pictures.push((file.path().to_owned(), file.read_at(0, file.size())?))
            }
            FileKind::Parquet => {
                let mut source = FileRanges::new(&file);
                let footer = Footer::read(&mut source).await?;
                for group in 0..footer.groups.len() {
                    let rows =
                        read_group(&mut source, &footer, group).await?.into_iter().enumerate();
                    pictures.extend(rows.map(|(row, bytes)| {
                        (format!("{}, row {row} of group {group}", file.path()), bytes)
                    }));
                    if pictures.len() >= MAX_PICTURES {
                        break;
                    }
                }
            }
            _ => {}
        }
        if pictures.len() >= MAX_PICTURES {
            break;
        }
    }
    pictures.truncate(MAX_PICTURES);
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_folder_is_measured_and_an_empty_one_refused() {
        let folder = std::env::temp_dir().join(format!("resnette-decoding-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let config = RunConfig::default();
        assert!(futures::executor::block_on(measure(&config, &folder)).is_err());
        for name in ["a.png", "b.png"] {
            image::RgbImage::new(40, 30).save(folder.join(name)).unwrap();
        }
        std::fs::write(folder.join("list.csv"), "a,b").unwrap();
        let rates = futures::executor::block_on(measure(&config, &folder)).unwrap();
        assert_eq!(rates.pictures, 2);
        assert!(rates.kept_per_second > 0.0 && rates.decoded_per_second.is_finite());
        // A file that is not a picture is reported. If it were skipped, it would make the rate look
        // better than it is.
        std::fs::write(folder.join("c.jpg"), "<html>").unwrap();
        let refused = futures::executor::block_on(measure(&config, &folder)).unwrap_err();
        assert!(refused.to_string().contains("c.jpg cannot be measured"), "{refused:#}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
