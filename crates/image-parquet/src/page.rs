//! Decodes the values of one column of one row group from the bytes of its chunk.
//!
//! A chunk is a sequence of pages, each with a header, and the first page may be a dictionary. See
//! <https://parquet.apache.org/docs/file-format/data-pages/>.

use bytes::Bytes;

use crate::error::ParquetError;
use crate::footer::{ColumnChunk, Footer};
use crate::rle::RleDecoder;
use crate::thrift::{ThriftError, ThriftReader, ThriftType};

/// The largest page that is read, in decompressed bytes.
const MAX_PAGE_BYTES: usize = 256 << 20;

/// Values of parquet.thrift's `PageType`.
const DATA_PAGE: i64 = 0;
const DICTIONARY_PAGE: i64 = 2;
const DATA_PAGE_V2: i64 = 3;

/// Values of parquet.thrift's `Encoding` that writers of image data sets use.
const PLAIN: i64 = 0;
const PLAIN_DICTIONARY: i64 = 2;
const RLE: i64 = 3;
const RLE_DICTIONARY: i64 = 8;

/// A type of values that a column can hold.
trait ColumnValue: Clone {
    /// Splits the next value in PLAIN encoding off the front of `bytes`; `None` if they end before
    /// it does.
    fn split_plain(bytes: &mut Bytes) -> Option<Self>;
}

impl ColumnValue for i64 {
    fn split_plain(bytes: &mut Bytes) -> Option<Self> {
        if bytes.len() < 8 {
            return None;
        }
        let number: [u8; 8] = bytes.split_to(8)[..].try_into().ok()?;
        Some(Self::from_le_bytes(number))
    }
}

impl ColumnValue for Bytes {
    fn split_plain(bytes: &mut Bytes) -> Option<Self> {
        if bytes.len() < 4 {
            return None;
        }
        let length = u32::from_le_bytes(bytes.split_to(4)[..].try_into().ok()?) as usize;
        (length <= bytes.len()).then(|| bytes.split_to(length))
    }
}

/// The label of each row of a row group, from the bytes of its label column.
///
/// # Errors
/// [`ParquetError::Damaged`] if the bytes are invalid or a label is null.
pub(super) fn labels(
    footer: &Footer,
    group: usize,
    bytes: Bytes,
    name: &str,
) -> Result<Vec<i64>, ParquetError> {
    let group = &footer.groups[group];
    let values = column::<i64>(group.labels, footer.label_level, group.rows, bytes)
        .map_err(|reason| ParquetError::damaged(name, reason))?;
    values
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| ParquetError::damaged(name, "some rows have no label"))
}

/// The encoded picture of each row of a row group, from the bytes of its picture column. A null
/// becomes an empty picture, so that decoding reports the row.
///
/// # Errors
/// [`ParquetError::Damaged`] if the bytes are invalid.
pub(super) fn pictures(
    footer: &Footer,
    group: usize,
    bytes: Bytes,
    name: &str,
) -> Result<Vec<Bytes>, ParquetError> {
    let group = &footer.groups[group];
    let values = column::<Bytes>(group.pictures, footer.picture_level, group.rows, bytes)
        .map_err(|reason| ParquetError::damaged(name, reason))?;
    Ok(values.into_iter().map(Option::unwrap_or_default).collect())
}

/// parquet.thrift's `PageHeader` with the header of its page type inside it.
#[derive(Debug, Default, PartialEq, Eq)]
struct PageHeader {
    page_type: i64,
    uncompressed_size: i64,
    compressed_size: i64,
    values: i64,
    encoding: i64,
    level_encoding: i64,
    /// Bytes of the definition levels in a data page of version 2.
    definition_length: i64,
    /// Bytes of the repetition levels in a data page of version 2.
    repetition_length: i64,
    compressed: bool,
}

/// All values of a chunk, one a row; `None` for a null. `level` is the definition level of a value
/// that is not null.
///
/// # Errors
/// What is wrong with the chunk, as part of a sentence.
fn column<V: ColumnValue>(
    chunk: ColumnChunk,
    level: u8,
    rows: usize,
    mut bytes: Bytes,
) -> Result<Vec<Option<V>>, String> {
    let mut values = Vec::new();
    let mut dictionary: Option<Vec<V>> = None;
    while values.len() < rows {
        if bytes.is_empty() {
            return Err("a column has fewer values than rows".into());
        }
        let (header, length) =
            read_header(&bytes).map_err(|error| format!("a page's header is broken: {error}"))?;
        let _ = bytes.split_to(length);
        let compressed_size = usize::try_from(header.compressed_size)
            .ok()
            .filter(|&size| size <= bytes.len())
            .ok_or("a page ends outside its column")?;
        let body = bytes.split_to(compressed_size);
        let size = usize::try_from(header.uncompressed_size)
            .ok()
            .filter(|&size| size <= MAX_PAGE_BYTES)
            .ok_or("a page has an impossible size")?;
        match header.page_type {
            DATA_PAGE | DATA_PAGE_V2 => {
                let count = usize::try_from(header.values)
                    .ok()
                    .filter(|&count| count <= rows - values.len())
                    .ok_or("a column has more values than rows")?;
                let (levels, data) = if header.page_type == DATA_PAGE {
                    split_page_v1(chunk, &header, level, body, size)?
                } else {
                    split_page_v2(chunk, &header, body, size)?
                };
                let present = present(level, count, &levels)?;
                decode_values(&header, &present, data, dictionary.as_deref(), &mut values)?;
            }
            DICTIONARY_PAGE
                if dictionary.is_none() && matches!(header.encoding, PLAIN | PLAIN_DICTIONARY) =>
            {
                let mut data = chunk.codec.decompress(&body, size)?;
                let count = usize::try_from(header.values).unwrap_or(usize::MAX);
                let entries: Option<Vec<V>> =
                    (0..count.min(data.len())).map(|_| V::split_plain(&mut data)).collect();
                dictionary = Some(entries.ok_or("its dictionary is broken")?);
            }
            DICTIONARY_PAGE => return Err("a column has two dictionaries".into()),
            // An index page, or a type that is newer than this reader: neither holds values.
            _ => {}
        }
    }
    Ok(values)
}

/// Reads a page's header and returns it with its length in bytes.
fn read_header(bytes: &[u8]) -> Result<(PageHeader, usize), ThriftError> {
    let mut header = PageHeader {
        page_type: -1,
        level_encoding: RLE,
        compressed: true,
        ..PageHeader::default()
    };
    let mut thrift = ThriftReader::new(bytes);
    thrift.fields(|thrift, field, kind| {
        match (field, kind) {
            (1, ThriftType::Int) => header.page_type = thrift.int()?,
            (2, ThriftType::Int) => header.uncompressed_size = thrift.int()?,
            (3, ThriftType::Int) => header.compressed_size = thrift.int()?,
            // `DataPageHeader` and `DictionaryPageHeader`.
            (5 | 7, ThriftType::Struct) => thrift.fields(|thrift, inner, kind| {
                match (inner, kind) {
                    (1, ThriftType::Int) => header.values = thrift.int()?,
                    (2, ThriftType::Int) => header.encoding = thrift.int()?,
                    (3, ThriftType::Int) if field == 5 => header.level_encoding = thrift.int()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?,
            // `DataPageHeaderV2`.
            (8, ThriftType::Struct) => thrift.fields(|thrift, field, kind| {
                match (field, kind) {
                    (1, ThriftType::Int) => header.values = thrift.int()?,
                    (4, ThriftType::Int) => header.encoding = thrift.int()?,
                    (5, ThriftType::Int) => header.definition_length = thrift.int()?,
                    (6, ThriftType::Int) => header.repetition_length = thrift.int()?,
                    (7, ThriftType::False) => header.compressed = false,
                    _ => return Ok(false),
                }
                Ok(true)
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((header, thrift.position()))
}

/// The definition levels and the values of a data page of version 1, where both are compressed
/// together.
fn split_page_v1(
    chunk: ColumnChunk,
    header: &PageHeader,
    level: u8,
    body: Bytes,
    size: usize,
) -> Result<(Bytes, Bytes), String> {
    let mut data = chunk.codec.decompress(&body, size)?;
    if level == 0 {
        return Ok((Bytes::new(), data));
    }
    if header.level_encoding != RLE {
        return Err("its levels have an encoding that is no longer used".into());
    }
    // The levels are preceded by their length in four bytes, exactly as a plain byte array is.
    let levels = Bytes::split_plain(&mut data).ok_or("a page's levels are broken")?;
    Ok((levels, data))
}

/// The definition levels and the values of a data page of version 2, where levels are never
/// compressed.
fn split_page_v2(
    chunk: ColumnChunk,
    header: &PageHeader,
    mut body: Bytes,
    size: usize,
) -> Result<(Bytes, Bytes), String> {
    let checked = |length: i64| {
        usize::try_from(length)
            .ok()
            .filter(|&length| length <= size)
            .ok_or("a page's levels are broken")
    };
    let repetition_length = checked(header.repetition_length)?;
    let levels_length = repetition_length + checked(header.definition_length)?;
    if levels_length > body.len() || levels_length > size {
        return Err("a page's levels are broken".into());
    }
    let levels = body.split_to(levels_length).slice(repetition_length..);
    let data = match (header.compressed, size - levels_length) {
        (_, 0) => Bytes::new(),
        (true, length) => chunk.codec.decompress(&body, length)?,
        (false, _) => body,
    };
    Ok((levels, data))
}

/// Whether each of `count` values is present or null, from the definition levels of a page.
fn present(level: u8, count: usize, levels: &[u8]) -> Result<Vec<bool>, String> {
    if level == 0 {
        return Ok(vec![true; count]);
    }
    let width = 8 - level.leading_zeros();
    let present: Vec<bool> = RleDecoder::new(levels, width)
        .take(count)
        .map(|defined| defined == u32::from(level))
        .collect();
    if present.len() < count {
        return Err("a page's levels end too early".into());
    }
    Ok(present)
}

/// Appends the values of one page to `values`, with `None` for a null.
fn decode_values<V: ColumnValue>(
    header: &PageHeader,
    present: &[bool],
    mut data: Bytes,
    dictionary: Option<&[V]>,
    values: &mut Vec<Option<V>>,
) -> Result<(), String> {
    match header.encoding {
        PLAIN => {
            for &present in present {
                let value = if present {
                    Some(V::split_plain(&mut data).ok_or("a page's values end too early")?)
                } else {
                    None
                };
                values.push(value);
            }
        }
        PLAIN_DICTIONARY | RLE_DICTIONARY => {
            let dictionary = dictionary.ok_or("a column's dictionary is missing")?;
            let (&width, indices) = match data.split_first() {
                Some(split) => split,
                // A page of nulls only may have no data at all.
                None if present.iter().all(|present| !present) => (&0, &[][..]),
                None => return Err("a page's values end too early".into()),
            };
            if width > 32 {
                return Err("a dictionary's indices are wider than 32 bits".into());
            }
            let mut indices = RleDecoder::new(indices, u32::from(width));
            for &present in present {
                let value = if present {
                    let entry = indices.next().and_then(|index| dictionary.get(index as usize));
                    Some(entry.cloned().ok_or("a value is not in its dictionary")?)
                } else {
                    None
                };
                values.push(value);
            }
        }
        other => {
            return Err(format!(
                "it uses parquet's encoding {other}, which this page does not read; write it \
                 with plain encoding"
            ));
        }
    }
    Ok(())
}
