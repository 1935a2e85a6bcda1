//! The values of one column of one row group, from the bytes of its chunk.
//!
//! A reader of our own and not the `parquet` crate's: that one panics on some damaged pages (a
//! dictionary that is missing, a level encoding that does not exist), and a panic ends a browser's
//! worker with the run in it.

use bytes::Bytes;

use crate::ParquetError;
use crate::footer::{Chunk, Footer, damaged};
use crate::hybrid::Hybrid;
use crate::thrift::{Kind, Thrift, ThriftError};

/// A larger page is no picture's.
const LARGEST_PAGE: usize = 256 << 20;

/// parquet.thrift's `Encoding`, those that a writer of image data sets uses.
const PLAIN: i64 = 0;
const PLAIN_DICTIONARY: i64 = 2;
const RLE: i64 = 3;
const RLE_DICTIONARY: i64 = 8;

/// A value of a column.
trait Value: Clone {
    /// The next one in PLAIN encoding, and what follows it.
    fn plain(bytes: &mut Bytes) -> Option<Self>;
}

impl Value for i64 {
    fn plain(bytes: &mut Bytes) -> Option<Self> {
        if bytes.len() < 8 {
            return None;
        }
        let number: [u8; 8] = bytes.split_to(8)[..].try_into().ok()?;
        Some(Self::from_le_bytes(number))
    }
}

impl Value for Bytes {
    fn plain(bytes: &mut Bytes) -> Option<Self> {
        if bytes.len() < 4 {
            return None;
        }
        let length = u32::from_le_bytes(bytes.split_to(4)[..].try_into().ok()?) as usize;
        (length <= bytes.len()).then(|| bytes.split_to(length))
    }
}

/// The labels of a row group; a null is an error, since a picture without a class is none of ours.
pub(super) fn labels(
    footer: &Footer,
    group: usize,
    bytes: Bytes,
    name: &str,
) -> Result<Vec<i64>, ParquetError> {
    let about = &footer.groups[group];
    let values = column::<i64>(about.labels, footer.label_level, about.rows, bytes)
        .map_err(|reason| damaged(name, reason))?;
    values
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| damaged(name, "some rows have no label"))
}

/// The encoded pictures of a row group; a null becomes an empty picture, which decoding refuses by
/// name.
pub(super) fn pictures(
    footer: &Footer,
    group: usize,
    bytes: Bytes,
    name: &str,
) -> Result<Vec<Bytes>, ParquetError> {
    let about = &footer.groups[group];
    let values = column::<Bytes>(about.pictures, footer.picture_level, about.rows, bytes)
        .map_err(|reason| damaged(name, reason))?;
    Ok(values.into_iter().map(Option::unwrap_or_default).collect())
}

/// parquet.thrift's `PageHeader`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Header {
    kind: i64,
    unpacked: i64,
    packed: i64,
    values: i64,
    encoding: i64,
    level_encoding: i64,
    /// Bytes of the levels, in a page of the second version.
    definition: i64,
    repetition: i64,
    compressed: bool,
}

/// All values of a chunk, one a row.
fn column<V: Value>(
    chunk: Chunk,
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
            header(&bytes).map_err(|error| format!("a page's header is broken: {error}"))?;
        let _ = bytes.split_to(length);
        let packed = usize::try_from(header.packed).ok().filter(|&packed| packed <= bytes.len());
        let packed = bytes.split_to(packed.ok_or("a page ends outside its column")?);
        let unpacked =
            usize::try_from(header.unpacked).ok().filter(|&unpacked| unpacked <= LARGEST_PAGE);
        let unpacked = unpacked.ok_or("a page has an impossible size")?;
        match header.kind {
            // Data, of the first or the second version.
            0 | 3 => {
                let count = usize::try_from(header.values)
                    .ok()
                    .filter(|&count| count <= rows - values.len());
                let count = count.ok_or("a column has more values than rows")?;
                let (levels, data) = if header.kind == 0 {
                    first_version(chunk, &header, level, packed, unpacked)?
                } else {
                    second_version(chunk, &header, packed, unpacked)?
                };
                page(&header, level, count, levels, data, dictionary.as_deref(), &mut values)?;
            }
            2 if dictionary.is_none() && matches!(header.encoding, PLAIN | PLAIN_DICTIONARY) => {
                let mut data = chunk.codec.unpack(&packed, unpacked)?;
                let count = usize::try_from(header.values).unwrap_or(usize::MAX);
                let entries: Option<Vec<V>> =
                    (0..count.min(data.len())).map(|_| V::plain(&mut data)).collect();
                dictionary = Some(entries.ok_or("its dictionary is broken")?);
            }
            2 => return Err("a column has two dictionaries".into()),
            // An index, or something of the future.
            _ => {}
        }
    }
    Ok(values)
}

fn header(bytes: &[u8]) -> Result<(Header, usize), ThriftError> {
    let mut header =
        Header { kind: -1, level_encoding: RLE, compressed: true, ..Header::default() };
    let mut thrift = Thrift::new(bytes);
    thrift.fields(|thrift, field, kind| {
        match (field, kind) {
            (1, Kind::Int) => header.kind = thrift.int()?,
            (2, Kind::Int) => header.unpacked = thrift.int()?,
            (3, Kind::Int) => header.packed = thrift.int()?,
            (5 | 7, Kind::Struct) => thrift.fields(|thrift, inner, kind| {
                match (inner, kind) {
                    (1, Kind::Int) => header.values = thrift.int()?,
                    (2, Kind::Int) => header.encoding = thrift.int()?,
                    (3, Kind::Int) if field == 5 => header.level_encoding = thrift.int()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?,
            (8, Kind::Struct) => thrift.fields(|thrift, field, kind| {
                match (field, kind) {
                    (1, Kind::Int) => header.values = thrift.int()?,
                    (4, Kind::Int) => header.encoding = thrift.int()?,
                    (5, Kind::Int) => header.definition = thrift.int()?,
                    (6, Kind::Int) => header.repetition = thrift.int()?,
                    (7, Kind::False) => header.compressed = false,
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

/// Levels and values of a page of the first version, where both are compressed together.
fn first_version(
    chunk: Chunk,
    header: &Header,
    level: u8,
    packed: Bytes,
    unpacked: usize,
) -> Result<(Bytes, Bytes), String> {
    let mut data = chunk.codec.unpack(&packed, unpacked)?;
    if level == 0 {
        return Ok((Bytes::new(), data));
    }
    if header.level_encoding != RLE {
        return Err("its levels have an encoding that is no longer used".into());
    }
    let levels = <Bytes as Value>::plain(&mut data).ok_or("a page's levels are broken")?;
    Ok((levels, data))
}

/// Levels and values of a page of the second version, where levels are never compressed.
fn second_version(
    chunk: Chunk,
    header: &Header,
    mut packed: Bytes,
    unpacked: usize,
) -> Result<(Bytes, Bytes), String> {
    let size = |length: i64| {
        usize::try_from(length)
            .ok()
            .filter(|&length| length <= unpacked)
            .ok_or("a page's levels are broken")
    };
    let (repetition, definition) = (size(header.repetition)?, size(header.definition)?);
    let before = repetition + definition;
    if before > packed.len() || before > unpacked {
        return Err("a page's levels are broken".into());
    }
    let levels = packed.split_to(before).slice(repetition..);
    let data = match (header.compressed, unpacked - before) {
        (_, 0) => Bytes::new(),
        (true, rest) => chunk.codec.unpack(&packed, rest)?,
        (false, _) => packed,
    };
    Ok((levels, data))
}

/// The values of one page, with nothing where there is a null.
fn page<V: Value>(
    header: &Header,
    level: u8,
    count: usize,
    levels: Bytes,
    mut data: Bytes,
    dictionary: Option<&[V]>,
    values: &mut Vec<Option<V>>,
) -> Result<(), String> {
    let there: Vec<bool> = if level == 0 {
        vec![true; count]
    } else {
        let width = 8 - level.leading_zeros();
        let read = Hybrid::new(&levels, width)
            .take(count)
            .map(|read| read == u32::from(level))
            .collect::<Vec<_>>();
        if read.len() < count {
            return Err("a page's levels end too early".into());
        }
        read
    };
    match header.encoding {
        PLAIN => {
            for there in there {
                let value = if there {
                    Some(V::plain(&mut data).ok_or("a page's values end too early")?)
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
                None if there.iter().all(|there| !there) => (&0, &[][..]),
                None => return Err("a page's values end too early".into()),
            };
            if width > 32 {
                return Err("a dictionary's indices are wider than 32 bits".into());
            }
            let mut indices = Hybrid::new(indices, u32::from(width));
            for there in there {
                let value = there.then(|| {
                    indices.next().and_then(|index| dictionary.get(index as usize)).cloned()
                });
                match value {
                    Some(None) => return Err("a value is not in its dictionary".into()),
                    Some(value) => values.push(value),
                    None => values.push(None),
                }
            }
        }
        other => {
            return Err(format!(
                "it uses parquet's encoding {other}, which this page does not read; write it with plain encoding"
            ));
        }
    }
    Ok(())
}
