//! A stratified random sample: a number of pictures of each class, read from as few row groups as
//! possible.

use bytes::Bytes;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use resnette_spec::random::{Purpose, stream};

use crate::error::ParquetError;
use crate::footer::Footer;
use crate::labels::Labels;
use crate::losses::Losses;
use crate::pictures::read_pictures;
use crate::source::RangeSource;

/// Which pictures to sample from a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubsetRequest {
    /// The number of pictures of each class.
    pub per_class: usize,
    /// The seed of the sample.
    pub seed: u32,
    /// A number that differs between the files of one data set, so that their samples are
    /// independent under the same seed.
    pub file: u64,
}

/// A picture that was sampled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampledRow {
    /// The index of its class in [`Labels::classes`].
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

/// What became of a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subset {
    /// The number of pictures taken of each class.
    pub taken: Vec<usize>,
    /// The rows of the file without a label that can be used, and the rows whose pictures cannot
    /// be read in those row groups that were tried. Other rows were sampled in their place where
    /// there are any.
    pub losses: Losses,
}

/// Reads a random sample of a file's pictures and hands each to `take`, which returns whether to
/// continue. The labels are those of [`crate::all_labels`].
///
/// All pictures are taken of a class of which the file has fewer than requested.
///
/// # Errors
/// [`ParquetError::Stopped`] if `take` returned false, and [`ParquetError::Source`] if the source
/// fails.
pub async fn read_subset<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    mut labels: Labels,
    request: SubsetRequest,
    mut take: impl AsyncFnMut(SampledRow) -> bool,
) -> Result<Subset, ParquetError> {
    let rng = &mut stream(request.seed, Purpose::Subset, request.file);
    let mut groups: Vec<usize> = (0..footer.groups.len()).collect();
    groups.shuffle(rng);
    let mut subset = Subset { taken: vec![0; labels.classes.len()], losses: Losses::default() };
    // A plan yields fewer pictures than requested only if statistics were wrong about a label or
    // pictures cannot be read. Then the next turn plans the missing ones from the groups that are
    // left.
    loop {
        let plan = plan_groups(&mut groups, &labels.groups, &subset.taken, request.per_class, rng);
        if plan.is_empty() {
            subset.losses.append(labels.losses);
            return Ok(subset);
        }
        let mut bytes_left: u64 = plan
            .iter()
            .filter_map(|planned| footer.groups.get(planned.group))
            .map(|group| group.pictures.length)
            .sum();
        for PlannedGroup { group, rows } in plan {
            let Some(metadata) = footer.groups.get(group) else { continue };
            labels.check_group(source, footer, group).await?;
            let pictures = read_pictures(source, footer, group).await?;
            subset.losses.append(pictures.losses);
            bytes_left -= metadata.pictures.length;
            for row in rows {
                let label = labels.groups.get(group).and_then(|rows| *rows.get(row)?);
                let picture = pictures.rows.get(row).cloned().flatten();
                let (Some(label), Some(picture)) = (label, picture) else { continue };
                let Some(count) = subset.taken.get_mut(label as usize) else { continue };
                if *count >= request.per_class {
                    continue;
                }
                *count += 1;
                let bytes_read = source.bytes_read();
                let sampled = SampledRow {
                    label,
                    picture,
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
/// `per_class` pictures. Rows without a label are passed over. Removes the chosen groups from
/// `groups`.
fn plan_groups(
    groups: &mut Vec<usize>,
    labels: &[Vec<Option<u32>>],
    taken: &[usize],
    per_class: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<PlannedGroup> {
    let mut planned = taken.to_vec();
    let mut plan = Vec::new();
    groups.retain(|&group| {
        let Some(labels) = labels.get(group) else { return false };
        let mut rows: Vec<(usize, u32)> =
            labels.iter().enumerate().filter_map(|(row, label)| Some((row, (*label)?))).collect();
        rows.shuffle(rng);
        let mut rows: Vec<usize> = rows
            .into_iter()
            .filter(|(_, label)| match planned.get_mut(*label as usize) {
                Some(count) => {
                    *count += 1;
                    *count <= per_class
                }
                None => false,
            })
            .map(|(row, _)| row)
            .collect();
        if rows.is_empty() {
            return true;
        }
        rows.sort_unstable();
        plan.push(PlannedGroup { group, rows });
        false
    });
    plan
}
