//! Weights in a safetensors file, the format of the Hugging Face Hub
//! (<https://github.com/huggingface/safetensors>).
//!
//! A file may come from anywhere, so everything that it promises is bounded before memory is taken
//! for it. The crate `safetensors` reads; it does not write, because it puts metadata in a random
//! order, and the same network must give the same bytes.

use std::collections::BTreeMap;

use half::{bf16, f16};
use resnette_spec::limits;
use resnette_spec::limits::ClassNamesError;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde_json::{Value, json};

use crate::model::foreign_file::ForeignFile;
use crate::model::weights::{Array, Weights, WeightsError};

/// Size of the largest file that is opened, in bytes.
pub const MAX_FILE_BYTES: usize = limits::MAX_MODEL_BYTES as usize;
/// Size of the longest header that is read, in bytes.
pub(super) const MAX_HEADER_BYTES: u64 = 8_000_000;
/// Most tensors that are read.
pub(super) const MAX_TENSORS: usize = limits::MAX_TENSORS;

/// Texts beside the tensors, by key.
pub type Metadata = BTreeMap<String, String>;

/// The format of the numbers in a written file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Four bytes per number: the network as it is.
    #[default]
    F32,
    /// Two bytes per number, rounded to 11 bits: the file is half as large, and probabilities
    /// differ by about a thousandth.
    F16,
}

/// Why a file's bytes cannot be read as weights, or weights cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContainerError {
    /// The file is too large.
    #[error(
        "the file has {} MB, and at most {} MB are opened, which is enough for a ResNet-50 of \
         32-bit numbers; open a smaller network, or save it with 16-bit numbers",
        .0.div_ceil(1_000_000),
        MAX_FILE_BYTES / 1_000_000
    )]
    Large(usize),
    /// The header is too long.
    #[error(
        "the file says that its header is longer than 8 MB, and that of a ResNet has some kB; open \
         a file that was saved by this page or by safetensors.torch.save_file"
    )]
    Header,
    /// The bytes are not in the format.
    #[error(
        "this cannot be read as safetensors ({0}); open a file that was saved by this page or by \
         safetensors.torch.save_file, or load this one again if it is such a file"
    )]
    Format(String),
    /// The file is of another kind.
    #[error(transparent)]
    Foreign(#[from] ForeignFile),
    /// The end of the file is missing.
    #[error(
        "the file is not as long as its header says; it was probably cut while it was downloaded. \
         Download it again"
    )]
    Cut,
    /// The file has too many tensors.
    #[error(
        "the file has {0} tensors, and at most 30,000 are read; a ResNet-152 has a thousand, so \
         this is another network: open a ResNet"
    )]
    Many(usize),
    /// A tensor holds numbers in a format that weights are not read from.
    #[error(
        "the tensor “{name}” holds numbers of the kind {kind}; save the network as float32, \
         float16 or bfloat16"
    )]
    Kind {
        /// Name of the tensor.
        name: String,
        /// The format, as the file calls it.
        kind: String,
    },
    /// The weights cannot be used, because they are not finite.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A running variance is negative.
    #[error(
        "the variances in “{0}” are not all positive, so the network would answer nonsense; open \
         another copy of it"
    )]
    Negative(String),
    /// A burnpack file is damaged.
    #[error(
        "this burnpack file cannot be read ({0}); load it again if it was copied or downloaded, or \
         save the network as safetensors"
    )]
    Burnpack(String),
    /// A burnpack file has no metadata, in which its tensors are listed.
    #[error(
        "this burnpack file has no list of its tensors, so nothing in it can be found; save the \
         network again, or load the file again if it was copied or downloaded"
    )]
    NoMetadata,
    /// The checksum in the metadata does not hold.
    #[error(
        "the file is damaged: its checksum does not hold, so numbers or texts in it are not those \
         that were saved. Copy or download it again; a program that changes such a file has to \
         leave out “checksum” in its metadata"
    )]
    Damaged,
    /// The file would be too large to be opened again, so it is not written.
    #[error(
        "the file would have {} MB, and at most {} MB are opened again, so it is not written",
        .0.div_ceil(1_000_000),
        MAX_FILE_BYTES / 1_000_000
    )]
    TooLarge(usize),
    /// The names of the classes cannot be read again, so the file is not written.
    #[error("{0}, so the file is not written")]
    Names(#[from] ClassNamesError),
    /// A number is too large for [`Precision::F16`].
    #[error("the tensor “{0}” holds numbers too large for 16 bits; save it with 32")]
    Half(String),
}

/// Reads every tensor of a file as 32-bit numbers. PyTorch's `num_batches_tracked`, whole numbers
/// that change nothing, are left out.
///
/// # Errors
/// [`ContainerError`]
pub fn read(bytes: &[u8]) -> Result<(Metadata, Weights), ContainerError> {
    read_within(MAX_FILE_BYTES, bytes)
}

/// The same for a file of at most `most` bytes, for callers who have bounded its size already.
///
/// # Errors
/// [`ContainerError`]
pub(crate) fn read_within(
    most: usize,
    bytes: &[u8],
) -> Result<(Metadata, Weights), ContainerError> {
    if bytes.len() > most {
        return Err(ContainerError::Large(bytes.len()));
    }
    if let Some(foreign) = ForeignFile::of(bytes) {
        return Err(foreign.into());
    }
    let length = bytes.first_chunk::<8>().map(|length| u64::from_le_bytes(*length));
    match length {
        None => return Err(ContainerError::Format("it is too short".into())),
        // It ends a long way past the end of the file, so the first bytes are probably not a length
        // but the beginning of a file of another kind.
        Some(length) if length > bytes.len() as u64 => {
            let reason = "its first bytes are no length of a header";
            return Err(ContainerError::Format(reason.into()));
        }
        Some(length) if length > MAX_HEADER_BYTES => return Err(ContainerError::Header),
        Some(_) => {}
    }
    let format = |error: SafeTensorError| match error {
        SafeTensorError::MetadataIncompleteBuffer => ContainerError::Cut,
        error => ContainerError::Format(error.to_string().chars().take(160).collect()),
    };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(format)?;
    let metadata = header.metadata().clone().unwrap_or_default().into_iter().collect();
    let file = SafeTensors::deserialize(bytes).map_err(format)?;
    if file.len() > MAX_TENSORS {
        return Err(ContainerError::Many(file.len()));
    }
    let mut weights = Weights::new();
    for (name, view) in file.iter().filter(|(name, _)| !name.ends_with(".num_batches_tracked")) {
        let number_format = match view.dtype() {
            Dtype::F32 => NumberFormat::F32,
            Dtype::F16 => NumberFormat::F16,
            Dtype::BF16 => NumberFormat::BF16,
            kind => {
                return Err(ContainerError::Kind {
                    name: shorten(name),
                    kind: format!("{kind:?}"),
                });
            }
        };
        let values = numbers(name, number_format, view.data())?;
        weights.insert(name.into(), Array { shape: view.shape().to_vec(), values });
    }
    Ok((metadata, weights))
}

/// The names and shapes of a file's tensors, without their numbers.
///
/// # Errors
/// [`ContainerError::Format`] if the header cannot be read.
pub(super) fn read_shapes(bytes: &[u8]) -> Result<Weights, ContainerError> {
    let file = SafeTensors::deserialize(bytes)
        .map_err(|error| ContainerError::Format(error.to_string()))?;
    let bare = |(name, shape): (&str, &[usize])| {
        (name.to_owned(), Array { shape: shape.to_vec(), values: Vec::new() })
    };
    let tensors = file.iter().take(MAX_TENSORS);
    Ok(tensors.map(|(name, view)| bare((name, view.shape()))).collect())
}

/// The formats of numbers that are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum NumberFormat {
    F32,
    F16,
    BF16,
}

/// The numbers of a tensor, little-endian. They are checked to be finite and, if they are
/// variances, not to be negative.
pub(super) fn numbers(
    name: &str,
    format: NumberFormat,
    data: &[u8],
) -> Result<Vec<f32>, ContainerError> {
    let values: Vec<f32> = match format {
        NumberFormat::F32 => {
            data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
        }
        NumberFormat::F16 => {
            data.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
        }
        NumberFormat::BF16 => {
            data.chunks_exact(2).map(|b| bf16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
        }
    };
    if values.iter().any(|value| !value.is_finite()) {
        return Err(WeightsError::NotFinite(shorten(name)).into());
    }
    if name.ends_with("running_var") && values.iter().any(|value| *value < 0.0) {
        return Err(ContainerError::Negative(shorten(name)));
    }
    Ok(values)
}

/// Writes weights; the same input gives the same bytes.
///
/// # Errors
/// [`ContainerError::Half`] if a number is too large for [`Precision::F16`], and
/// [`ContainerError::Header`] if names and metadata are longer than [`read`] accepts.
pub fn write(
    metadata: &Metadata,
    weights: &Weights,
    precision: Precision,
) -> Result<Vec<u8>, ContainerError> {
    let (kind, width) = match precision {
        Precision::F32 => ("F32", 4),
        Precision::F16 => ("F16", 2),
    };
    let mut header = BTreeMap::<&str, Value>::new();
    header.insert("__metadata__", json!(metadata));
    let mut end = 0;
    for (name, array) in weights {
        let start = end;
        end += array.values.len() * width;
        header.insert(
            name,
            json!({ "dtype": kind, "shape": array.shape, "data_offsets": [start, end] }),
        );
    }
    let mut text = json!(header).to_string().into_bytes();
    text.resize(text.len().next_multiple_of(8), b' ');
    if text.len() as u64 > MAX_HEADER_BYTES {
        return Err(ContainerError::Header);
    }
    let mut bytes = Vec::with_capacity(8 + text.len() + end);
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text);
    for (name, array) in weights {
        match precision {
            Precision::F32 => {
                bytes.extend(array.values.iter().flat_map(|value| value.to_le_bytes()))
            }
            Precision::F16 => {
                let halves: Vec<f16> =
                    array.values.iter().map(|&value| f16::from_f32(value)).collect();
                if halves
                    .iter()
                    .zip(&array.values)
                    .any(|(half, value)| !half.is_finite() && value.is_finite())
                {
                    return Err(ContainerError::Half(name.clone()));
                }
                bytes.extend(halves.iter().flat_map(|half| half.to_le_bytes()));
            }
        }
    }
    Ok(bytes)
}

pub(super) fn shorten(name: &str) -> String {
    name.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn some() -> (Metadata, Weights) {
        let values = vec![1.0, -2.5, 3.0e-4, 0.1, 7.0, 65_000.0];
        let weights = [
            ("a.weight".to_string(), Array { shape: vec![2, 3], values }),
            ("a.running_var".to_string(), Array { shape: vec![1], values: vec![0.5] }),
        ];
        ([("format".to_string(), "pt".to_string())].into(), weights.into())
    }

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
    }

    #[test]
    fn what_is_written_reads_back() {
        let (metadata, weights) = some();
        let bytes = write(&metadata, &weights, Precision::F32).unwrap();
        assert_eq!(read(&bytes).unwrap(), (metadata.clone(), weights.clone()));
        assert_eq!(write(&metadata, &weights, Precision::F32).unwrap(), bytes);
        let halved = read(&write(&metadata, &weights, Precision::F16).unwrap()).unwrap().1;
        let pairs = halved["a.weight"].values.iter().zip(&weights["a.weight"].values);
        assert!(pairs.clone().all(|(half, whole)| (half / whole - 1.0).abs() < 5e-4));
        assert!(pairs.clone().any(|(half, whole)| half != whole));
    }

    #[test]
    fn numbers_too_large_for_half_precision_are_refused() {
        let (metadata, mut weights) = some();
        weights.get_mut("a.weight").unwrap().values[5] = 70_000.0;
        assert_eq!(
            write(&metadata, &weights, Precision::F16),
            Err(ContainerError::Half("a.weight".into()))
        );
    }

    #[test]
    fn bfloat16_is_read_and_batch_counts_are_skipped() {
        let header = concat!(
            r#"{"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"#,
            r#""bn.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[4,12]}}"#
        );
        let data = [bf16::from_f32(1.5).to_le_bytes(), bf16::from_f32(-3.0).to_le_bytes()].concat();
        let (_, weights) = read(&file(header, &[data, vec![0; 8]].concat())).unwrap();
        assert_eq!(weights["x"].values, [1.5, -3.0]);
        assert_eq!(weights.len(), 1);
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let (metadata, weights) = some();
        let bytes = write(&metadata, &weights, Precision::F32).unwrap();
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn hostile_files_are_refused_with_a_reason() {
        let foreign = |kind| Err(ContainerError::Foreign(kind));
        let page = read(b"\n<!doctype html><title>Not here</title>");
        assert_eq!(page, foreign(ForeignFile::WebPage));
        let (metadata, weights) = some();
        let whole = write(&metadata, &weights, Precision::F32).unwrap();
        assert_eq!(read(&whole[..whole.len() - 1]), Err(ContainerError::Cut));
        let one = |kind: &str, data: &[u8]| {
            let header = format!(
                r#"{{"x.running_var":{{"dtype":"{kind}","shape":[1],"data_offsets":[0,{}]}}}}"#,
                data.len()
            );
            read(&file(&header, data)).unwrap_err()
        };
        assert_eq!(
            one("F32", &f32::NAN.to_le_bytes()),
            ContainerError::Weights(WeightsError::NotFinite("x.running_var".into()))
        );
        assert!(matches!(
            one("F16", &f16::INFINITY.to_le_bytes()),
            ContainerError::Weights(WeightsError::NotFinite(_))
        ));
        assert!(matches!(one("F32", &(-1f32).to_le_bytes()), ContainerError::Negative(_)));
        let name = "x.running_var".to_string();
        assert_eq!(
            one("F64", &1f64.to_le_bytes()),
            ContainerError::Kind { name, kind: "F64".into() }
        );
        assert_eq!(read(b"\xff\xd8\xff\xe0 a photo"), foreign(ForeignFile::Picture));
        assert_eq!(read(b""), foreign(ForeignFile::Empty));
        let mut long = vec![b' '; MAX_HEADER_BYTES as usize + 100];
        long[..8].copy_from_slice(&(MAX_HEADER_BYTES + 1).to_le_bytes());
        assert_eq!(read(&long), Err(ContainerError::Header));
        let shape = "[4294967296,4294967296,4294967296]";
        let huge = format!(r#"{{"x":{{"dtype":"F32","shape":{shape},"data_offsets":[0,4]}}}}"#);
        assert!(matches!(read(&file(&huge, &[0; 4])), Err(ContainerError::Format(_))));
        let deep = "[".repeat(100_000);
        assert!(matches!(read(&file(&deep, &[])), Err(ContainerError::Format(_))));
    }
}
