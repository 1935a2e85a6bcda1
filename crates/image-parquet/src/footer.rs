//! A parquet file's footer, checked before anything in it is used.
//!
//! It is the struct `FileMetaData` of
//! [`parquet.thrift`](https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift),
//! followed by its length in four bytes and the magic bytes `PAR1`.

use crate::codec::Codec;
use crate::columns::{
    ColumnChoice, LabelColumn, LabelKind, NoPictures, PictureColumn, column_list, find_labels,
    find_pictures, resolve,
};
use crate::error::ParquetError;
use crate::features::Features;
use crate::metadata::{ColumnMetadata, GroupMetadata, read_file_metadata};
use crate::schema::leaf_columns;
use crate::source::RangeSource;

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

/// What a file's footer says about its pictures and labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footer {
    /// The row groups. Their columns are known to lie inside the file.
    pub groups: Vec<RowGroup>,
    /// The class names in label order; `None` if the file does not tell any for the column of
    /// labels that is used. Hugging Face's converter stores them in the footer's key-value
    /// metadata.
    pub class_names: Option<Vec<String>>,
    pub(super) pictures: PictureColumn,
    /// The names of the columns that could be the pictures.
    picture_columns: Vec<String>,
    /// The columns of labels, the preferred one first.
    label_columns: Vec<LabelColumn>,
    /// Which of them is used.
    used: usize,
}

/// What the footer says about one row group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowGroup {
    /// The number of rows.
    pub rows: usize,
    /// Where the column of pictures is stored.
    pub pictures: ColumnChunk,
    /// Where the column of labels is stored.
    pub labels: ColumnChunk,
    /// The label that all rows share according to the column's statistics; `None` if they differ,
    /// if some may be null, or if there are no statistics. Statistics may be wrong, so a reader
    /// must check the labels.
    pub common_label: Option<i64>,
    /// The place and the common label of each column of labels; `None` where it cannot be read.
    choices: Vec<Option<(ColumnChunk, Option<i64>)>>,
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
        Self::read_chosen(source, ColumnChoice::default()).await
    }

    /// [`Footer::read`] with the columns that a reader chose.
    ///
    /// # Errors
    /// Those of [`Footer::read`], and [`ParquetError::NotChosen`] if a column that was chosen is
    /// not there.
    pub async fn read_chosen<S: RangeSource>(
        source: &mut S,
        choice: ColumnChoice<'_>,
    ) -> Result<Self, ParquetError> {
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
        Self::parse_chosen(bytes, file_length, &name, choice)
    }

    /// Parses and checks the bytes of a footer without the length and the magic bytes behind it.
    ///
    /// `file_length` is the length of the whole file in bytes, and `name` its name in messages.
    ///
    /// # Errors
    /// [`ParquetError::Damaged`] if the footer is invalid or exceeds a limit,
    /// [`ParquetError::MissingColumn`] or [`ParquetError::PathsOnly`] if it is no set of labelled
    /// pictures, and [`ParquetError::UnsupportedCodec`] if a column is compressed in an unknown
    /// way.
    pub fn parse(bytes: &[u8], file_length: u64, name: &str) -> Result<Self, ParquetError> {
        Self::parse_chosen(bytes, file_length, name, ColumnChoice::default())
    }

    fn parse_chosen(
        bytes: &[u8],
        file_length: u64,
        name: &str,
        choice: ColumnChoice<'_>,
    ) -> Result<Self, ParquetError> {
        let metadata = read_file_metadata(bytes).map_err(|error| {
            ParquetError::damaged(name, format!("its footer is broken: {error}"))
        })?;
        let columns = leaf_columns(&metadata.schema)
            .ok_or_else(|| ParquetError::damaged(name, "its schema makes no sense"))?;
        let features = metadata.hugging_face.as_deref().map(Features::parse).unwrap_or_default();
        let missing = |column| ParquetError::MissingColumn {
            name: name.into(),
            column,
            found: column_list(&columns),
        };
        let not_chosen = |chosen: &str, what| ParquetError::NotChosen {
            name: name.into(),
            chosen: chosen.chars().take(100).collect(),
            what,
            found: column_list(&columns),
        };
        let resolved =
            |chosen: Option<&str>| chosen.map(|chosen| resolve(&columns, chosen).to_owned());
        let (labels, pictures) = (resolved(choice.labels), resolved(choice.pictures));
        let choice = ColumnChoice { labels: labels.as_deref(), pictures: pictures.as_deref() };
        let found = find_pictures(&columns, &features, choice.pictures);
        let mut found = found.map_err(|none| match none {
            NoPictures::Missing => missing("image"),
            NoPictures::PathsOnly => ParquetError::PathsOnly(name.into()),
            NoPictures::NotChosen => not_chosen(choice.pictures.unwrap_or_default(), "pictures"),
        })?;
        let picture_columns = found.iter().map(|column| column.name.clone()).collect();
        let pictures = if found.is_empty() { None } else { Some(found.swap_remove(0)) };
        let pictures = pictures.ok_or_else(|| missing("image"))?;
        let label_columns = find_labels(&columns, &features, &pictures, choice.labels);
        let at = match choice.labels {
            None => 0,
            Some(chosen) => label_columns
                .iter()
                .position(|column| column.name == chosen)
                .ok_or_else(|| not_chosen(chosen, "labels"))?,
        };
        let used = label_columns.get(at).ok_or_else(|| missing("label"))?;
        let mut total = 0_u64;
        let mut groups = Vec::with_capacity(metadata.groups.len());
        for group in &metadata.groups {
            let rows = u64::try_from(group.rows).ok().filter(|&rows| rows <= MAX_ROWS);
            let rows = rows.ok_or_else(|| {
                ParquetError::damaged(name, "a row group has an impossible number of rows")
            })?;
            total += rows;
            if total > MAX_ROWS {
                return Err(ParquetError::damaged(name, "it has more than 5 million rows"));
            }
            let picture_chunk = chunk(group, pictures.index, file_length, name)?;
            let label_chunk = chunk(group, used.index, file_length, name)?;
            let choices = label_columns
                .iter()
                .map(|column| {
                    let place = chunk(group, column.index, file_length, name).ok()?;
                    Some((place, common_label(group.columns.get(column.index)?, column)))
                })
                .collect();
            groups.push(RowGroup {
                rows: rows as usize,
                pictures: picture_chunk,
                labels: label_chunk,
                common_label: group
                    .columns
                    .get(used.index)
                    .and_then(|metadata| common_label(metadata, used)),
                choices,
            });
        }
        let class_names = used.class_names.clone();
        Ok(Self { groups, class_names, pictures, picture_columns, label_columns, used: at })
    }

    /// The number of rows in the file.
    pub fn rows(&self) -> usize {
        self.groups.iter().map(|group| group.rows).sum()
    }

    /// The columns of labels that the file has, the preferred one first: columns of numbers whose
    /// classes the file names come before columns of text, and these before numbers without names;
    /// among each of these, `label`, `fine_label`, `class` … come before `coarse_label`.
    pub fn label_columns(&self) -> &[LabelColumn] {
        &self.label_columns
    }

    /// The names of the columns that could be the pictures, the one that is used first.
    pub fn picture_columns(&self) -> &[String] {
        &self.picture_columns
    }

    /// The column of labels that is used: the first of [`Footer::label_columns`], unless
    /// [`Footer::read_chosen`] or [`Footer::use_label_column`] chose another.
    pub fn label_column(&self) -> Option<&LabelColumn> {
        self.label_columns.get(self.used)
    }

    /// Uses another column of labels, one of [`Footer::label_columns`]. Returns whether there is
    /// one of this name that can be read; if not, nothing changes.
    pub fn use_label_column(&mut self, name: &str) -> bool {
        let Some(used) = self.label_columns.iter().position(|column| column.name == name) else {
            return false;
        };
        if self.groups.iter().any(|group| !matches!(group.choices.get(used), Some(Some(_)))) {
            return false;
        }
        for group in &mut self.groups {
            if let Some(Some((place, common))) = group.choices.get(used) {
                (group.labels, group.common_label) = (*place, *common);
            }
        }
        self.used = used;
        self.class_names = self.label_column().and_then(|column| column.class_names.clone());
        true
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

/// Where a column of a row group lies.
fn chunk(
    group: &GroupMetadata,
    index: usize,
    file_length: u64,
    name: &str,
) -> Result<ColumnChunk, ParquetError> {
    let column = group
        .columns
        .get(index)
        .ok_or_else(|| ParquetError::damaged(name, "a row group lacks a column"))?;
    checked(column, file_length, name)
}

/// Where a column lies, once that is known to be inside the file.
fn checked(
    column: &ColumnMetadata,
    file_length: u64,
    name: &str,
) -> Result<ColumnChunk, ParquetError> {
    let codec = Codec::from_code(column.codec)
        .ok_or_else(|| ParquetError::UnsupportedCodec { name: name.into(), codec: column.codec })?;
    let start = if column.dictionary_offset > 0 {
        column.dictionary_offset.min(column.data_offset)
    } else {
        column.data_offset
    };
    match (u64::try_from(start), u64::try_from(column.compressed_length)) {
        (Ok(_), Ok(length)) if length > MAX_CHUNK_BYTES => {
            Err(ParquetError::LargeGroup { name: name.into(), megabytes: length.div_ceil(1 << 20) })
        }
        (Ok(start), Ok(length))
            if start.checked_add(length).is_some_and(|end| end <= file_length) =>
        {
            Ok(ColumnChunk { start, length, codec })
        }
        _ => Err(ParquetError::damaged(name, "a column lies outside the file")),
    }
}

/// The label that all rows share according to a column's statistics.
///
/// Statistics pass over nulls, so the smallest and the largest label tell something about every
/// row only if it is known that there are no nulls.
fn common_label(metadata: &ColumnMetadata, column: &LabelColumn) -> Option<i64> {
    let no_nulls = column.level == 0 || metadata.nulls == Some(0);
    let number = column.kind != LabelKind::Text;
    metadata.min.filter(|_| number && no_nulls && metadata.min == metadata.max)
}
