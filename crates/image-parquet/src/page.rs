//! Decodes the values of one column of one row group from the bytes of its chunk.
//!
//! A chunk is a sequence of pages, each with a header, and the first page may be a dictionary. See
//! <https://parquet.apache.org/docs/file-format/data-pages/>.

use std::ops::Range;

use bytes::Bytes;

use crate::error::PageError;
use crate::footer::ColumnChunk;
use crate::rle::RleDecoder;
use crate::thrift::{ThriftError, ThriftReader, ThriftType};
use crate::values::{ColumnValue, PLAIN, PLAIN_DICTIONARY, RLE, decode_values};

/// The largest page that is read, in decompressed bytes.
const MAX_PAGE_BYTES: usize = 256 << 20;
/// The most decompressed bytes of all pages of a chunk.
const MAX_GROUP_BYTES: usize = 1 << 30;

/// Values of parquet.thrift's `PageType`.
const DATA_PAGE: i64 = 0;
const DICTIONARY_PAGE: i64 = 2;
const DATA_PAGE_V2: i64 = 3;

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

/// The values of a chunk, one a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Column<V> {
    /// `None` for a null, and for a row that is lost.
    pub values: Vec<Option<V>>,
    /// The rows whose page cannot be read, in ascending order, and why.
    pub lost: Vec<(Range<usize>, PageError)>,
}

/// Reads all values of a chunk. `level` is the definition level of a value that is not null.
///
/// A page that cannot be read loses its own rows only, as long as all pages together have exactly
/// as many values as there are rows: otherwise nothing says which rows the others belong to.
///
/// # Errors
/// Why nothing of the chunk can be read.
pub(super) fn read_column<V: ColumnValue>(
    chunk: ColumnChunk,
    level: u8,
    rows: usize,
    mut bytes: Bytes,
) -> Result<Column<V>, PageError> {
    let mut column = Column { values: Vec::new(), lost: Vec::new() };
    let mut dictionary: Option<Result<Vec<V>, PageError>> = None;
    let mut room = MAX_GROUP_BYTES;
    while column.values.len() < rows || (!column.lost.is_empty() && !bytes.is_empty()) {
        let Some((header, body, size)) = next_page(&mut bytes)? else {
            return Err("a column has fewer values than rows".into());
        };
        room = room.checked_sub(size).ok_or("a row group unpacks to more than 1 GB")?;
        match header.page_type {
            DATA_PAGE | DATA_PAGE_V2 => {
                let start = column.values.len();
                let count = usize::try_from(header.values)
                    .ok()
                    .filter(|&count| count <= rows - start)
                    .ok_or("a column has more values than rows")?;
                let dictionary = match &dictionary {
                    Some(Ok(dictionary)) => Ok(Some(&dictionary[..])),
                    Some(Err(error)) => Err(error),
                    None => Ok(None),
                };
                match read_page(chunk, &header, level, count, body, size, dictionary) {
                    Ok(values) => column.values.extend(values),
                    Err(error) => {
                        column.lost.push((start..start + count, error));
                        column.values.resize_with(start + count, || None);
                    }
                }
            }
            DICTIONARY_PAGE if dictionary.is_some() => {
                return Err("a column has two dictionaries".into());
            }
            DICTIONARY_PAGE => dictionary = Some(read_dictionary(chunk, &header, &body, size)),
            // An index page, or a type that is newer than this reader: neither holds values.
            _ => {}
        }
    }
    Ok(column)
}

/// Where the pages of a chunk lie in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PageSpans {
    /// The bytes of the dictionary's page with its header.
    pub dictionary: Option<Range<usize>>,
    /// The rows of each page of values, and its bytes with its header.
    pub pages: Vec<(Range<usize>, Range<usize>)>,
}

/// Finds the pages of a chunk with so many rows, without unpacking them.
///
/// # Errors
/// A page's header is broken.
pub(super) fn page_spans(mut bytes: Bytes, rows: usize) -> Result<PageSpans, PageError> {
    let whole = bytes.len();
    let mut spans = PageSpans::default();
    let mut row = 0;
    while row < rows {
        let start = whole - bytes.len();
        let Some((header, _, _)) = next_page(&mut bytes)? else { break };
        let span = start..whole - bytes.len();
        match header.page_type {
            DATA_PAGE | DATA_PAGE_V2 => {
                let count = usize::try_from(header.values).unwrap_or_default().min(rows - row);
                spans.pages.push((row..row + count, span));
                row += count;
            }
            DICTIONARY_PAGE => spans.dictionary = Some(span),
            _ => {}
        }
    }
    Ok(spans)
}

/// Splits the next page off the front: its header, its bytes as they are stored, and their length
/// when decompressed. `None` at the end.
fn next_page(bytes: &mut Bytes) -> Result<Option<(PageHeader, Bytes, usize)>, PageError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let (header, length) =
        read_header(bytes).map_err(|error| format!("a page's header is broken: {error}"))?;
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
    Ok(Some((header, body, size)))
}

/// The entries of a dictionary.
fn read_dictionary<V: ColumnValue>(
    chunk: ColumnChunk,
    header: &PageHeader,
    body: &Bytes,
    size: usize,
) -> Result<Vec<V>, PageError> {
    if !matches!(header.encoding, PLAIN | PLAIN_DICTIONARY) {
        return Err("its dictionary is broken".into());
    }
    let mut data = chunk.codec.decompress(body, size)?;
    let count = usize::try_from(header.values).unwrap_or(usize::MAX);
    let entries: Option<Vec<V>> =
        (0..count.min(data.len())).map(|_| V::split_plain(&mut data)).collect();
    Ok(entries.ok_or("its dictionary is broken")?)
}

/// The `count` values of one data page.
fn read_page<V: ColumnValue>(
    chunk: ColumnChunk,
    header: &PageHeader,
    level: u8,
    count: usize,
    body: Bytes,
    size: usize,
    dictionary: Result<Option<&[V]>, &PageError>,
) -> Result<Vec<Option<V>>, PageError> {
    let (levels, data) = if header.page_type == DATA_PAGE {
        split_page_v1(chunk, header, level, body, size)?
    } else {
        split_page_v2(chunk, header, body, size)?
    };
    let present = present(level, count, &levels)?;
    let dictionary = dictionary.map_err(Clone::clone)?;
    decode_values(header.encoding, &present, data, dictionary)
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
) -> Result<(Bytes, Bytes), PageError> {
    let mut data = chunk.codec.decompress(&body, size)?;
    if level == 0 {
        return Ok((Bytes::new(), data));
    }
    if header.level_encoding != RLE {
        return Err(PageError::Encoding("an old encoding of nulls (BIT_PACKED)".into()));
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
) -> Result<(Bytes, Bytes), PageError> {
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
fn present(level: u8, count: usize, levels: &[u8]) -> Result<Vec<bool>, PageError> {
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
