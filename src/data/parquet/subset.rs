//! A stratified draw: so many pictures of each class, from as few row groups as will do.

use bytes::Bytes;
use rand::seq::SliceRandom;

use super::footer::Footer;
use super::{ParquetError, column};
use crate::data::source::RangeSource;
use crate::train::random::{Purpose, stream};

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

/// Reads the pictures and hands each to `take(label, encoded bytes, where it stood)`, which may end the reading.
///
/// Classes that the file has fewer pictures of come whole. Returns how many were taken of each class.
///
/// # Errors
/// [`ParquetError`]; [`ParquetError::Stopped`] when `take` returned false.
pub async fn read_subset<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    wanted: Wanted,
    mut take: impl AsyncFnMut(u32, Bytes, String, u64) -> bool,
) -> Result<Vec<usize>, ParquetError> {
    let name = source.name().to_string();
    let rng = &mut stream(wanted.seed, Purpose::Subset, wanted.part);
    let labels = all_labels(source, footer, wanted.classes, &name).await?;
    let mut order: Vec<usize> = (0..footer.groups.len()).collect();
    order.shuffle(rng);
    let mut taken = vec![0; wanted.classes];
    for group in order {
        // Which rows of this group are wanted is settled before its pictures are fetched.
        let mut rows: Vec<usize> = (0..labels[group].len()).collect();
        rows.shuffle(rng);
        let mut planned = taken.clone();
        rows.retain(|&row| {
            let count = &mut planned[labels[group][row] as usize];
            *count += 1;
            *count <= wanted.each
        });
        if rows.is_empty() {
            continue;
        }
        rows.sort_unstable();
        let (start, length) = footer.groups[group].bytes;
        let bytes = source.read(start, length).await?;
        let pictures = column::pictures(footer, group, bytes, &name)?;
        // Statistics may lie; the label column is small and settles it.
        let truth = if footer.groups[group].claims.is_some() {
            group_labels(source, footer, group, wanted.classes, &name).await?
        } else {
            labels[group].clone()
        };
        for row in rows {
            let label = truth[row] as usize;
            if taken[label] >= wanted.each {
                continue;
            }
            taken[label] += 1;
            if !take(label as u32, pictures[row].clone(), format!("row {row} of group {group}"), source.bytes_read()).await {
                return Err(ParquetError::Stopped);
            }
        }
        if taken.iter().all(|&count| count >= wanted.each) {
            break;
        }
    }
    Ok(taken)
}

/// The label of every row, group by group, by statistics where they tell.
async fn all_labels<S: RangeSource>(source: &mut S, footer: &Footer, classes: usize, name: &str) -> Result<Vec<Vec<u32>>, ParquetError> {
    let mut labels = Vec::with_capacity(footer.groups.len());
    for (group, about) in footer.groups.iter().enumerate() {
        labels.push(match about.claims {
            Some(label) => vec![checked(label, classes, name)?; about.rows],
            None => group_labels(source, footer, group, classes, name).await?,
        });
    }
    Ok(labels)
}

async fn group_labels<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    group: usize,
    classes: usize,
    name: &str,
) -> Result<Vec<u32>, ParquetError> {
    let (start, length) = footer.groups[group].label;
    let bytes = source.read(start, length).await?;
    column::labels(footer, group, bytes, name)?.into_iter().map(|label| checked(label, classes, name)).collect()
}

fn checked(label: i64, classes: usize, name: &str) -> Result<u32, ParquetError> {
    match usize::try_from(label) {
        Ok(index) if index < classes => Ok(index as u32),
        _ => Err(ParquetError::Label { name: name.into(), label, classes }),
    }
}
