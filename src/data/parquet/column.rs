//! Values of one column of one row group, from the bytes of its chunk.

use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError as CrateError, Result as CrateResult};
use parquet::file::reader::{ChunkReader, Length, SerializedPageReader};

use super::ParquetError;
use super::footer::{Footer, damaged};

/// A piece of a file that the crate may read as if it were the whole.
struct Piece {
    start: u64,
    bytes: Bytes,
}

impl Length for Piece {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Piece {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> CrateResult<Self::T> {
        let from = self.offset(start)?;
        Ok(self.bytes.slice(from..).reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> CrateResult<Bytes> {
        let from = self.offset(start)?;
        let end = from.checked_add(length).filter(|&end| end <= self.bytes.len());
        match end {
            Some(end) => Ok(self.bytes.slice(from..end)),
            None => Err(CrateError::EOF("a page ends outside its column".into())),
        }
    }
}

impl Piece {
    fn offset(&self, start: u64) -> CrateResult<usize> {
        start
            .checked_sub(self.start)
            .map(|from| from as usize)
            .filter(|&from| from <= self.bytes.len())
            .ok_or_else(|| CrateError::EOF("a page begins outside its column".into()))
    }
}

fn reader(footer: &Footer, group: usize, column: usize, start: u64, bytes: Bytes) -> CrateResult<ColumnReader> {
    let metadata = footer.metadata.row_group(group);
    let pages = SerializedPageReader::new(Arc::new(Piece { start, bytes }), metadata.column(column), footer.groups[group].rows, None)?;
    Ok(get_column_reader(footer.metadata.file_metadata().schema_descr().column(column), Box::new(pages)))
}

/// The labels of a row group; a null is an error, since a picture without a class is none of ours.
pub(super) fn labels(footer: &Footer, group: usize, bytes: Bytes, name: &str) -> Result<Vec<i64>, ParquetError> {
    let rows = footer.groups[group].rows;
    let start = footer.groups[group].label.0;
    let column = reader(footer, group, footer.label_column, start, bytes).map_err(|error| damaged(name, error))?;
    let ColumnReader::Int64ColumnReader(mut column) = column else { return Err(damaged(name, "the label column changes its type")) };
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    while values.len() < rows {
        let (read, _, _) =
            column.read_records(rows - values.len(), Some(&mut levels), None, &mut values).map_err(|error| damaged(name, error))?;
        if read == 0 {
            break;
        }
    }
    if values.len() == rows { Ok(values) } else { Err(damaged(name, "some rows have no label")) }
}

/// The encoded pictures of a row group; a null becomes an empty picture, which decoding refuses by name.
pub(super) fn pictures(footer: &Footer, group: usize, bytes: Bytes, name: &str) -> Result<Vec<Bytes>, ParquetError> {
    let rows = footer.groups[group].rows;
    let start = footer.groups[group].bytes.0;
    let column = reader(footer, group, footer.bytes_column, start, bytes).map_err(|error| damaged(name, error))?;
    let ColumnReader::ByteArrayColumnReader(mut column) = column else { return Err(damaged(name, "the picture column changes its type")) };
    let full = footer.metadata.file_metadata().schema_descr().column(footer.bytes_column).max_def_level();
    let (mut values, mut levels): (Vec<ByteArray>, Vec<i16>) = (Vec::new(), Vec::new());
    let mut records = 0;
    while records < rows {
        let (read, _, _) =
            column.read_records(rows - records, Some(&mut levels), None, &mut values).map_err(|error| damaged(name, error))?;
        if read == 0 {
            return Err(damaged(name, "some rows have no picture"));
        }
        records += read;
    }
    let mut values = values.into_iter();
    let mut next = || values.next().map(|value| Bytes::copy_from_slice(value.data())).unwrap_or_default();
    // Without nulls the crate may leave the levels out.
    Ok((0..rows).map(|row| if levels.get(row).is_none_or(|&level| level == full) { next() } else { Bytes::new() }).collect())
}
