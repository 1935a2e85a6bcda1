//! Files that tests are made of: pictures, archives and parquet files, all made on the spot.

use std::io::{Cursor, Write};
use std::sync::Arc;

use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::SchemaDescriptor;
use resnette_picture::Picture;
use resnette_picture::drawn::draw;

/// A drawing as a picture file.
pub fn jpeg(class: usize, index: u64) -> Vec<u8> {
    let Picture { width, height, rgb } = draw(class % 10, index, 5, 24);
    let mut out = Cursor::new(Vec::new());
    image::RgbImage::from_raw(width, height, rgb)
        .unwrap()
        .write_to(&mut out, image::ImageFormat::Jpeg)
        .unwrap();
    out.into_inner()
}

/// Takes away the second half of what follows a JPEG's headers.
pub fn end_early(jpeg: &mut Vec<u8>) {
    let scan = jpeg.windows(2).position(|window| window == [0xff, 0xda]).unwrap();
    jpeg.truncate(scan + (jpeg.len() - scan) / 2);
}

/// A drawing that says it has 65,500 pixels a side.
pub fn lying_jpeg() -> Vec<u8> {
    let mut lying = jpeg(0, 0);
    let at = lying.windows(2).position(|window| window == [0xff, 0xc0]).unwrap();
    lying[at + 5..at + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    lying
}

/// Pictures of each class, as path and bytes, below `root`.
pub fn folder(root: &str, classes: &[&str], each: usize) -> Vec<(String, Vec<u8>)> {
    let pictures = classes
        .iter()
        .enumerate()
        .flat_map(|(label, class)| (0..each).map(move |index| (label, class, index)));
    pictures
        .map(|(label, class, index)| {
            (format!("{root}/{class}/{index}.jpg"), jpeg(label, index as u64))
        })
        .collect()
}

pub fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append_data(&mut header, path, &bytes[..]).unwrap();
    }
    archive.into_inner().unwrap()
}

/// An entry as hostile as wanted: the header is written by hand, the name may be anything.
pub fn raw_entry(name: &str, kind: tar::EntryType, claimed: u64, bytes: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_old_mut().name[..name.len().min(100)]
        .copy_from_slice(&name.as_bytes()[..name.len().min(100)]);
    header.set_entry_type(kind);
    header.set_size(claimed);
    header.set_mode(0o644);
    if kind.is_symlink() {
        header.set_link_name("/etc/passwd").unwrap();
    }
    header.set_cksum();
    let mut out = header.as_bytes().to_vec();
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// How a parquet file is written.
#[derive(Clone)]
pub struct Writing {
    pub schema: &'static str,
    pub compression: Compression,
    pub dictionary: bool,
    pub second_version: bool,
    pub statistics: bool,
    pub names: Option<Vec<String>>,
}

/// Hugging Face's schema.
pub const SCHEMA: &str = "message schema { optional group image { optional binary bytes; optional binary path (UTF8); } optional int64 label; }";

impl Default for Writing {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            compression: Compression::SNAPPY,
            dictionary: true,
            second_version: false,
            statistics: true,
            names: None,
        }
    }
}

/// Groups of rows; a picture of nothing is a null.
pub type Groups = Vec<Vec<(Option<Vec<u8>>, i64)>>;

/// All compressions of pages that the page reads.
pub fn compressions() -> [Compression; 5] {
    let (gzip, brotli) = (GzipLevel::default(), BrotliLevel::default());
    [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(gzip),
        Compression::BROTLI(brotli),
        Compression::LZ4_RAW,
    ]
}

pub fn parquet(groups: &Groups, writing: &Writing) -> Vec<u8> {
    let schema = parse_message_type(writing.schema).unwrap();
    let about = writing.names.as_ref().map(|names| {
        let about = serde_json::json!({ "info": { "features": { "image": { "_type": "Image" }, "label": { "names": names, "_type": "ClassLabel" } } } });
        vec![KeyValue::new("huggingface".into(), about.to_string())]
    });
    let version = if writing.second_version {
        WriterVersion::PARQUET_2_0
    } else {
        WriterVersion::PARQUET_1_0
    };
    let properties = WriterProperties::builder()
        .set_compression(writing.compression)
        .set_dictionary_enabled(writing.dictionary)
        .set_encoding(Encoding::PLAIN)
        .set_writer_version(version)
        .set_statistics_enabled(if writing.statistics {
            EnabledStatistics::Chunk
        } else {
            EnabledStatistics::None
        })
        .set_data_page_row_count_limit(7)
        .set_write_batch_size(7)
        .set_key_value_metadata(about)
        .build();
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema.into(), properties.into()).unwrap();
    for rows in groups {
        let mut group = writer.next_row_group().unwrap();
        let mut column = 0;
        while let Some(mut writer) = group.next_column().unwrap() {
            let levels = |there: &dyn Fn(usize) -> bool, full: i16| {
                (0..rows.len())
                    .map(|row| if there(row) { full } else { full - 1 })
                    .collect::<Vec<_>>()
            };
            match writer.untyped() {
                ColumnWriter::ByteArrayColumnWriter(bytes) if column == 0 => {
                    let values: Vec<ByteArray> = rows
                        .iter()
                        .filter_map(|(picture, _)| picture.clone().map(ByteArray::from))
                        .collect();
                    bytes
                        .write_batch(&values, Some(&levels(&|row| rows[row].0.is_some(), 2)), None)
                        .unwrap();
                }
                // No path is set.
                ColumnWriter::ByteArrayColumnWriter(paths) => {
                    paths.write_batch(&[], Some(&vec![1; rows.len()]), None).unwrap();
                }
                ColumnWriter::Int64ColumnWriter(labels) => {
                    let values: Vec<i64> = rows.iter().map(|(_, label)| *label).collect();
                    labels.write_batch(&values, Some(&levels(&|_| true, 1)), None).unwrap();
                }
                ColumnWriter::Int32ColumnWriter(labels) => {
                    let values: Vec<i32> = rows.iter().map(|(_, label)| *label as i32).collect();
                    labels.write_batch(&values, Some(&levels(&|_| true, 1)), None).unwrap();
                }
                _ => unreachable!("no other columns are written here"),
            }
            writer.close().unwrap();
            column += 1;
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    out
}

/// Rows in a schema whose columns are all required, in whatever order it has them.
pub fn required_parquet(groups: &Groups, schema: &str) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema.clone(), Arc::default()).unwrap();
    let columns = SchemaDescriptor::new(schema);
    for rows in groups {
        let mut group = writer.next_row_group().unwrap();
        for column in columns.columns() {
            let mut writer = group.next_column().unwrap().unwrap();
            match writer.untyped() {
                ColumnWriter::ByteArrayColumnWriter(bytes) => {
                    let picture = column.name() == "bytes";
                    let value = |bytes: &Option<Vec<u8>>| {
                        if picture { bytes.clone().unwrap_or_default() } else { b"x.jpg".to_vec() }
                    };
                    let values: Vec<ByteArray> =
                        rows.iter().map(|(bytes, _)| ByteArray::from(value(bytes))).collect();
                    bytes.write_batch(&values, None, None).unwrap();
                }
                ColumnWriter::Int64ColumnWriter(labels) => {
                    labels
                        .write_batch(
                            &rows.iter().map(|(_, label)| *label).collect::<Vec<_>>(),
                            None,
                            None,
                        )
                        .unwrap();
                }
                _ => unreachable!("no other columns are written here"),
            }
            writer.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    out
}

/// Rows of `classes` classes in turn, `each` of each, cut into groups of `size` rows.
pub fn rows(classes: usize, each: usize, size: usize) -> Groups {
    let rows: Vec<_> = (0..classes * each)
        .map(|row| (Some(jpeg(row % classes, row as u64)), (row % classes) as i64))
        .collect();
    rows.chunks(size).map(<[_]>::to_vec).collect()
}
