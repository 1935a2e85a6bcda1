//! A data set in two parquet files, one for each split, as Hugging Face converts image data sets.

use std::collections::BTreeMap;

use resnette_image_parquet::source::RangeSource;
use resnette_image_parquet::{Footer, Labels, watched_labels};
use resnette_picture::classes::IMAGENETTE;
use resnette_picture::report::{ClassCorrections, LoadProgress, OpenedReport};
use resnette_spec::{DataConfig, Keep};

use crate::dataset::{ClassOrigin, Dataset};
use crate::load::class_name::display_names;
use crate::load::entry::Split;
use crate::load::error::{LoadError, check_set};
use crate::load::observer::LoadObserver;
use crate::load::opened_columns::{add_columns, chosen_columns, column_notices};
use crate::load::parquet_classes::{class_keys, is_nameless};
use crate::load::picture_decoder::PictureDecoder;
use crate::load::same_column::FirstColumn;
use crate::load::split_loader::SplitLoader;
use crate::problems::Problems;

/// The path of the training file, relative to the data set's address.
pub const TRAIN_FILE: &str = "train/0000.parquet";
/// The path of the validation file, relative to the data set's address.
pub const VALID_FILE: &str = "validation/0000.parquet";

/// Samples a data set from a training and a validation file.
///
/// The classes of both files are matched by their names. Pictures that cannot be decoded, and rows
/// that cannot be read or have no label, are told in [`Dataset::problems`].
///
/// # Errors
/// [`LoadError::Stopped`] if the observer stops it, [`LoadError::Parquet`] if a file cannot be
/// read, [`LoadError::Classes`] if the files have no class in common, [`LoadError::Nothing`] or
/// [`LoadError::Refused`] if a split has no usable picture, [`LoadError::FewClasses`] if there is
/// only one class, and [`LoadError::LargeSet`] if the pictures would not fit into memory.
pub async fn load_parquet<S: RangeSource>(
    train: S,
    valid: S,
    config: &DataConfig,
    seed: u32,
    observer: &mut impl LoadObserver,
) -> Result<Dataset, LoadError> {
    let corrections = ClassCorrections::default();
    let (set, _) = load_pair([train, valid], None, &corrections, config, seed, observer).await?;
    Ok(set)
}

/// [`load_parquet`] of the published files of Imagenette: if they do not name their classes, these
/// are known all the same.
///
/// # Errors
/// Those of [`load_parquet`].
pub async fn load_imagenette<S: RangeSource>(
    train: S,
    valid: S,
    config: &DataConfig,
    seed: u32,
    observer: &mut impl LoadObserver,
) -> Result<Dataset, LoadError> {
    let known = IMAGENETTE.iter().map(|(id, _)| (*id).to_owned()).collect();
    let corrections = ClassCorrections::default();
    let known = Some(known);
    let (set, _) = load_pair([train, valid], known, &corrections, config, seed, observer).await?;
    Ok(set)
}

/// Samples a data set from a training and a validation file, and says how they were read. `known`
/// has the names of the classes if neither file tells them. Of the corrections, those of columns
/// and of pictures that end early apply.
///
/// # Errors
/// Those of [`load_parquet`].
pub async fn load_pair<S: RangeSource>(
    [mut train, mut valid]: [S; 2],
    known: Option<Vec<String>>,
    corrections: &ClassCorrections,
    config: &DataConfig,
    seed: u32,
    observer: &mut impl LoadObserver,
) -> Result<(Dataset, OpenedReport), LoadError> {
    let choice = chosen_columns(corrections);
    let mut train_footer = Footer::read_chosen(&mut train, choice).await?;
    let mut valid_footer = Footer::read_chosen(&mut valid, choice).await?;
    let mut opened = OpenedReport { corrections: corrections.clone(), ..OpenedReport::default() };
    add_columns(&mut opened, &train_footer);
    add_columns(&mut opened, &valid_footer);
    let names = [train.name().to_string(), valid.name().to_string()];
    let mut problems = Problems::default();
    if let Some(first) = FirstColumn::of(&names[0], &train_footer) {
        first.apply(&names[1], &mut valid_footer, choice.labels.is_some())?;
    }
    name_classes(&mut train_footer, &mut valid_footer, &names, known, &mut problems);
    let before = LoadProgress::default();
    let mut watch = async || observer.on_progress(&before).await;
    let train_labels = watched_labels(&mut train, &train_footer, true, &mut watch).await?;
    let valid_labels = watched_labels(&mut valid, &valid_footer, true, &mut watch).await?;
    let keys = [class_keys(&train_footer, &train_labels), class_keys(&valid_footer, &valid_labels)];
    let classes = Classes::join(&keys);
    if !classes.in_common && valid_footer.rows() > 0 {
        let [train, valid] = names;
        return Err(LoadError::Classes { train, valid });
    }
    let source =
        train.name().trim_end_matches(TRAIN_FILE).trim_end_matches(['/', ',', ' ']).to_string();
    let most_valid = most_wanted(&valid_labels, config.valid);
    // How large a whole picture is kept is known once it is there; of the squares it is known.
    let squares = DataConfig { keep: Keep::SQUARE, ..config.clone() };
    if observer.keeps_pictures() {
        check_set(&squares, 0, u64::from(most_valid))?;
    }
    let wanted = most_wanted(&train_labels, config.train) + most_valid;
    let labelled = most_wanted(&train_labels, u32::MAX) + most_wanted(&valid_labels, u32::MAX);
    let dataset = Dataset {
        classes: classes.shown,
        origins: classes.origins,
        source,
        keep: config.keep,
        ..Dataset::default()
    };
    let progress = LoadProgress { wanted, ..LoadProgress::default() };
    let decoder = PictureDecoder::new(corrections.accept_cut);
    let mut loader =
        SplitLoader { config, seed, dataset, problems, progress, decoder, kept: 0, observer };
    let [train_classes, valid_classes] = classes.numbers;
    loader.read(&mut train, &train_footer, train_labels, &train_classes, Split::Train).await?;
    loader.read(&mut valid, &valid_footer, valid_labels, &valid_classes, Split::Valid).await?;
    (opened.cut, opened.read) = (loader.decoder.cut(), loader.decoder.read());
    opened.unread = labelled.saturating_sub(opened.read);
    Ok((loader.finish(&names)?, opened))
}

/// Gives a file without class names those of the other file, or `known` if neither has names, and
/// tells what there is to tell about the columns of labels.
pub(super) fn name_classes(
    train: &mut Footer,
    valid: &mut Footer,
    names: &[String; 2],
    known: Option<Vec<String>>,
    problems: &mut Problems,
) {
    for (footer, name) in [(&*train, &names[0]), (&*valid, &names[1])] {
        column_notices(footer).into_iter().for_each(|notice| problems.add(name, notice));
    }
    match (is_nameless(train), is_nameless(valid)) {
        (true, true) => (train.class_names, valid.class_names) = (known.clone(), known),
        (true, false) if valid.class_names.is_some() => {
            train.class_names.clone_from(&valid.class_names);
            problems.add(&names[0], named_by(&names[1]));
        }
        (false, true) if train.class_names.is_some() => {
            valid.class_names.clone_from(&train.class_names);
            problems.add(&names[1], named_by(&names[0]));
        }
        _ => {}
    }
}

fn named_by(other: &str) -> String {
    format!(
        "it does not name its classes; its labels are taken to be the numbers of the classes that {other} names"
    )
}

/// The number of pictures in a sample of `per_class` pictures of each class.
fn most_wanted(labels: &Labels, per_class: u32) -> u32 {
    let mut counts = vec![0_u32; labels.classes.len()];
    for class in labels.groups.iter().flatten().flatten() {
        if let Some(count) = counts.get_mut(*class as usize) {
            *count += 1;
        }
    }
    counts.into_iter().map(|count| count.min(per_class)).sum()
}

/// The classes of both files together.
pub(super) struct Classes {
    /// Their displayed names: the training file's classes, and then those that only the validation
    /// file names.
    pub(super) shown: Vec<String>,
    /// Their keys, in the same order.
    origins: Vec<ClassOrigin>,
    /// For each file, the index in `shown` of each of its classes.
    pub(super) numbers: [Vec<u32>; 2],
    /// Whether both files have a class in common.
    pub(super) in_common: bool,
}

impl Classes {
    pub(super) fn join(keys: &[Vec<String>; 2]) -> Self {
        let mut joined: Vec<&str> = Vec::new();
        let mut known: BTreeMap<&str, u32> = BTreeMap::new();
        let mut in_common = false;
        let numbers = [0, 1].map(|file: usize| {
            keys[file]
                .iter()
                .map(|key| {
                    in_common |= file == 1 && known.contains_key(key.as_str());
                    *known.entry(key).or_insert_with(|| {
                        joined.push(key);
                        joined.len() as u32 - 1
                    })
                })
                .collect()
        });
        let origin = |key: &&str| ClassOrigin { keys: vec![(*key).into()], origins: Vec::new() };
        let origins = joined.iter().map(origin).collect();
        Self { shown: display_names(&joined), origins, numbers, in_common }
    }
}
