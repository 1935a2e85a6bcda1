//! From a configuration to a [`DataSet`], whichever source it names.

use super::classes::imagenette_names;
use super::decode::decode;
use super::parquet::{Footer, ParquetError, Wanted, read_subset};
use super::set::DataSet;
use super::source::RangeSource;
use super::{classes, drawn};
use crate::config::DataConfig;
use crate::protocol::data::{LoadProgress, Problem};

/// Training part of a data set.
pub const TRAIN_FILE: &str = "train/0000.parquet";
/// Validation part of a data set.
pub const VALID_FILE: &str = "validation/0000.parquet";
/// Imagenette 160 px at Hugging Face, as `data-sources.md` has it.
pub const HUGGING_FACE: &str = "https://huggingface.co/datasets/frgfm/imagenette/resolve/refs%2Fconvert%2Fparquet/160px";

/// Most problems that are kept for the page's list.
const MOST_PROBLEMS: usize = 100;

/// Hears of every picture; answers whether to go on.
pub trait Progress {
    /// Called after each picture.
    fn loaded(&mut self, progress: &LoadProgress) -> impl Future<Output = bool>;
}

/// Why there are no pictures.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A parquet file.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
    /// Nothing usable in it.
    #[error("{0} holds no picture that could be used; choose other pictures")]
    Nothing(String),
    /// The caller gave up.
    #[error("loading was stopped; the pictures that were there before are kept")]
    Stopped,
}

/// Draws the set.
///
/// # Errors
/// [`LoadError::Stopped`]
pub async fn load_drawn(config: &DataConfig, seed: u32, progress: &mut impl Progress) -> Result<DataSet, LoadError> {
    let names = imagenette_names();
    let classes = names.len() as u32;
    let mut set = DataSet { classes: names, source: "drawn by this page".into(), ..DataSet::default() };
    let mut told = LoadProgress { wanted: (config.train + config.valid) * classes, ..LoadProgress::default() };
    // Drawn at the size that the network sees from: a larger drawing would only be shrunk.
    let side = super::set::train_side(config.size);
    for index in 0..config.train + config.valid {
        for label in 0..classes {
            let picture = drawn::draw(label as usize, u64::from(index), u64::from(seed), side);
            if index < config.train {
                set.push_train(&picture, label, config.size)
            } else {
                set.push_valid(&picture, label, config.size)
            }
            told.pictures += 1;
            if !progress.loaded(&told).await {
                return Err(LoadError::Stopped);
            }
        }
    }
    Ok(set)
}

/// Reads a set in Hugging Face's parquet layout.
///
/// # Errors
/// [`LoadError`]
pub async fn load_parquet<S: RangeSource>(
    mut train: S,
    mut valid: S,
    config: &DataConfig,
    seed: u32,
    progress: &mut impl Progress,
) -> Result<DataSet, LoadError> {
    let names = imagenette_names();
    let classes = names.len();
    let mut set = DataSet { classes: names, source: train.name().trim_end_matches(TRAIN_FILE).into(), ..DataSet::default() };
    let mut told = LoadProgress::default();
    let footers = (Footer::read(&mut train).await?, Footer::read(&mut valid).await?);
    let parts = [(config.train as usize, footers.0.rows()), (config.valid as usize, footers.1.rows())];
    told.wanted = parts.iter().map(|&(each, rows)| (each * classes).min(rows) as u32).sum();
    read_part(&mut train, &footers.0, true, config, seed, &mut set, &mut told, progress).await?;
    let before = train.bytes_read();
    told.bytes = before;
    read_part(&mut valid, &footers.1, false, config, seed, &mut set, &mut told, progress).await?;
    if set.train.is_empty() || set.valid.is_empty() {
        return Err(LoadError::Nothing(set.source));
    }
    Ok(set)
}

#[allow(clippy::too_many_arguments, reason = "one call site, and a struct would only rename the list")]
async fn read_part<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    training: bool,
    config: &DataConfig,
    seed: u32,
    set: &mut DataSet,
    told: &mut LoadProgress,
    progress: &mut impl Progress,
) -> Result<(), LoadError> {
    let name = source.name().to_string();
    let each = if training { config.train } else { config.valid } as usize;
    let wanted = Wanted { each, classes: set.classes.len(), seed, part: u64::from(!training) };
    let before = told.bytes;
    let read = read_subset(source, footer, wanted, async |label, bytes, place, read| {
        match decode(&bytes) {
            Ok(picture) if training => set.push_train(&picture, label, config.size),
            Ok(picture) => set.push_valid(&picture, label, config.size),
            Err(error) if set.problems.len() < MOST_PROBLEMS => {
                let class = classes::IMAGENETTE.get(label as usize).map_or("", |(_, name)| name);
                set.problems.push(Problem { name: format!("{name}, {place} ({class})"), reason: error.to_string() });
            }
            Err(_) => {}
        }
        told.pictures += 1;
        told.bytes = before + read;
        progress.loaded(told).await
    })
    .await;
    match read {
        Ok(_) => Ok(()),
        Err(ParquetError::Stopped) => Err(LoadError::Stopped),
        Err(error) => Err(error.into()),
    }
}
