//! A stratified random sample: a number of pictures of each class, read from as few row groups as
//! possible.

use bytes::Bytes;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use resnette_spec::random::{Purpose, stream};

use crate::error::ParquetError;
use crate::footer::Footer;
use crate::page;
use crate::source::RangeSource;

/// Which pictures to sample from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubsetRequest {
    /// The number of pictures of each class.
    pub per_class: usize,
    /// The number of classes; labels must be below it.
    pub classes: usize,
    /// The seed of the sample.
    pub seed: u32,
    /// A number that differs between the files of one data set, so that their samples are
    /// independent under the same seed.
    pub file: u64,
}

/// A picture that was sampled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampledRow {
    /// The class's number.
    pub label: u32,
    /// The encoded picture, as it is in the file.
    pub picture: Bytes,
    /// The row and its group, for messages.
    pub position: String,
    /// Bytes of the file that have been read so far.
    pub bytes_read: u64,
    /// Bytes of the file that will have been read at the end.
    pub bytes_expected: u64,
}

/// Reads a random sample of a file's pictures and hands each to `take`, which returns whether to
/// continue.
///
/// All pictures are taken of a class of which the file has fewer than requested. Returns the number
/// of pictures taken of each class.
///
/// # Errors
/// [`ParquetError::Stopped`] if `take` returned false, and the errors of [`all_labels`] and
/// [`read_group`].
pub async fn read_subset<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    request: SubsetRequest,
    mut take: impl AsyncFnMut(SampledRow) -> bool,
) -> Result<Vec<usize>, ParquetError> {
    let rng = &mut stream(request.seed, Purpose::Subset, request.file);
    let mut labels = all_labels(source, footer, request.classes).await?;
    let mut groups: Vec<usize> = (0..footer.groups.len()).collect();
    groups.shuffle(rng);
    let mut taken = vec![0; request.classes];
    // A plan yields fewer pictures than requested only if statistics were wrong about a label. Then
    // the next turn plans the missing ones from the groups that are left.
    loop {
        let plan = plan_groups(&mut groups, &labels, &taken, request.per_class, rng);
        if plan.is_empty() {
            return Ok(taken);
        }
        let mut bytes_left: u64 =
            plan.iter().map(|planned| footer.groups[planned.group].pictures.length).sum();
        for PlannedGroup { group, rows } in plan {
            let metadata = &footer.groups[group];
            if metadata.common_label.is_some() {
                labels[group] = read_labels(source, footer, group, request.classes).await?;
            }
            let pictures = read_group(source, footer, group).await?;
            bytes_left -= metadata.pictures.length;
            for row in rows {
                let label = labels[group][row];
                let count = &mut taken[label as usize];
                if *count >= request.per_class {
                    continue;
                }
                *count += 1;
                let bytes_read = source.bytes_read();
                let sampled = SampledRow {
                    label,
                    picture: pictures[row].clone(),
                    position: format!("row {row} of group {group}"),
                    bytes_read,
                    bytes_expected: bytes_read + bytes_left,
                };
                if !take(sampled).await {
                    return Err(ParquetError::Stopped);
                }
            }
        }
    }
}

/// The rows to take from one row group.
struct PlannedGroup {
    group: usize,
    /// Row numbers in ascending order.
    rows: Vec<usize>,
}

/// Chooses rows of as few groups as possible, in reading order, so that each class reaches
/// `per_class` pictures. Removes the chosen groups from `groups`.
fn plan_groups(
    groups: &mut Vec<usize>,
    labels: &[Vec<u32>],
    taken: &[usize],
    per_class: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<PlannedGroup> {
    let mut planned = taken.to_vec();
    let mut plan = Vec::new();
    groups.retain(|&group| {
        let mut rows: Vec<usize> = (0..labels[group].len()).collect();
        rows.shuffle(rng);
        rows.retain(|&row| {
            let count = &mut planned[labels[group][row] as usize];
            *count += 1;
            *count <= per_class
        });
        if rows.is_empty() {
            return true;
        }
        rows.sort_unstable();
        plan.push(PlannedGroup { group, rows });
        false
    });
    plan
}

/// The encoded picture of each row of a row group; a null becomes an empty picture.
///
/// # Errors
/// [`ParquetError::Source`] if the source fails, and [`ParquetError::Damaged`] if the column is
/// invalid.
///
/// # Panics
/// Panics if the footer has no row group of this number.
pub async fn read_group<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    group: usize,
) -> Result<Vec<Bytes>, ParquetError> {
    let chunk = footer.groups[group].pictures;
    let bytes = source.read(chunk.start, chunk.length).await?;
    page::pictures(footer, group, bytes, source.name())
}

/// The label of each row, row group by row group.
///
/// A group's labels are not read if its statistics say that they are all the same. Statistics may
/// be wrong, so [`read_subset`] reads the labels of those groups that it takes pictures from.
///
/// # Errors
/// [`ParquetError::Source`] if the source fails, [`ParquetError::Damaged`] if a column is invalid,
/// and [`ParquetError::LabelOutOfRange`] if a label is not below `classes`.
pub async fn all_labels<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    classes: usize,
) -> Result<Vec<Vec<u32>>, ParquetError> {
    let mut labels = Vec::with_capacity(footer.groups.len());
    for (group, metadata) in footer.groups.iter().enumerate() {
        labels.push(match metadata.common_label {
            Some(label) => vec![check_label(label, classes, source.name())?; metadata.rows],
            None => read_labels(source, footer, group, classes).await?,
        });
    }
    Ok(labels)
}

/// Reads the labels of one row group.
async fn read_labels<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    group: usize,
    classes: usize,
) -> Result<Vec<u32>, ParquetError> {
    let chunk = footer.groups[group].labels;
    let bytes = source.read(chunk.start, chunk.length).await?;
    let labels = page::labels(footer, group, bytes, source.name())?;
    labels.into_iter().map(|label| check_label(label, classes, source.name())).collect()
}

fn check_label(label: i64, classes: usize, name: &str) -> Result<u32, ParquetError> {
    match usize::try_from(label) {
        Ok(index) if index < classes => Ok(index as u32),
        _ => Err(ParquetError::LabelOutOfRange { name: name.into(), label, classes }),
    }
}
