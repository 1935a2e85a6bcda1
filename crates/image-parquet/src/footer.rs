//! The footer of a parquet file, checked before anything is believed.

use crate::source::RangeSource;
use crate::thrift::{Kind, Thrift, ThriftError};
use crate::{Codec, ParquetError};

/// One read at the end of the file usually holds the whole footer (Imagenette's is about 40 kB).
const TAIL: u64 = 128 * 1024;
/// A larger footer is no image data set's.
const LARGEST_FOOTER: u64 = 16 * 1024 * 1024;
/// A larger column of a row group would not fit beside the network in a browser.
const LARGEST_CHUNK: u64 = 512 << 20;
/// ImageNet has 1.3 million.
const MOST_ROWS: u64 = 5_000_000;
/// More classes than any head of ours.
const MOST_CLASSES: usize = 1_000;

/// What the footer says of the two columns that matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footer {
    /// Row groups, all inside the file.
    pub groups: Vec<RowGroup>,
    /// Definition levels of a picture that is there: `image` and `bytes` may each be optional.
    pub(super) picture_level: u8,
    /// Definition levels of a label that is there.
    pub(super) label_level: u8,
    /// Class names in label order, where the Hugging Face converter left them.
    pub class_names: Option<Vec<String>>,
}

/// One row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowGroup {
    /// Rows.
    pub rows: usize,
    /// `image.bytes`.
    pub pictures: Chunk,
    /// `label`.
    pub labels: Chunk,
    /// The one label of the group, where the statistics claim so. A claim: reading the group
    /// checks it.
    pub claims: Option<i64>,
}

/// One column of a row group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Where it begins in the file.
    pub start: u64,
    /// Its length in bytes.
    pub length: u64,
    /// How it is compressed.
    pub codec: Codec,
}

/// A column as the schema describes it.
#[derive(Debug, PartialEq, Eq)]
struct Leaf {
    path: String,
    /// parquet.thrift's `Type`; 2 is INT64, 6 is BYTE_ARRAY.
    physical: i64,
    level: u8,
    repeated: bool,
}

const INT64: i64 = 2;
const BYTE_ARRAY: i64 = 6;

#[derive(Default)]
struct Element {
    name: String,
    physical: i64,
    repetition: i64,
    children: i64,
}

#[derive(Default, Clone)]
struct Column {
    codec: i64,
    length: i64,
    data: i64,
    dictionary: i64,
    low: Option<i64>,
    high: Option<i64>,
}

#[derive(Default)]
struct Raw {
    schema: Vec<Element>,
    /// Rows and columns of each group.
    groups: Vec<(i64, Vec<Column>)>,
    /// The value of the key `huggingface`.
    about: Option<String>,
}

impl Footer {
    /// Reads and checks the footer.
    ///
    /// # Errors
    /// [`ParquetError`]
    pub async fn read<S: RangeSource>(source: &mut S) -> Result<Self, ParquetError> {
        let name = source.name().to_string();
        let length = source.length().await?;
        if length < 12 {
            return Err(ParquetError::NotParquet(name));
        }
        let tail_length = TAIL.min(length);
        let mut tail = source.read(length - tail_length, tail_length).await?;
        if tail.len() < 8 || !tail.ends_with(b"PAR1") {
            return Err(not_parquet(source, &name).await);
        }
        let size = tail.len();
        let footer_length = u64::from(u32::from_le_bytes([
            tail[size - 8],
            tail[size - 7],
            tail[size - 6],
            tail[size - 5],
        ]));
        if footer_length + 8 > length || footer_length > LARGEST_FOOTER {
            return Err(damaged(&name, "the footer is longer than the file"));
        }
        if footer_length + 8 > tail_length {
            tail = source.read(length - footer_length - 8, footer_length + 8).await?;
        }
        let start = tail.len().checked_sub(8 + footer_length as usize);
        let bytes = start
            .and_then(|start| tail.get(start..tail.len() - 8))
            .ok_or_else(|| damaged(&name, "the footer is cut off"))?;
        Self::parse(bytes, length, &name)
    }

    /// The footer's own bytes, of a file of `length` bytes.
    ///
    /// # Errors
    /// [`ParquetError`]
    pub fn parse(bytes: &[u8], length: u64, name: &str) -> Result<Self, ParquetError> {
        let raw =
            read(bytes).map_err(|error| damaged(name, format!("its footer is broken: {error}")))?;
        let leaves =
            leaves(&raw.schema).ok_or_else(|| damaged(name, "its schema makes no sense"))?;
        let find = |path: &'static str, physical| {
            let at = leaves
                .iter()
                .position(|leaf| leaf.path == path && leaf.physical == physical && !leaf.repeated);
            at.ok_or_else(|| ParquetError::Column { name: name.into(), column: path })
        };
        let (picture, label) = (find("image.bytes", BYTE_ARRAY)?, find("label", INT64)?);
        let mut total = 0_u64;
        let mut groups = Vec::with_capacity(raw.groups.len());
        for (rows, columns) in raw.groups {
            let rows = u64::try_from(rows).ok().filter(|&rows| rows <= MOST_ROWS);
            let rows =
                rows.ok_or_else(|| damaged(name, "a row group has an impossible number of rows"))?;
            total += rows;
            if total > MOST_ROWS {
                return Err(damaged(name, "it has more than 5 million rows"));
            }
            let chunk = |index: usize| match columns.get(index) {
                Some(column) => column.chunk(length, name),
                None => Err(damaged(name, "a row group lacks a column")),
            };
            let claims = columns
                .get(label)
                .and_then(|column| column.low.filter(|_| column.low == column.high));
            groups.push(RowGroup {
                rows: rows as usize,
                pictures: chunk(picture)?,
                labels: chunk(label)?,
                claims,
            });
        }
        let class_names = raw.about.as_deref().and_then(class_names);
        Ok(Self {
            groups,
            picture_level: leaves[picture].level,
            label_level: leaves[label].level,
            class_names,
        })
    }

    /// Rows in the file.
    pub fn rows(&self) -> usize {
        self.groups.iter().map(|group| group.rows).sum()
    }
}

impl Column {
    fn chunk(&self, file: u64, name: &str) -> Result<Chunk, ParquetError> {
        let codec = Codec::from_code(self.codec)
            .ok_or_else(|| ParquetError::Codec { name: name.into(), codec: self.codec })?;
        let start = if self.dictionary > 0 { self.dictionary.min(self.data) } else { self.data };
        match (u64::try_from(start), u64::try_from(self.length)) {
            (Ok(_), Ok(length)) if length > LARGEST_CHUNK => {
                Err(damaged(name, "a row group is larger than 512 MB"))
            }
            (Ok(start), Ok(length)) if start.checked_add(length).is_some_and(|end| end <= file) => {
                Ok(Chunk { start, length, codec })
            }
            _ => Err(damaged(name, "a column lies outside the file")),
        }
    }
}

/// parquet.thrift's `FileMetaData`.
fn read(bytes: &[u8]) -> Result<Raw, ThriftError> {
    let mut raw = Raw::default();
    Thrift::new(bytes).fields(|thrift, field, kind| {
        match (field, kind) {
            (2, Kind::List) => thrift.list(|thrift, kind| {
                raw.schema.push(element(thrift, kind)?);
                Ok(())
            })?,
            (4, Kind::List) => thrift.list(|thrift, kind| {
                raw.groups.push(group(thrift, kind)?);
                Ok(())
            })?,
            (5, Kind::List) => thrift.list(|thrift, kind| {
                let (mut ours, mut value) = (false, String::new());
                structure(thrift, kind, |thrift, field, kind| {
                    match (field, kind) {
                        (1, Kind::Binary) => ours = thrift.binary()? == b"huggingface",
                        (2, Kind::Binary) => value = thrift.text()?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
                if ours {
                    raw.about = Some(value);
                }
                Ok(())
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(raw)
}

/// The fields of an item that must be a struct.
fn structure(
    thrift: &mut Thrift,
    kind: Kind,
    field: impl FnMut(&mut Thrift, i64, Kind) -> Result<bool, ThriftError>,
) -> Result<(), ThriftError> {
    if kind == Kind::Struct { fields(thrift, field) } else { Err(ThriftError::Nonsense) }
}

fn fields(
    thrift: &mut Thrift,
    mut field: impl FnMut(&mut Thrift, i64, Kind) -> Result<bool, ThriftError>,
) -> Result<(), ThriftError> {
    thrift.fields(|thrift, number, kind| field(thrift, number, kind))
}

/// `SchemaElement`
fn element(thrift: &mut Thrift, kind: Kind) -> Result<Element, ThriftError> {
    let mut element = Element { physical: -1, ..Element::default() };
    structure(thrift, kind, |thrift, field, kind| {
        match (field, kind) {
            (1, Kind::Int) => element.physical = thrift.int()?,
            (3, Kind::Int) => element.repetition = thrift.int()?,
            (4, Kind::Binary) => element.name = thrift.text()?,
            (5, Kind::Int) => element.children = thrift.int()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(element)
}

/// `RowGroup`
fn group(thrift: &mut Thrift, kind: Kind) -> Result<(i64, Vec<Column>), ThriftError> {
    let (mut rows, mut columns) = (0, Vec::new());
    structure(thrift, kind, |thrift, field, kind| {
        match (field, kind) {
            (1, Kind::List) => thrift.list(|thrift, kind| {
                let mut column = Column::default();
                structure(thrift, kind, |thrift, field, kind| match (field, kind) {
                    (3, Kind::Struct) => self::column(thrift, &mut column).map(|()| true),
                    _ => Ok(false),
                })?;
                columns.push(column);
                Ok(())
            })?,
            (3, Kind::Int) => rows = thrift.int()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((rows, columns))
}

/// `ColumnMetaData`
fn column(thrift: &mut Thrift, column: &mut Column) -> Result<(), ThriftError> {
    fields(thrift, |thrift, field, kind| {
        match (field, kind) {
            (4, Kind::Int) => column.codec = thrift.int()?,
            (7, Kind::Int) => column.length = thrift.int()?,
            (9, Kind::Int) => column.data = thrift.int()?,
            (11, Kind::Int) => column.dictionary = thrift.int()?,
            (12, Kind::Struct) => fields(thrift, |thrift, field, kind| {
                // 1 and 2 are the old names of 5 and 6.
                match (field, kind) {
                    (1 | 5, Kind::Binary) => column.high = whole_number(thrift.binary()?),
                    (2 | 6, Kind::Binary) => column.low = whole_number(thrift.binary()?),
                    _ => return Ok(false),
                }
                Ok(true)
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })
}

fn whole_number(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_le_bytes)
}

/// The schema is a tree in depth-first order; its leaves are the columns.
fn leaves(schema: &[Element]) -> Option<Vec<Leaf>> {
    let (root, mut rest) = schema.split_first()?;
    // What is still to come of each open branch: children, path, level, repeated.
    let mut open = vec![(usize::try_from(root.children).ok()?, String::new(), 0_u8, false)];
    let mut leaves = Vec::new();
    while let Some((children, path, level, repeated)) = open.last_mut() {
        if *children == 0 {
            open.pop();
            continue;
        }
        *children -= 1;
        let (element, after) = rest.split_first()?;
        rest = after;
        let path =
            if path.is_empty() { element.name.clone() } else { format!("{path}.{}", element.name) };
        // 0 is required, 1 optional, 2 repeated.
        let level = level.checked_add(u8::from(element.repetition != 0))?;
        let repeated = *repeated || element.repetition == 2;
        if element.children > 0 {
            open.push((usize::try_from(element.children).ok()?, path, level, repeated));
            if open.len() > 32 {
                return None;
            }
        } else {
            leaves.push(Leaf { path, physical: element.physical, level, repeated });
        }
    }
    Some(leaves)
}

/// `{"info": {"features": {"label": {"names": […], "_type": "ClassLabel"}}}}`
fn class_names(about: &str) -> Option<Vec<String>> {
    let about: serde_json::Value = serde_json::from_str(about).ok()?;
    let names = about.pointer("/info/features/label/names")?.as_array()?;
    if !(2..=MOST_CLASSES).contains(&names.len()) {
        return None;
    }
    names.iter().map(|name| name.as_str().map(|name| name.chars().take(80).collect())).collect()
}

/// A file that begins as parquet but does not end so was cut off.
async fn not_parquet<S: RangeSource>(source: &mut S, name: &str) -> ParquetError {
    match source.read(0, 4).await {
        Ok(head) if &head[..] == b"PAR1" => damaged(name, "the end of the file is missing"),
        _ => ParquetError::NotParquet(name.into()),
    }
}

pub(super) fn damaged(name: &str, reason: impl ToString) -> ParquetError {
    ParquetError::Damaged {
        name: name.into(),
        reason: reason.to_string().chars().take(160).collect(),
    }
}
