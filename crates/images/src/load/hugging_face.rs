//! A data set in two parquet files, one for each split, as Hugging Face converts image data sets.

use resnette_image_parquet::source::RangeSource;
use resnette_image_parquet::{Footer, SampledRow, SubsetRequest, read_subset};
use resnette_picture::classes::imagenette_names;
use resnette_picture::report::LoadProgress;
use resnette_spec::DataConfig;

use crate::dataset::Dataset;
use crate::decode::decode;
use crate::imagenet::display_name;
use crate::load::entry::Split;
use crate::load::error::LoadError;
use crate::load::observer::LoadObserver;
use crate::problems::Problems;

/// The path of the training file, relative to the data set's address.
pub const TRAIN_FILE: &str = "train/0000.parquet";
/// The path of the validation file, relative to the data set's address.
pub const VALID_FILE: &str = "validation/0000.parquet";

/// Samples a data set from a training and a validation file.
///
/// Pictures that cannot be decoded are listed in [`Dataset::problems`].
///
/// # Errors
/// [`LoadError::Stopped`] if the observer stops it, [`LoadError::Parquet`] if a file cannot be
/// read, [`LoadError::Classes`] if the files name different classes, and [`LoadError::Nothing`] if
/// a split has no usable picture.
pub async fn load_parquet<S: RangeSource>(
    mut train: S,
    mut valid: S,
    config: &DataConfig,
    seed: u32,
    observer: &mut impl LoadObserver,
) -> Result<Dataset, LoadError> {
    let (train_footer, valid_footer) =
        (Footer::read(&mut train).await?, Footer::read(&mut valid).await?);
    let classes = match (&train_footer.class_names, &valid_footer.class_names) {
        (Some(train_names), Some(valid_names)) if train_names != valid_names => {
            return Err(LoadError::Classes {
                train: train.name().into(),
                valid: valid.name().into(),
            });
        }
        (Some(names), _) | (None, Some(names)) => {
            names.iter().map(|name| display_name(name)).collect()
        }
        (None, None) => imagenette_names(),
    };
    let source =
        train.name().trim_end_matches(TRAIN_FILE).trim_end_matches(['/', ',', ' ']).to_string();
    let wanted = [(config.train, train_footer.rows()), (config.valid, valid_footer.rows())]
        .map(|(per_class, rows)| (per_class as usize * classes.len()).min(rows) as u32)
        .iter()
        .sum();
    let mut loader = Loader {
        config,
        seed,
        dataset: Dataset { classes, source, ..Dataset::default() },
        problems: Problems::default(),
        progress: LoadProgress { wanted, ..LoadProgress::default() },
        observer,
    };
    loader.read(&mut train, &train_footer, Split::Train).await?;
    loader.read(&mut valid, &valid_footer, Split::Valid).await?;
    let Loader { mut dataset, problems, .. } = loader;
    if dataset.train.is_empty() || dataset.valid.is_empty() {
        return Err(LoadError::Nothing(dataset.source));
    }
    dataset.problems = problems.into_vec();
    Ok(dataset)
}

/// A data set that is being read.
struct Loader<'a, O> {
    config: &'a DataConfig,
    seed: u32,
    dataset: Dataset,
    problems: Problems,
    progress: LoadProgress,
    observer: &'a mut O,
}

impl<O: LoadObserver> Loader<'_, O> {
    /// Samples the pictures of one split from its file.
    async fn read<S: RangeSource>(
        &mut self,
        source: &mut S,
        footer: &Footer,
        split: Split,
    ) -> Result<(), LoadError> {
        let name = source.name().to_string();
        let (per_class, file) = match split {
            Split::Train => (self.config.train, 0),
            Split::Valid => (self.config.valid, 1),
        };
        let request = SubsetRequest {
            per_class: per_class as usize,
            classes: self.dataset.classes.len(),
            seed: self.seed,
            file,
        };
        let bytes_before = self.progress.bytes;
        // How much of the validation file will be read is not known before its turn: it is
        // estimated from the training file by the number of pictures.
        let other_files = match split {
            Split::Train => f64::from(self.config.valid) / f64::from(self.config.train),
            Split::Valid => 0.0,
        };
        let size = self.config.size;
        read_subset(source, footer, request, async |row: SampledRow| {
            match decode(&row.picture) {
                Ok(picture) => match split {
                    Split::Train => self.dataset.push_train(&picture, row.label, size),
                    Split::Valid => self.dataset.push_valid(&picture, row.label, size),
                },
                Err(error) => {
                    let class =
                        self.dataset.classes.get(row.label as usize).map_or("", String::as_str);
                    self.problems.add(format!("{name}, {} ({class})", row.position), error);
                }
            }
            self.progress.pictures += 1;
            self.progress.bytes = bytes_before + row.bytes_read;
            let estimate = (row.bytes_expected as f64 * other_files) as u64;
            self.progress.expected = Some(bytes_before + row.bytes_expected + estimate);
            self.observer.on_progress(&self.progress).await
        })
        .await?;
        Ok(())
    }
}
