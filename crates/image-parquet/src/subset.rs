//! A stratified draw: so many pictures of each class, from as few row groups as will do.

use bytes::Bytes;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use resnette_spec::random::{Purpose, stream};

use crate::footer::Footer;
use crate::source::RangeSource;
use crate::{ParquetError, page};

/// What to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Pictures a class.
    pub each: usize,
    /// Classes: labels run from 0 to this.
    pub classes: usize,
    /// Decides which.
    pub seed: u32,
    /// Keeps the draws of two files apart.
    pub part: u64,
}

/// A picture that was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its class.
    pub label: u32,
    /// As it was encoded.
    pub bytes: Bytes,
    /// Where it stood, for messages.
    pub place: String,
    /// Bytes of the file that have been read.
    pub read: u64,
    /// Bytes of the file that will have been read at the end.
    pub expected: u64,
}

/// Reads the pictures and hands each to `take`, which may end the reading.
///
/// Classes that the file has fewer pictures of come whole. Returns how many were taken of each
/// class.
///
/// # Errors
/// [`ParquetError`]; [`ParquetError::Stopped`] when `take` returned false.
pub async fn read_subset<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    wanted: Wanted,
    mut take: impl AsyncFnMut(Row) -> bool,
) -> Result<Vec<usize>, ParquetError> {
    let rng = &mut stream(wanted.seed, Purpose::Subset, wanted.part);
    let mut labels = all_labels(source, footer, wanted.classes).await?;
    let mut groups: Vec<usize> = (0..footer.groups.len()).collect();
    groups.shuffle(rng);
    let mut taken = vec![0; wanted.classes];
    // A plan is wrong only where statistics lie; then what is missing is planned again from the
    // groups that are left.
    loop {
        let plan = plan(&mut groups, &labels, &taken, wanted.each, rng);
        if plan.is_empty() {
            return Ok(taken);
        }
        let mut ahead: u64 =
            plan.iter().map(|(group, _)| footer.groups[*group].pictures.length).sum();
        for (group, rows) in plan {
            let about = &footer.groups[group];
            if about.claims.is_some() {
                labels[group] = group_labels(source, footer, group, wanted.classes).await?;
            }
            let pictures = read_group(source, footer, group).await?;
            ahead -= about.pictures.length;
            for row in rows {
                let label = labels[group][row];
                let count = &mut taken[label as usize];
                if *count >= wanted.each {
                    continue;
                }
                *count += 1;
                let (bytes, place) = (pictures[row].clone(), format!("row {row} of group {group}"));
                let read = source.bytes_read();
                if !take(Row { label, bytes, place, read, expected: read + ahead }).await {
                    return Err(ParquetError::Stopped);
                }
            }
        }
    }
}

/// Which rows of which groups, in reading order; takes those groups off `groups`.
fn plan(
    groups: &mut Vec<usize>,
    labels: &[Vec<u32>],
    taken: &[usize],
    each: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<(usize, Vec<usize>)> {
    let mut planned = taken.to_vec();
    let mut plan = Vec::new();
    groups.retain(|&group| {
        let mut rows: Vec<usize> = (0..labels[group].len()).collect();
        rows.shuffle(rng);
        rows.retain(|&row| {
            let count = &mut planned[labels[group][row] as usize];
            *count += 1;
            *count <= each
        });
        if rows.is_empty() {
            return true;
        }
        rows.sort_unstable();
        plan.push((group, rows));
        false
    });
    plan
}

/// The encoded pictures of one row group; a null is an empty picture.
///
/// # Errors
/// [`ParquetError`]
pub async fn read_group<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    group: usize,
) -> Result<Vec<Bytes>, ParquetError> {
    let chunk = footer.groups[group].pictures;
    let bytes = source.read(chunk.start, chunk.length).await?;
    page::pictures(footer, group, bytes, source.name())
}

/// The label of every row, group by group, by statistics where they tell.
///
/// # Errors
/// [`ParquetError`]
pub async fn all_labels<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    classes: usize,
) -> Result<Vec<Vec<u32>>, ParquetError> {
    let mut labels = Vec::with_capacity(footer.groups.len());
    for (group, about) in footer.groups.iter().enumerate() {
        labels.push(match about.claims {
            Some(label) => vec![checked(label, classes, source.name())?; about.rows],
            None => group_labels(source, footer, group, classes).await?,
        });
    }
    Ok(labels)
}

async fn group_labels<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    group: usize,
    classes: usize,
) -> Result<Vec<u32>, ParquetError> {
    let chunk = footer.groups[group].labels;
    let bytes = source.read(chunk.start, chunk.length).await?;
    let labels = page::labels(footer, group, bytes, source.name())?;
    labels.into_iter().map(|label| checked(label, classes, source.name())).collect()
}

fn checked(label: i64, classes: usize, name: &str) -> Result<u32, ParquetError> {
    match usize::try_from(label) {
        Ok(index) if index < classes => Ok(index as u32),
        _ => Err(ParquetError::Label { name: name.into(), label, classes }),
    }
}
