//! `resnette bench --pictures`: how fast pictures are decoded.

use std::path::Path;
use std::time::Instant;

use bytes::Bytes;

use crate::config::RunConfig;
use crate::data::Picture;
use crate::data::decode::{DecodeError, decode};
use crate::data::layout::{Kind, kind};
use crate::data::local::DiskFile;
use crate::data::parquet::{Footer, read_group};
use crate::data::set::train_side;
use crate::data::source::{FileRanges, OpenFile};
use crate::data::square::{centre_square, shrink};

/// Enough for a steady figure.
const MOST: usize = 2_000;

/// What was measured, on one thread.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Rates {
    /// Pictures that were decoded.
    pub pictures: usize,
    /// Pictures a second, decoded and no more.
    pub decoded_per_second: f64,
    /// Pictures a second, decoded, shrunk and cut as a set keeps them.
    pub kept_per_second: f64,
}

/// Decodes the pictures of a place twice, and the second time keeps them.
///
/// # Errors
/// The path holds no parquet file and no picture, or one that is damaged.
pub async fn measure(config: &RunConfig, path: &Path) -> anyhow::Result<Rates> {
    let pictures = encoded(path).await?;
    anyhow::ensure!(!pictures.is_empty(), "{} holds no parquet file and no picture; unpack archives first", path.display());
    let side = config.data.size;
    let decoded_per_second = rate(&pictures, |_| ())?;
    let kept_per_second = rate(&pictures, |picture| {
        std::hint::black_box((shrink(picture, train_side(side)), centre_square(picture, side)));
    })?;
    Ok(Rates { pictures: pictures.len(), decoded_per_second, kept_per_second })
}

fn rate(pictures: &[Bytes], then: impl Fn(&Picture)) -> Result<f64, DecodeError> {
    let began = Instant::now();
    for bytes in pictures {
        then(&decode(bytes)?);
    }
    Ok(pictures.len() as f64 / began.elapsed().as_secs_f64())
}

/// The first pictures there, as they are encoded.
async fn encoded(path: &Path) -> anyhow::Result<Vec<Bytes>> {
    let mut pictures = Vec::new();
    for file in DiskFile::open(path)? {
        match kind(file.path()) {
            Kind::Picture => pictures.push(file.read_at(0, file.size())?),
            Kind::Parquet => {
                let mut source = FileRanges::new(&file);
                let footer = Footer::read(&mut source).await?;
                for group in 0..footer.groups.len() {
                    pictures.extend(read_group(&mut source, &footer, group).await?);
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
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
