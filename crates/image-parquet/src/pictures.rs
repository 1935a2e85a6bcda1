//! The encoded picture of each row.

use bytes::Bytes;

use crate::error::ParquetError;
use crate::footer::Footer;
use crate::losses::{Losses, Reason};
use crate::page::{Column, read_column};
use crate::source::RangeSource;

/// The pictures of a row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupPictures {
    /// The encoded picture of each row, empty for a null; `None` if it cannot be read, which
    /// `losses` tells.
    pub rows: Vec<Option<Bytes>>,
    /// The rows whose pictures cannot be read.
    pub losses: Losses,
}

/// Reads the encoded pictures of a row group, as far as they can be read.
///
/// # Errors
/// [`ParquetError::Source`] if the source fails.
pub async fn read_pictures<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    group: usize,
) -> Result<GroupPictures, ParquetError> {
    let mut losses = Losses::default();
    let Some(metadata) = footer.groups.get(group) else {
        return Ok(GroupPictures { rows: Vec::new(), losses });
    };
    let place = metadata.pictures;
    let bytes = source.read(place.start, place.length).await?;
    let column = match read_column::<Bytes>(place, footer.pictures.level, metadata.rows, bytes) {
        Ok(column) => column,
        Err(error) => {
            losses.add(Reason::Pictures(error), group, metadata.rows, None);
            return Ok(GroupPictures { rows: vec![None; metadata.rows], losses });
        }
    };
    let Column { values, lost } = column;
    if lost.is_empty() && !values.is_empty() && values.iter().all(Option::is_none) {
        let paths = footer.pictures.has_paths;
        losses.add(Reason::NoPictures { paths }, group, metadata.rows, None);
        return Ok(GroupPictures { rows: values, losses });
    }
    let mut rows: Vec<Option<Bytes>> =
        values.into_iter().map(|value| Some(value.unwrap_or_default())).collect();
    for (range, error) in lost {
        losses.add(Reason::Pictures(error), group, range.len(), None);
        rows.get_mut(range).into_iter().flatten().for_each(|row| *row = None);
    }
    Ok(GroupPictures { rows, losses })
}

/// The encoded picture of each row of a row group; a null becomes an empty picture.
///
/// # Errors
/// [`ParquetError::Source`] if the source fails, and [`ParquetError::Damaged`] or
/// [`ParquetError::UnsupportedEncoding`] if a picture cannot be read.
pub async fn read_group<S: RangeSource>(
    source: &mut S,
    footer: &Footer,
    group: usize,
) -> Result<Vec<Bytes>, ParquetError> {
    let Some(metadata) = footer.groups.get(group) else { return Ok(Vec::new()) };
    let place = metadata.pictures;
    let bytes = source.read(place.start, place.length).await?;
    let column = read_column::<Bytes>(place, footer.pictures.level, metadata.rows, bytes)
        .map_err(|error| error.of_file(source.name()))?;
    match column.lost.into_iter().next() {
        Some((_, error)) => Err(error.of_file(source.name())),
        None => Ok(column.values.into_iter().map(Option::unwrap_or_default).collect()),
    }
}
