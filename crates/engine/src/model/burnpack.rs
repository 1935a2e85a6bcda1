//! Weights in a burnpack file, Burn's own format, with the same names, shapes and metadata as in a
//! safetensors file.

use burn_pack::{Bytes, DType, Error, MAGIC_NUMBER, Reader, Tensor, Writer};

use crate::model::safetensors::{
    ContainerError, MAX_FILE_BYTES, MAX_HEADER_BYTES, MAX_TENSORS, Metadata, NumberFormat, numbers,
    shorten,
};
use crate::model::weights::{Array, Weights};

/// The extension of such a file's name.
pub const EXTENSION: &str = burn_pack::EXTENSION;

/// Where a file says how long its metadata are: behind the magic number and the version.
const METADATA_LENGTH: std::ops::Range<usize> = 6..10;

/// Whether the bytes begin as a burnpack file does.
pub fn is_burnpack(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC_NUMBER.to_le_bytes())
}

/// Reads every tensor of a file as 32-bit numbers.
///
/// # Errors
/// [`ContainerError`]
pub fn read(bytes: &[u8]) -> Result<(Metadata, Weights), ContainerError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(ContainerError::Large(bytes.len()));
    }
    check_metadata_length(bytes)?;
    // The reader itself bounds sizes, offsets and depth by the length of the file.
    let reader =
        Reader::from_bytes(Bytes::from_bytes_vec(bytes.to_vec())).map_err(burnpack_error)?;
    let metadata = reader.metadata().clone();
    let tensors = reader.into_tensors().map_err(burnpack_error)?;
    if tensors.len() > MAX_TENSORS {
        return Err(ContainerError::Many(tensors.len()));
    }
    let mut weights = Weights::new();
    for tensor in tensors {
        let format = match tensor.dtype {
            DType::F32 => NumberFormat::F32,
            DType::F16 => NumberFormat::F16,
            DType::BF16 => NumberFormat::BF16,
            other => {
                return Err(ContainerError::Kind {
                    name: shorten(&tensor.name),
                    kind: format!("{other:?}"),
                });
            }
        };
        let shape = tensor.shape.to_vec();
        let data = tensor.to_bytes().map_err(burnpack_error)?;
        let values = numbers(&tensor.name, format, &data)?;
        weights.insert(tensor.name, Array { shape, values });
    }
    Ok((metadata, weights))
}

/// Writes weights as 32-bit numbers; the same input gives the same bytes.
///
/// # Errors
/// [`ContainerError::Burnpack`] if Burn's writer refuses them, and [`ContainerError::Header`] if
/// names and metadata are longer than [`read`] accepts.
pub fn write(metadata: &Metadata, weights: &Weights) -> Result<Vec<u8>, ContainerError> {
    let tensors = weights.iter().map(|(name, array)| {
        let bytes: Vec<u8> = array.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Tensor::new(
            name.clone(),
            DType::F32,
            array.shape.clone(),
            None,
            Bytes::from_bytes_vec(bytes),
        )
    });
    let writer = metadata.iter().fold(Writer::new(tensors.collect()), |writer, (key, value)| {
        writer.with_metadata(key, value)
    });
    let bytes = writer.into_bytes().map_err(burnpack_error)?.to_vec();
    check_metadata_length(&bytes)?;
    Ok(bytes)
}

/// Refuses metadata that are longer than those of any ResNet, before they are read: texts and lists
/// of CBOR take more memory than their bytes.
fn check_metadata_length(bytes: &[u8]) -> Result<(), ContainerError> {
    let length = bytes.get(METADATA_LENGTH).and_then(|length| length.first_chunk::<4>());
    match length.map(|length| u64::from(u32::from_le_bytes(*length))) {
        Some(0) => Err(ContainerError::NoMetadata),
        Some(length) if length > MAX_HEADER_BYTES => Err(ContainerError::Header),
        _ => Ok(()),
    }
}

fn burnpack_error(error: Error) -> ContainerError {
    // The header's end, or that of the list behind it, is not there.
    if matches!(error, Error::InvalidHeader) {
        return ContainerError::Cut;
    }
    ContainerError::Burnpack(error.to_string().chars().take(160).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::module::Module;
    use burn::store::ModuleRecord;
    use burn::tensor::Device;
    use futures::executor::block_on;
    use resnette_spec::architecture::Architecture;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::read_run;

    use super::*;
    use crate::model::ResNet;
    use crate::model::weights::{WeightsError, read_weights};

    fn some() -> (Metadata, Weights) {
        let weights = [
            (
                "a.weight".to_string(),
                Array { shape: vec![2, 3], values: vec![1.0, -2.5, 3.0e-4, 0.1, 7.0, 65_000.0] },
            ),
            ("a.running_var".to_string(), Array { shape: vec![1], values: vec![0.5] }),
        ];
        ([("format".to_string(), "pt".to_string())].into(), weights.into())
    }

    #[test]
    fn what_is_written_reads_back_and_the_same_gives_the_same() {
        let (metadata, weights) = some();
        let bytes = write(&metadata, &weights).unwrap();
        assert!(is_burnpack(&bytes));
        assert_eq!(read(&bytes).unwrap(), (metadata.clone(), weights.clone()));
        assert_eq!(write(&metadata, &weights).unwrap(), bytes);
    }

    #[test]
    fn a_file_cut_anywhere_or_made_up_is_refused() {
        let (metadata, mut weights) = some();
        let bytes = write(&metadata, &weights).unwrap();
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{end}");
        }
        let mut huge = bytes.clone();
        huge[6..10].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(read(&huge), Err(ContainerError::Header));
        weights.get_mut("a.running_var").unwrap().values[0] = -1.0;
        assert_eq!(
            read(&write(&metadata, &weights).unwrap()),
            Err(ContainerError::Negative("a.running_var".into()))
        );
        weights.get_mut("a.running_var").unwrap().values[0] = f32::NAN;
        let refused = read(&write(&metadata, &weights).unwrap());
        assert_eq!(
            refused,
            Err(ContainerError::Weights(WeightsError::NotFinite("a.running_var".into())))
        );
    }

    #[test]
    fn what_is_refused_is_never_told_to_be_as_large_as_the_limit() {
        let (large, most) = (MAX_FILE_BYTES + 1, "and at most 120 MB are opened");
        for error in [ContainerError::Large(large), ContainerError::TooLarge(large)] {
            let told = error.to_string();
            assert!(told.contains("121 MB") && told.contains(most), "{told}");
        }
    }

    /// A file that promises as much metadata as it has bytes is refused before they are read, and
    /// none is written that would be refused.
    #[test]
    fn metadata_are_bounded_before_they_are_read() {
        let (mut metadata, weights) = some();
        let bytes = write(&metadata, &weights).unwrap();
        // Eight megabytes and one byte of lists in lists, which is no metadata either.
        let length = MAX_HEADER_BYTES as usize + 1;
        let mut long = bytes[..METADATA_LENGTH.start].to_vec();
        long.extend((length as u32).to_le_bytes());
        long.resize(METADATA_LENGTH.end + length, 0x81);
        assert_eq!(read(&long), Err(ContainerError::Header));
        metadata.insert("classes".into(), "x".repeat(length));
        assert_eq!(write(&metadata, &weights), Err(ContainerError::Header));
        // Without metadata at all it says so.
        let mut none = bytes.clone();
        none[METADATA_LENGTH].fill(0);
        let refused = read(&none).unwrap_err();
        assert_eq!(refused, ContainerError::NoMetadata);
        assert!(refused.to_string().contains("no list of its tensors"), "{refused}");
    }

    /// Burn itself, which knows nothing of us, loads the file into the same network, and ours reads
    /// what Burn wrote.
    #[test]
    fn burn_loads_the_file_by_itself() {
        let net = read_run("layers=1,1&expansion=2&width=8&stem=4,8").0.net;
        let architecture = Architecture::new(&net, 10);
        let network =
            |seed| ResNet::new(&architecture, stream(seed, Purpose::Init, 0), &Device::flex());
        let weights = block_on(read_weights(&network(1))).unwrap();
        let bytes = write(&Metadata::new(), &weights).unwrap();
        let record = ModuleRecord::from_bytes(Bytes::from_bytes_vec(bytes)).unwrap();
        let loaded = network(2).try_load_record(record).unwrap();
        assert_eq!(block_on(read_weights(&loaded)).unwrap(), weights);
        let theirs = network(1).into_record().into_bytes().unwrap();
        assert_eq!(read(&theirs).unwrap().1, weights);
    }
}
