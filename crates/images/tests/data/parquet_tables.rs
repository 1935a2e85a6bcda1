//! Parquet files in any schema and encoding, made on the spot, and ways of damaging them.

use parquet::basic::{Compression, Encoding};
use parquet::column::writer::{ColumnWriter, ColumnWriterImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, SchemaDescriptor};

use crate::fixtures::{SCHEMA, jpeg};
use crate::made::Held;

/// The values of one column; `None` is a null.
#[derive(Clone)]
pub enum Values {
    Bytes(Vec<Option<Vec<u8>>>),
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Double(Vec<f64>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Bytes(values) => values.len(),
            Self::Int32(values) => values.len(),
            Self::Int64(values) => values.len(),
            Self::Double(values) => values.len(),
        }
    }

    fn rows(&self, start: usize, end: usize) -> Self {
        match self {
            Self::Bytes(values) => Self::Bytes(values[start..end].to_vec()),
            Self::Int32(values) => Self::Int32(values[start..end].to_vec()),
            Self::Int64(values) => Self::Int64(values[start..end].to_vec()),
            Self::Double(values) => Self::Double(values[start..end].to_vec()),
        }
    }
}

/// A file's columns, and how they are written.
#[derive(Clone)]
pub struct Table {
    pub schema: String,
    pub columns: Vec<Values>,
    /// The encoding of a column that is not encoded by a dictionary, by its path.
    pub encodings: Vec<(&'static str, Encoding)>,
    /// The columns that are encoded by a dictionary.
    pub dictionaries: bool,
    pub compression: Compression,
    pub second_version: bool,
    pub statistics: bool,
    /// What Hugging Face's converter notes about the columns.
    pub features: Option<serde_json::Value>,
    /// The rows of a group.
    pub group: usize,
}

impl Table {
    /// Ten pictures of each of some classes in turn, in Hugging Face's schema, not compressed and
    /// without a dictionary, in groups of ten rows and pages of seven.
    pub fn new(classes: usize) -> Self {
        Self::of_rows(classes, classes * 10)
    }

    pub fn of_rows(classes: usize, rows: usize) -> Self {
        let labels = (0..rows).map(|row| Some((row % classes) as i64)).collect();
        Self {
            schema: SCHEMA.into(),
            columns: vec![
                Values::Bytes(pictures(classes, rows)),
                Values::Bytes(vec![None; rows]),
                Values::Int64(labels),
            ],
            encodings: Vec::new(),
            dictionaries: false,
            compression: Compression::UNCOMPRESSED,
            second_version: false,
            statistics: true,
            features: None,
            group: 10,
        }
    }

    /// Names the classes of the column `label`.
    pub fn named(mut self, names: &[&str]) -> Self {
        self.features = Some(serde_json::json!({ "label": class_label(names) }));
        self
    }

    /// Changes the label of some rows, which must be numbers of 64 bits.
    pub fn relabel(mut self, rows: &[usize], label: Option<i64>) -> Self {
        if let Some(Values::Int64(labels)) = self.columns.last_mut() {
            rows.iter().for_each(|row| labels[*row] = label);
        }
        self
    }

    /// Pictures as a plain column and labels in another one.
    pub fn flat(classes: usize, schema: &str, labels: Values) -> Self {
        let rows = labels.len();
        Self {
            schema: schema.into(),
            columns: vec![Values::Bytes(pictures(classes, rows)), labels],
            ..Self::new(classes)
        }
    }

    pub fn file(&self, path: &str) -> Held {
        Held::new(path, self.bytes())
    }

    pub fn bytes(&self) -> Vec<u8> {
        let schema = std::sync::Arc::new(parse_message_type(&self.schema).unwrap());
        let about = self.features.as_ref().map(|features| {
            let about = serde_json::json!({ "info": { "features": features } });
            vec![KeyValue::new("huggingface".into(), about.to_string())]
        });
        let mut properties = WriterProperties::builder()
            .set_compression(self.compression)
            .set_dictionary_enabled(self.dictionaries)
            .set_encoding(Encoding::PLAIN)
            .set_writer_version(if self.second_version {
                WriterVersion::PARQUET_2_0
            } else {
                WriterVersion::PARQUET_1_0
            })
            .set_statistics_enabled(if self.statistics {
                EnabledStatistics::Chunk
            } else {
                EnabledStatistics::None
            })
            .set_data_page_row_count_limit(7)
            .set_write_batch_size(7)
            .set_key_value_metadata(about);
        for (path, encoding) in &self.encodings {
            let path = ColumnPath::new(path.split('.').map(String::from).collect());
            properties = properties.set_column_encoding(path, *encoding);
        }
        let described = SchemaDescriptor::new(schema.clone());
        let mut out = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut out, schema, properties.build().into()).unwrap();
        let rows = self.columns[0].len();
        for start in (0..rows).step_by(self.group) {
            let mut group = writer.next_row_group().unwrap();
            for (column, values) in self.columns.iter().enumerate() {
                let level = described.column(column).max_def_level();
                let values = values.rows(start, (start + self.group).min(rows));
                let mut writer = group.next_column().unwrap().unwrap();
                match (writer.untyped(), values) {
                    (ColumnWriter::ByteArrayColumnWriter(writer), Values::Bytes(values)) => {
                        write(writer, level, values, ByteArray::from)
                    }
                    (ColumnWriter::Int32ColumnWriter(writer), Values::Int32(values)) => {
                        write(writer, level, values, |value| value)
                    }
                    (ColumnWriter::Int64ColumnWriter(writer), Values::Int64(values)) => {
                        write(writer, level, values, |value| value)
                    }
                    (ColumnWriter::DoubleColumnWriter(writer), Values::Double(values)) => {
                        write(writer, level, values.into_iter().map(Some).collect(), |value| value)
                    }
                    _ => unreachable!("a column of another type"),
                }
                writer.close().unwrap();
            }
            group.close().unwrap();
        }
        writer.close().unwrap();
        out
    }
}

fn write<V, T: DataType>(
    writer: &mut ColumnWriterImpl<T>,
    level: i16,
    values: Vec<Option<V>>,
    value: impl Fn(V) -> T::T,
) {
    let levels: Vec<i16> =
        values.iter().map(|value| if value.is_some() { level } else { level - 1 }).collect();
    let values: Vec<T::T> = values.into_iter().flatten().map(value).collect();
    writer.write_batch(&values, (level > 0).then_some(&levels[..]), None).unwrap();
}

/// What Hugging Face's converter notes about a column of labels.
pub fn class_label(names: &[&str]) -> serde_json::Value {
    serde_json::json!({ "names": names, "_type": "ClassLabel" })
}

/// Drawings of some classes in turn.
pub fn pictures(classes: usize, rows: usize) -> Vec<Option<Vec<u8>>> {
    (0..rows).map(|row| Some(jpeg(row % classes, row as u64))).collect()
}

/// Texts in turn.
pub fn texts(names: &[&str], rows: usize) -> Values {
    let text = |row: usize| Some(names[row % names.len()].as_bytes().to_vec());
    Values::Bytes((0..rows).map(text).collect())
}

/// Numbers of 32 bits in turn.
pub fn numbers(classes: usize, rows: usize) -> Values {
    Values::Int32((0..rows).map(|row| Some((row % classes) as i32)).collect())
}

/// Damages the page in which this row's picture is: the length before the picture becomes too
/// large. For tables that are neither compressed nor described by statistics.
pub fn damage_picture(mut file: Vec<u8>, picture: &[u8]) -> Vec<u8> {
    let at = file.windows(picture.len()).position(|bytes| bytes == picture).unwrap();
    file[at - 4..at].fill(0xff);
    file
}

/// Where the headers of the data pages of so many rows are, in a table of pages of version 1: the
/// place of the header's inner structure, which the encoding follows after four bytes.
fn data_pages(file: &[u8], rows: u8) -> Vec<usize> {
    let pattern = [0x2c, 0x15, rows * 2, 0x15, 0, 0x15, 6, 0x15, 6];
    (0..file.len() - pattern.len()).filter(|&at| file[at..].starts_with(&pattern)).collect()
}

/// Makes the header of a data page unreadable; `page` counts the pages of so many rows in the whole
/// file, those of every column.
pub fn damage_header(mut file: Vec<u8>, rows: u8, page: usize) -> Vec<u8> {
    let at = data_pages(&file, rows)[page];
    file[at] = 0x1e;
    file
}

/// Damages what says which values of a data page are nulls; `page` counts as in [`damage_header`].
/// For tables that are neither compressed nor described by statistics.
pub fn damage_levels(mut file: Vec<u8>, rows: u8, page: usize) -> Vec<u8> {
    // Behind the rest of the header, two ends of structures, there is the length of the levels.
    let at = data_pages(&file, rows)[page] + 11;
    file[at..at + 4].fill(0xff);
    file
}

/// Says of some of the data pages of so many rows that they are encoded in another way (as in
/// parquet.thrift's `Encoding`).
pub fn claim_encoding(mut file: Vec<u8>, rows: u8, pages: &[usize], encoding: u8) -> Vec<u8> {
    let all = data_pages(&file, rows);
    pages.iter().for_each(|page| file[all[*page] + 4] = encoding * 2);
    file
}
