//! The fields of parquet.thrift's `FileMetaData` that matter here, as they stand in the file.
//!
//! Nothing in them is checked yet: [`crate::footer`] does that.

use crate::thrift::{ThriftError, ThriftReader, ThriftType};

/// parquet.thrift's `FileMetaData`.
#[derive(Default)]
pub(super) struct FileMetadata {
    pub schema: Vec<SchemaElement>,
    pub groups: Vec<GroupMetadata>,
    /// The value of the key `huggingface`, which is JSON.
    pub hugging_face: Option<String>,
}

/// parquet.thrift's `SchemaElement`.
#[derive(Default)]
pub(super) struct SchemaElement {
    pub name: String,
    pub physical_type: i64,
    pub repetition: i64,
    pub children: i64,
}

/// parquet.thrift's `RowGroup`.
pub(super) struct GroupMetadata {
    pub rows: i64,
    pub columns: Vec<ColumnMetadata>,
}

/// parquet.thrift's `ColumnMetaData`.
#[derive(Default, Clone)]
pub(super) struct ColumnMetadata {
    pub codec: i64,
    pub compressed_length: i64,
    pub data_offset: i64,
    pub dictionary_offset: i64,
    /// The smallest and the largest value that is not null, if the column holds whole numbers.
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// The number of nulls; `None` if it is not told.
    pub nulls: Option<i64>,
}

/// Reads a whole footer.
pub(super) fn read_file_metadata(bytes: &[u8]) -> Result<FileMetadata, ThriftError> {
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
                    (1 | 5, ThriftType::Binary) => column.max = whole_number(thrift.binary()?),
                    (2 | 6, ThriftType::Binary) => column.min = whole_number(thrift.binary()?),
                    (3, ThriftType::Int) => column.nulls = Some(thrift.int()?),
                    _ => return Ok(false),
                }
                Ok(true)
            })?,
            _ => return Ok(false),
        }
        Ok(true)
    })
}

/// The value of four or eight bytes in statistics; `None` for anything else. A text of so many
/// bytes looks alike, so it is for the caller to know that the column holds numbers.
fn whole_number(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        4 => bytes.try_into().ok().map(|bytes| i64::from(i32::from_le_bytes(bytes))),
        8 => bytes.try_into().ok().map(i64::from_le_bytes),
        _ => None,
    }
}
