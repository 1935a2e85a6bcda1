//! `resnette bench --pictures`: how fast pictures are decoded.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use resnette_image_parquet::{Footer, read_group};
use resnette_images::decode::decode;
use resnette_images::layout::{Kind, kind};
use resnette_images::local::DiskFile;
use resnette_images::open_file::{FileRanges, OpenFile};
use resnette_images::set::train_side;
use resnette_images::square::{centre_square, shrink};
use resnette_picture::Picture;
use resnette_spec::RunConfig;

/// Enough for a steady figure.
const MOST: usize = 2_000;
/// The best of them counts: whatever else runs on the machine only ever slows one down.
const ROUNDS: usize = 3;

/// What was measured, on one thread.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Rates {
    /// Pictures that were decoded.
    pub pictures: usize,
    /// Pictures a second, decoded and no more.
    pub decoded_per_second: f64,
    /// Pictures a second, decoded, shrunk and cut: both, as they are kept while it is open whether
    /// they train or validate.
    pub kept_per_second: f64,
}

/// Decodes the pictures of a place, and then once more to keep them.
///
/// # Errors
/// The path holds no parquet file and no picture, or one that is damaged.
pub async fn measure(config: &RunConfig, path: &Path) -> anyhow::Result<Rates> {
    let pictures = encoded(path).await?;
    anyhow::ensure!(
        !pictures.is_empty(),
        "{} holds no parquet file and no picture; unpack archives first",
        path.display()
    );
    let side = config.data.size;
    let decoded_per_second = rate(&pictures, |_| ())?;
    let kept_per_second = rate(&pictures, |picture| {
        std::hint::black_box((shrink(picture, train_side(side)), centre_square(picture, side)));
    })?;
    Ok(Rates { pictures: pictures.len(), decoded_per_second, kept_per_second })
}

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

/// The first pictures there with their places, as they are encoded.
async fn encoded(path: &Path) -> anyhow::Result<Vec<(String, Bytes)>> {
    let mut files = DiskFile::open(path)?;
    // A disk lists them in any order, and two runs are to measure the same ones.
    files.sort_by(|a, b| a.path().cmp(b.path()));
    let mut pictures = Vec::new();
    for file in files {
        match kind(file.path()) {
            Kind::Picture => pictures.push((file.path().to_owned(), file.read_at(0, file.size())?)),
            Kind::Parquet => {
                let mut source = FileRanges::new(&file);
                let footer = Footer::read(&mut source).await?;
                for group in 0..footer.groups.len() {
                    let rows =
                        read_group(&mut source, &footer, group).await?.into_iter().enumerate();
                    pictures.extend(rows.map(|(row, bytes)| {
                        (format!("{}, row {row} of group {group}", file.path()), bytes)
                    }));
                    if pictures.len() >= MOST {
                        break;
                    }
                }
            }
            _ => {}
        }
        if pictures.len() >= MOST {
            break;
        }
    }
    pictures.truncate(MOST);
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
        let told = futures::executor::block_on(measure(&config, &folder)).unwrap();
        assert_eq!(told.pictures, 2);
        assert!(told.kept_per_second > 0.0 && told.decoded_per_second.is_finite());
        // One that is none is named: a rate over what failed at once would be too good.
        std::fs::write(folder.join("c.jpg"), "<html>").unwrap();
        let refused = futures::executor::block_on(measure(&config, &folder)).unwrap_err();
        assert!(refused.to_string().contains("c.jpg cannot be measured"), "{refused:#}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
