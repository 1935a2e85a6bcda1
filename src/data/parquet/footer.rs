//! The footer of a parquet file, checked before anything is believed.

use parquet::basic::Type;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::statistics::Statistics;

use super::ParquetError;
use crate::data::source::RangeSource;

/// One read at the end of the file usually holds the whole footer (Imagenette's is about 40 kB).
const TAIL: u64 = 128 * 1024;
/// A larger footer is no image data set's.
const LARGEST_FOOTER: u64 = 64 * 1024 * 1024;
/// A larger row group would not fit beside the network in a browser.
const LARGEST_GROUP: i64 = 1 << 30;

/// What the footer says.
pub struct Footer {
    /// The crate's own reading.
    pub metadata: ParquetMetaData,
    /// Leaf index of `image.bytes`.
    pub bytes_column: usize,
    /// Leaf index of `label`.
    pub label_column: usize,
    /// Row groups, all inside the file.
    pub groups: Vec<RowGroup>,
}

/// One row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowGroup {
    /// Rows.
    pub rows: usize,
    /// Where `image.bytes` lies: start and length.
    pub bytes: (u64, u64),
    /// Where `label` lies: start and length.
    pub label: (u64, u64),
    /// The one label of the group, where the statistics claim so. A claim: reading the group checks it.
    pub claims: Option<i64>,
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
        let footer_length = u64::from(u32::from_le_bytes([tail[size - 8], tail[size - 7], tail[size - 6], tail[size - 5]]));
        if footer_length + 8 > length || footer_length > LARGEST_FOOTER {
            return Err(damaged(&name, "the footer is longer than the file"));
        }
        if footer_length + 8 > tail_length {
            tail = source.read(length - footer_length - 8, footer_length + 8).await?;
        }
        let start = tail.len() - 8 - footer_length as usize;
        let metadata = ParquetMetaDataReader::decode_metadata(&tail[start..tail.len() - 8]).map_err(|error| damaged(&name, error))?;
        Self::check(metadata, length, &name)
    }

    fn check(metadata: ParquetMetaData, length: u64, name: &str) -> Result<Self, ParquetError> {
        let schema = metadata.file_metadata().schema_descr();
        let find = |path: &str, wanted: Type| {
            (0..schema.num_columns()).find(|&i| {
                let column = schema.column(i);
                column.path().string() == path && column.physical_type() == wanted && column.max_rep_level() == 0
            })
        };
        let missing = |column| ParquetError::Column { name: name.into(), column };
        let bytes_column = find("image.bytes", Type::BYTE_ARRAY).ok_or_else(|| missing("image.bytes"))?;
        let label_column = find("label", Type::INT64).ok_or_else(|| missing("label"))?;
        let mut groups = Vec::new();
        for group in metadata.row_groups() {
            let rows = usize::try_from(group.num_rows()).ok().filter(|&rows| rows <= 10_000_000);
            let rows = rows.ok_or_else(|| damaged(name, "a row group has an impossible number of rows"))?;
            if group.total_byte_size() > LARGEST_GROUP {
                return Err(damaged(name, "a row group is larger than 1 GB"));
            }
            let column = |index: usize| range(group.column(index), length).ok_or_else(|| damaged(name, "a column lies outside the file"));
            groups.push(RowGroup {
                rows,
                bytes: column(bytes_column)?,
                label: column(label_column)?,
                claims: only_label(group.column(label_column)),
            });
        }
        Ok(Self { metadata, bytes_column, label_column, groups })
    }

    /// Rows in the file.
    pub fn rows(&self) -> usize {
        self.groups.iter().map(|group| group.rows).sum()
    }
}

/// Where a column chunk lies, if it lies inside the file.
fn range(column: &ColumnChunkMetaData, length: u64) -> Option<(u64, u64)> {
    let start = column.dictionary_page_offset().filter(|&offset| offset > 0).unwrap_or(column.data_page_offset());
    let start = u64::try_from(start).ok()?;
    let size = u64::try_from(column.compressed_size()).ok()?;
    (start.checked_add(size)? <= length).then_some((start, size))
}

fn only_label(column: &ColumnChunkMetaData) -> Option<i64> {
    match column.statistics()? {
        Statistics::Int64(values) => match (values.min_opt(), values.max_opt()) {
            (Some(low), Some(high)) if low == high => Some(*low),
            _ => None,
        },
        _ => None,
    }
}

/// A file that begins as parquet but does not end so was cut off.
async fn not_parquet<S: RangeSource>(source: &mut S, name: &str) -> ParquetError {
    match source.read(0, 4).await {
        Ok(head) if &head[..] == b"PAR1" => damaged(name, "the end of the file is missing"),
        _ => ParquetError::NotParquet(name.into()),
    }
}

pub(super) fn damaged(name: &str, reason: impl ToString) -> ParquetError {
    ParquetError::Damaged { name: name.into(), reason: reason.to_string().chars().take(160).collect() }
}
