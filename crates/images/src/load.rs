//! From a configuration to a [`DataSet`], whichever source it names.

use resnette_image_parquet::source::{RangeSource, SourceError};
use resnette_image_parquet::{Footer, ParquetError, Wanted, read_subset};
use resnette_picture::classes::imagenette_names;
use resnette_picture::drawn;
use resnette_picture::report::LoadProgress;
use resnette_spec::DataConfig;

use crate::decode::decode;
use crate::imagenet::readable_name;
use crate::problems::Problems;
use crate::set::DataSet;

/// Training part of a data set.
pub const TRAIN_FILE: &str = "train/0000.parquet";
/// Validation part of a data set.
pub const VALID_FILE: &str = "validation/0000.parquet";

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
    Parquet(ParquetError),
    /// Nothing usable in it.
    #[error("{0} holds no picture that could be used; choose other pictures")]
    Nothing(String),
    /// The only file is refused.
    #[error("{name}: {reason}")]
    Refused {
        /// File.
        name: String,
        /// Why, and what to do.
        reason: String,
    },
    /// There is nothing to tell apart.
    #[error(
        "{source_name} has pictures of one class only ({class}), and at least 2 are needed; put the pictures of each class into a folder of its own, and open the folder that holds these folders"
    )]
    FewClasses {
        /// Where from.
        source_name: String,
        /// The class.
        class: String,
    },
    /// Some classes are too small.
    #[error(
        "some classes in {source_name} have too few pictures: {classes}; at least {fewest} of each are needed. Add some, or take these classes out"
    )]
    FewPictures {
        /// Where from.
        source_name: String,
        /// Names and counts.
        classes: String,
        /// How many are needed.
        fewest: usize,
    },
    /// The two files of a set do not fit together.
    #[error("{train} and {valid} have different classes; they are no two parts of one set")]
    Classes {
        /// File.
        train: String,
        /// File.
        valid: String,
    },
    /// The caller gave up.
    #[error("loading was stopped; the pictures that were there before are kept")]
    Stopped,
}

impl From<ParquetError> for LoadError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::Stopped | ParquetError::Source(SourceError::Stopped) => Self::Stopped,
            error => Self::Parquet(error),
        }
    }
}

/// Draws the set.
///
/// # Errors
/// [`LoadError::Stopped`]
pub async fn load_drawn(
    config: &DataConfig,
    seed: u32,
    progress: &mut impl Progress,
) -> Result<DataSet, LoadError> {
    let names = imagenette_names();
    let classes = names.len() as u32;
    let mut set =
        DataSet { classes: names, source: "drawn by this page".into(), ..DataSet::default() };
    let mut told =
        LoadProgress { wanted: (config.train + config.valid) * classes, ..LoadProgress::default() };
    // Drawn at the size that the network sees from: a larger drawing would only be shrunk.
    let side = crate::set::train_side(config.size);
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

/// Reads a set in Hugging Face's parquet layout, from two files.
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
    let footers = (Footer::read(&mut train).await?, Footer::read(&mut valid).await?);
    let classes = match (&footers.0.class_names, &footers.1.class_names) {
        (Some(train_names), Some(valid_names)) if train_names != valid_names => {
            return Err(LoadError::Classes {
                train: train.name().into(),
                valid: valid.name().into(),
            });
        }
        (Some(names), _) | (None, Some(names)) => {
            names.iter().map(|name| readable_name(name)).collect()
        }
        (None, None) => imagenette_names(),
    };
    let source =
        train.name().trim_end_matches(TRAIN_FILE).trim_end_matches(['/', ',', ' ']).to_string();
    let parts =
        [(config.train as usize, footers.0.rows()), (config.valid as usize, footers.1.rows())];
    let wanted = parts.iter().map(|&(each, rows)| (each * classes.len()).min(rows) as u32).sum();
    let set = DataSet { classes, source, ..DataSet::default() };
    let mut loading = Loading {
        config,
        seed,
        set,
        problems: Problems::default(),
        told: LoadProgress { wanted, ..LoadProgress::default() },
        progress,
    };
    loading.read(&mut train, &footers.0, true).await?;
    loading.read(&mut valid, &footers.1, false).await?;
    let Loading { mut set, problems, .. } = loading;
    if set.train.is_empty() || set.valid.is_empty() {
        return Err(LoadError::Nothing(set.source));
    }
    set.problems = problems.into_vec();
    Ok(set)
}

/// A set on its way in from two parquet files.
struct Loading<'a, P> {
    config: &'a DataConfig,
    seed: u32,
    set: DataSet,
    problems: Problems,
    told: LoadProgress,
    progress: &'a mut P,
}

impl<P: Progress> Loading<'_, P> {
    async fn read<S: RangeSource>(
        &mut self,
        source: &mut S,
        footer: &Footer,
        training: bool,
    ) -> Result<(), LoadError> {
        let name = source.name().to_string();
        let each = if training { self.config.train } else { self.config.valid } as usize;
        let wanted = Wanted {
            each,
            classes: self.set.classes.len(),
            seed: self.seed,
            part: u64::from(!training),
        };
        let before = self.told.bytes;
        // What the other file will take is not known before it is planned: guessed from this one's
        // share.
        let other = if training {
            f64::from(self.config.valid) / f64::from(self.config.train)
        } else {
            0.0
        };
        let size = self.config.size;
        read_subset(source, footer, wanted, async |row| {
            match decode(&row.bytes) {
                Ok(picture) if training => self.set.push_train(&picture, row.label, size),
                Ok(picture) => self.set.push_valid(&picture, row.label, size),
                Err(error) => {
                    let class = self.set.classes.get(row.label as usize).map_or("", String::as_str);
                    self.problems.add(format!("{name}, {} ({class})", row.place), error);
                }
            }
            self.told.pictures += 1;
            self.told.bytes = before + row.read;
            self.told.expected = Some(before + row.expected + (row.expected as f64 * other) as u64);
            self.progress.loaded(&self.told).await
        })
        .await?;
        Ok(())
    }
}
