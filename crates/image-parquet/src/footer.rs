//! A parquet file's footer, checked before anything in it is used.
//!
//! It is the struct `FileMetaData` of
//! [`parquet.thrift`](https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift),
//! followed by its length in four bytes and the magic bytes `PAR1`.

use crate::codec::Codec;
use crate::error::ParquetError;
use crate::source::RangeSource;
use crate::thrift::{ThriftError, ThriftReader, ThriftType};

/// Bytes read at the end of the file to begin with: they usually hold the whole footer
/// (Imagenette's is about 40 kB).
const TAIL_BYTES: u64 = 128 * 1024;
/// The largest footer that is read.
const MAX_FOOTER_BYTES: u64 = 16 * 1024 * 1024;
/// The largest column of a row group that is read: a larger one would not fit beside the network
/// into a browser's memory.
const MAX_CHUNK_BYTES: u64 = 512 << 20;
/// The most rows a file may have; ImageNet has 1.3 million pictures.
const MAX_ROWS: u64 = 5_000_000;
/// The most classes a file may name, as many as ImageNet has.
const MAX_CLASSES: usize = 1_000;
/// The deepest schema that is read.
const MAX_SCHEMA_DEPTH: usize = 32;

/// What a file's footer says about the columns `image.bytes` and `label`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footer {
    /// The row groups. Their columns are known to lie inside the file.
    pub groups: Vec<RowGroup>,
    /// The definition level of a picture that is not null: how many of `image` and `image.bytes`
    /// are optional.
    pub(super) picture_level: u8,
    /// The definition level of a label that is not null.
    pub(super) label_level: u8,
    /// The class names in label order; `None` if the file was not written by Hugging Face's
    /// converter, which stores them in the footer's key-value metadata.
    pub class_names: Option<Vec<String>>,
}

/// What the footer says about one row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowGroup {
    /// The number of rows.
    pub rows: usize,
    /// Where the column `image.bytes` is stored.
    pub pictures: ColumnChunk,
    /// Where the column `label` is stored.
    pub labels: ColumnChunk,
    /// The label that all rows share according to the column's statistics; `None` if they differ
    /// or there are no statistics. Statistics may be wrong, so a reader must check the labels.
    pub common_label: Option<i64>,
}

/// Where one column of a row group is stored in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnChunk {
    /// Offset of the first byte in the file.
    pub start: u64,
    /// Length in bytes.
    pub length: u64,
    /// How its pages are compressed.
    pub codec: Codec,
}

impl Footer {
    /// Reads the footer of a file and checks it.
    ///
    /// # Errors
    /// [`ParquetError::Source`] if the source fails, [`ParquetError::NotParquet`] if the file is of
    /// another kind, and the errors of [`Footer::parse`].
    pub async fn read<S: RangeSource>(source: &mut S) -> Result<Self, ParquetError> {
        let name = source.name().to_string();
        let file_length = source.length().await?;
        if file_length < 12 {
            return Err(ParquetError::NotParquet(name));
        }
        let tail_length = TAIL_BYTES.min(file_length);
        let mut tail = source.read(file_length - tail_length, tail_length).await?;
        if tail.len() < 8 || !tail.ends_with(b"PAR1") {
            return Err(without_end_magic(source, &name).await);
        }
        let size = tail.len();
        let footer_length = u64::from(u32::from_le_bytes([
            tail[size - 8],
            tail[size - 7],
            tail[size - 6],
            tail[size - 5],
        ]));
        if footer_length + 8 > file_length || footer_length > MAX_FOOTER_BYTES {
            return Err(ParquetError::damaged(&name, "the footer is longer than the file"));
        }
        if footer_length + 8 > tail_length {
            tail = source.read(file_length - footer_length - 8, footer_length + 8).await?;
        }
        let start = tail.len().checked_sub(8 + footer_length as usize);
        let bytes = start
            .and_then(|start| tail.get(start..tail.len() - 8))
            .ok_or_else(|| ParquetError::damaged(&name, "the footer is cut off"))?;
        Self::parse(bytes, file_length, &name)
    }

    /// Parses and checks the bytes of a footer without the length and the magic bytes behind it.
    ///
    /// `file_length` is the length of the whole file in bytes, and `name` its name in messages.
    ///
    /// # Errors
    /// [`ParquetError::Damaged`] if the footer is invalid or exceeds a limit,
    /// [`ParquetError::MissingColumn`] if the columns are not those of an image data set, and
    /// [`ParquetError::UnsupportedCodec`] if one of them is compressed in an unknown way.
    pub fn parse(bytes: &[u8], file_length: u64, name: &str) -> Result<Self, ParquetError> {
        let metadata = read_file_metadata(bytes).map_err(|error| {
            ParquetError::damaged(name, format!("its footer is broken: {error}"))
        })?;
        let columns = leaf_columns(&metadata.schema)
            .ok_or_else(|| ParquetError::damaged(name, "its schema makes no sense"))?;
        let find = |path: &'static str, physical_type| {
            columns
                .iter()
                .position(|column| {
                    column.path == path && column.physical_type == physical_type && !column.repeated
                })
                .ok_or_else(|| ParquetError::MissingColumn { name: name.into(), column: path })
        };
        let (picture, label) = (find("image.bytes", BYTE_ARRAY)?, find("label", INT64)?);
        let mut total = 0_u64;
        let mut groups = Vec::with_capacity(metadata.groups.len());
        for group in metadata.groups {
            let rows = u64::try_from(group.rows).ok().filter(|&rows| rows <= MAX_ROWS);
            let rows = rows.ok_or_else(|| {
                ParquetError::damaged(name, "a row group has an impossible number of rows")
            })?;
            total += rows;
            if total > MAX_ROWS {
                return Err(ParquetError::damaged(name, "it has more than 5 million rows"));
            }
            let chunk = |index: usize| match group.columns.get(index) {
                Some(column) => column.chunk(file_length, name),
                None => Err(ParquetError::damaged(name, "a row group lacks a column")),
            };
            let common_label = group
                .columns
                .get(label)
                .and_then(|column| column.min.filter(|_| column.min == column.max));
            groups.push(RowGroup {
                rows: rows as usize,
                pictures: chunk(picture)?,
                labels: chunk(label)?,
                common_label,
            });
        }
        Ok(Self {
            groups,
            picture_level: columns[picture].level,
            label_level: columns[label].level,
            class_names: metadata.hugging_face.as_deref().and_then(class_names),
        })
    }

    /// The number of rows in the file.
    pub fn rows(&self) -> usize {
        self.groups.iter().map(|group| group.rows).sum()
    }
}

/// The error for a file that does not end with the magic bytes: one that begins with them was cut
/// off, and any other is not parquet.
async fn without_end_magic<S: RangeSource>(source: &mut S, name: &str) -> ParquetError {
    match source.read(0, 4).await {
        Ok(head) if &head[..] == b"PAR1" => {
            ParquetError::damaged(name, "the end of the file is missing")
        }
        _ => ParquetError::NotParquet(name.into()),
    }
}

/// parquet.thrift's `Type.INT64`.
const INT64: i64 = 2;
/// parquet.thrift's `Type.BYTE_ARRAY`.
const BYTE_ARRAY: i64 = 6;
/// parquet.thrift's `FieldRepetitionType.REQUIRED`.
const REQUIRED: i64 = 0;
/// parquet.thrift's `FieldRepetitionType.REPEATED`.
const REPEATED: i64 = 2;

/// The fields of parquet.thrift's `FileMetaData` that matter here.
#[derive(Default)]
struct FileMetadata {
    schema: Vec<SchemaElement>,
    groups: Vec<GroupMetadata>,
    /// The value of the key `huggingface`, which is JSON.
    hugging_face: Option<String>,
}

/// parquet.thrift's `SchemaElement`.
#[derive(Default)]
struct SchemaElement {
    name: String,
    physical_type: i64,
    repetition: i64,
    children: i64,
}

/// parquet.thrift's `RowGroup`.
struct GroupMetadata {
    rows: i64,
    columns: Vec<ColumnMetadata>,
}

/// parquet.thrift's `ColumnMetaData`.
#[derive(Default, Clone)]
struct ColumnMetadata {
    codec: i64,
    compressed_length: i64,
    data_offset: i64,
    dictionary_offset: i64,
    min: Option<i64>,
    max: Option<i64>,
}

impl ColumnMetadata {
    /// Where the column lies, once that is known to be inside the file.
    fn chunk(&self, file_length: u64, name: &str) -> Result<ColumnChunk, ParquetError> {
        let codec = Codec::from_code(self.codec).ok_or_else(|| ParquetError::UnsupportedCodec {
            name: name.into(),
            codec: self.codec,
        })?;
        let start = if self.dictionary_offset > 0 {
            self.dictionary_offset.min(self.data_offset)
        } else {
            self.data_offset
        };
        match (u64::try_from(start), u64::try_from(self.compressed_length)) {
            (Ok(_), Ok(length)) if length > MAX_CHUNK_BYTES => {
                Err(ParquetError::damaged(name, "a row group is larger than 512 MB"))
            }
            (Ok(start), Ok(length))
                if start.checked_add(length).is_some_and(|end| end <= file_length) =>
            {
                Ok(ColumnChunk { start, length, codec })
            }
            _ => Err(ParquetError::damaged(name, "a column lies outside the file")),
        }
    }
}

fn read_file_metadata(bytes: &[u8]) -> Result<FileMetadata, ThriftError> {
    let mut metadata = FileMetadata::default();
    ThriftReader::new(bytes).fields(|thrift, field, kind| {
        match (field, kind) {
            (2, ThriftType::List) => thrift.list(|thrift, kind| {
                metadata.schema.push(read_schema_element(thrift, kind)?);
                Ok(())
            })?,
            (4, ThriftType::List) => thrift.list(|thrift, kind| {
                metadata.groups.push(read_row_group(thrift, kind)?);
                Ok(())
            })?,
            (5, ThriftType::List) => thrift.list(|thrift, kind| {
                if let (true, value) = read_key_value(thrift, kind)? {
                    metadata.hugging_face = Some(value);
                }
                Ok(())
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(metadata)
}

/// Reads a `KeyValue`: whether its key is `huggingface`, and its value.
fn read_key_value(
    thrift: &mut ThriftReader,
    kind: ThriftType,
) -> Result<(bool, String), ThriftError> {
    let (mut matches, mut value) = (false, String::new());
    thrift.struct_fields(kind, |thrift, field, kind| {
        match (field, kind) {
            (1, ThriftType::Binary) => matches = thrift.binary()? == b"huggingface",
            (2, ThriftType::Binary) => value = thrift.text()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((matches, value))
}

fn read_schema_element(
    thrift: &mut ThriftReader,
    kind: ThriftType,
) -> Result<SchemaElement, ThriftError> {
    let mut element = SchemaElement { physical_type: -1, ..SchemaElement::default() };
    thrift.struct_fields(kind, |thrift, field, kind| {
        match (field, kind) {
            (1, ThriftType::Int) => element.physical_type = thrift.int()?,
            (3, ThriftType::Int) => element.repetition = thrift.int()?,
            (4, ThriftType::Binary) => element.name = thrift.text()?,
            (5, ThriftType::Int) => element.children = thrift.int()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(element)
}

fn read_row_group(
    thrift: &mut ThriftReader,
    kind: ThriftType,
) -> Result<GroupMetadata, ThriftError> {
    let mut group = GroupMetadata { rows: 0, columns: Vec::new() };
    thrift.struct_fields(kind, |thrift, field, kind| {
        match (field, kind) {
            (1, ThriftType::List) => thrift.list(|thrift, kind| {
                group.columns.push(read_column_chunk(thrift, kind)?);
                Ok(())
            })?,
            (3, ThriftType::Int) => group.rows = thrift.int()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok(group)
}

/// Reads the `ColumnMetaData` inside a `ColumnChunk`.
fn read_column_chunk(
    thrift: &mut ThriftReader,
    kind: ThriftType,
) -> Result<ColumnMetadata, ThriftError> {
    let mut column = ColumnMetadata::default();
    thrift.struct_fields(kind, |thrift, field, kind| match (field, kind) {
        (3, ThriftType::Struct) => read_column_metadata(thrift, &mut column).map(|()| true),
        _ => Ok(false),
    })?;
    Ok(column)
}

fn read_column_metadata(
    thrift: &mut ThriftReader,
    column: &mut ColumnMetadata,
) -> Result<(), ThriftError> {
    thrift.fields(|thrift, field, kind| {
        match (field, kind) {
            (4, ThriftType::Int) => column.codec = thrift.int()?,
            (7, ThriftType::Int) => column.compressed_length = thrift.int()?,
            (9, ThriftType::Int) => column.data_offset = thrift.int()?,
            (11, ThriftType::Int) => column.dictionary_offset = thrift.int()?,
            // `Statistics`: 1 and 2 are the deprecated forms of 5 and 6.
            (12, ThriftType::Struct) => thrift.fields(|thrift, field, kind| {
                match (field, kind) {
                    (1 | 5, ThriftType::Binary) => column.max = int64(thrift.binary()?),
                    (2 | 6, ThriftType::Binary) => column.min = int64(thrift.binary()?),
                    _ => return Ok(false),
                }
                Ok(true)
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })
}

/// The value of eight bytes in statistics; `None` for a column of another type.
fn int64(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_le_bytes)
}

/// A column as the schema describes it.
#[derive(Debug, PartialEq, Eq)]
struct LeafColumn {
    /// The names of its ancestors and its own, joined by dots.
    path: String,
    /// parquet.thrift's `Type`.
    physical_type: i64,
    /// The maximum definition level.
    level: u8,
    /// Whether it or one of its ancestors is repeated.
    repeated: bool,
}

/// The columns of a schema, which are the leaves of a tree in depth-first order; `None` if it is
/// not a tree or is nested too deeply.
fn leaf_columns(schema: &[SchemaElement]) -> Option<Vec<LeafColumn>> {
    /// An inner node of the tree some of whose children are still to come.
    struct OpenNode {
        children_left: usize,
        path: String,
        level: u8,
        repeated: bool,
    }

    let (root, mut rest) = schema.split_first()?;
    let children_left = usize::try_from(root.children).ok()?;
    let mut open = vec![OpenNode { children_left, path: String::new(), level: 0, repeated: false }];
    let mut columns = Vec::new();
    while let Some(parent) = open.last_mut() {
        if parent.children_left == 0 {
            open.pop();
            continue;
        }
        parent.children_left -= 1;
        let (element, after) = rest.split_first()?;
        rest = after;
        let path = if parent.path.is_empty() {
            element.name.clone()
        } else {
            format!("{}.{}", parent.path, element.name)
        };
        let level = parent.level.checked_add(u8::from(element.repetition != REQUIRED))?;
        let repeated = parent.repeated || element.repetition == REPEATED;
        if element.children > 0 {
            let children_left = usize::try_from(element.children).ok()?;
            open.push(OpenNode { children_left, path, level, repeated });
            if open.len() > MAX_SCHEMA_DEPTH {
                return None;
            }
        } else {
            columns.push(LeafColumn {
                path,
                physical_type: element.physical_type,
                level,
                repeated,
            });
        }
    }
    Some(columns)
}

/// The class names in Hugging Face's metadata, which is JSON of the form
/// `{"info": {"features": {"label": {"names": […], "_type": "ClassLabel"}}}}`.
fn class_names(metadata: &str) -> Option<Vec<String>> {
    let metadata: serde_json::Value = serde_json::from_str(metadata).ok()?;
    let names = metadata.pointer("/info/features/label/names")?.as_array()?;
    if !(2..=MAX_CLASSES).contains(&names.len()) {
        return None;
    }
    names.iter().map(|name| name.as_str().map(|name| name.chars().take(80).collect())).collect()
}
