//! The pictures of a set in two parquet files as they lie there, for anyone who wants them as
//! files.

use bytes::Bytes;
use resnette_image_parquet::source::RangeSource;
use resnette_image_parquet::{Footer, SampledRow, SubsetRequest, all_labels, read_subset};
use resnette_spec::DataConfig;

use crate::load::entry::Split;
use crate::load::error::LoadError;
use crate::load::hugging_face::{Classes, name_classes};
use crate::load::parquet_classes::class_keys;
use crate::load::same_column::FirstColumn;
use crate::problems::Problems;

/// A picture that has not been decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedPicture {
    /// The split whose file it comes from.
    pub split: Split,
    /// The name of its class, as it is displayed.
    pub class: String,
    /// Its bytes, as they are in the file.
    pub bytes: Bytes,
    /// The file, the row and its group, for messages.
    pub position: String,
}

/// Hands the pictures of a training and a validation file to `take`, which returns whether to go
/// on: as many of each class as `config` says, drawn by `seed`. Rows that cannot be read are added
/// to `problems`.
///
/// # Errors
/// [`LoadError::Stopped`] if `take` returned false, [`LoadError::Parquet`] if a file cannot be
/// read, and [`LoadError::Classes`] if the files have no class in common.
pub async fn read_encoded<S: RangeSource>(
    [mut train, mut valid]: [S; 2],
    config: &DataConfig,
    seed: u32,
    problems: &mut Problems,
    mut take: impl AsyncFnMut(EncodedPicture) -> bool,
) -> Result<(), LoadError> {
    let mut train_footer = Footer::read(&mut train).await?;
    let mut valid_footer = Footer::read(&mut valid).await?;
    let names = [train.name().to_string(), valid.name().to_string()];
    if let Some(first) = FirstColumn::of(&names[0], &train_footer) {
        first.apply(&names[1], &mut valid_footer, false)?;
    }
    name_classes(&mut train_footer, &mut valid_footer, &names, None, problems);
    let train_labels = all_labels(&mut train, &train_footer).await?;
    let valid_labels = all_labels(&mut valid, &valid_footer).await?;
    let keys = [class_keys(&train_footer, &train_labels), class_keys(&valid_footer, &valid_labels)];
    let classes = Classes::join(&keys);
    if !classes.in_common {
        let [train, valid] = names;
        return Err(LoadError::Classes { train, valid });
    }
    let [train_classes, valid_classes] = &classes.numbers;
    let parts = [
        (Split::Train, train, train_footer, train_labels, train_classes, config.train),
        (Split::Valid, valid, valid_footer, valid_labels, valid_classes, config.valid),
    ];
    for (file, (split, mut source, footer, labels, numbers, count)) in parts.into_iter().enumerate()
    {
        let request = SubsetRequest { per_class: count as usize, seed, file: file as u64 };
        let name = &names[file];
        let mut hand_over = async |row: SampledRow| {
            let shown = numbers.get(row.label as usize).map(|number| *number as usize);
            let class = shown.and_then(|number| classes.shown.get(number)).cloned();
            let position = format!("{name}, {}", row.position);
            let class = class.unwrap_or_default();
            take(EncodedPicture { split, class, bytes: row.picture, position }).await
        };
        let read = read_subset(&mut source, &footer, labels, request, &mut hand_over).await?;
        let losses = read.losses;
        losses.sentences().into_iter().for_each(|sentence| problems.add(name, sentence));
    }
    Ok(())
}
