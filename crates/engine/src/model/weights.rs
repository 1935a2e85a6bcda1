//! A network's weights by name, out of the engine and into it.
//!
//! Names and shapes are those that the same network has in PyTorch
//! (`stages.0.1.convs.2.norm.running_var`): the modules are laid out so that Burn's paths are
//! PyTorch's, and nothing has to be renamed or transposed.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::{ExecutionError, Tensor, TensorData};
use resnette_spec::architecture::{TensorShapes, is_trained};

use crate::model::params::{ParamMapper, flat_params, map_params};

/// A tensor in ordinary memory: numbers with a shape, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Size of each dimension.
    pub shape: Vec<usize>,
    /// As many numbers as the product of the sizes.
    pub values: Vec<f32>,
}

/// Tensors by name.
pub type Weights = BTreeMap<String, Array>;

/// Why weights do not fit a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// The network needs a tensor that is not there.
    #[error("the file has no tensor “{0}”; it was saved from another network")]
    Missing(String),
    /// There is a tensor that the network has no place for.
    #[error(
        "the file has a tensor “{0}” that this network has no place for; it was saved from another \
         network"
    )]
    Extra(String),
    /// A tensor has the wrong shape.
    #[error("the tensor “{name}” has shape {found:?}, and the network needs {wanted:?}")]
    Shape {
        /// Name of the tensor.
        name: String,
        /// Its shape in the file.
        found: Vec<usize>,
        /// Its shape in the network.
        wanted: Vec<usize>,
    },
    /// A tensor holds NaN or an infinity.
    #[error(
        "the tensor “{0}” holds numbers that are not finite, so the network would answer nonsense; \
         one that was saved before its training broke is of use"
    )]
    NotFinite(String),
}

/// Number of trainable parameters.
pub fn trainable<M: Module>(module: &M) -> u64 {
    let params = flat_params(module);
    let own = params.iter().filter(|param| is_trained(&param.name));
    own.map(|param| param.shape.iter().product::<usize>() as u64).sum()
}

/// Reads every tensor of the network, also those that are not trained.
///
/// # Errors
/// The device failed.
pub async fn read_weights<M: Module>(module: &M) -> Result<Weights, ExecutionError> {
    let mut weights = Weights::new();
    for param in flat_params(module) {
        let data = param.tensor.into_data_async().await?;
        let values = data.iter::<f32>().collect();
        weights.insert(param.name, Array { shape: param.shape, values });
    }
    Ok(weights)
}

/// Puts weights into a network with the same layers.
///
/// PyTorch's `num_batches_tracked` may be among them and are ignored: the count changes nothing.
///
/// # Errors
/// [`WeightsError`] names the first tensor that is missing, left over, misshaped or not finite.
pub fn load_weights<M: Module>(module: M, weights: &Weights) -> Result<M, WeightsError> {
    let params = flat_params(&module);
    for param in &params {
        let array = get(weights, &param.name)?;
        check_shape(&param.name, array, &param.shape)?;
        if array.values.iter().any(|value| !value.is_finite()) {
            return Err(WeightsError::NotFinite(param.name.clone()));
        }
    }
    let known = |name: &String| params.iter().any(|param| param.name == *name);
    if let Some(extra) =
        weights.keys().find(|name| !known(name) && !name.ends_with(".num_batches_tracked"))
    {
        return Err(WeightsError::Extra(extra.clone()));
    }
    Ok(map_params(module, &mut Loader { weights }))
}

/// Compares the tensors of a file with those that a network needs.
///
/// # Errors
/// [`WeightsError`] names the first tensor that is missing, misshaped or left over.
pub fn check_tensors(weights: &Weights, shapes: &TensorShapes) -> Result<(), WeightsError> {
    for (name, wanted) in shapes {
        check_shape(name, get(weights, name)?, wanted)?;
    }
    match weights.keys().find(|name| !shapes.contains_key(*name)) {
        Some(extra) => Err(WeightsError::Extra(extra.chars().take(120).collect())),
        None => Ok(()),
    }
}

/// Checks that all numbers are finite.
///
/// # Errors
/// [`WeightsError::NotFinite`] names the first tensor with a NaN or an infinity.
pub fn check_finite(weights: &Weights) -> Result<(), WeightsError> {
    match weights.iter().find(|(_, array)| array.values.iter().any(|value| !value.is_finite())) {
        Some((name, _)) => Err(WeightsError::NotFinite(name.clone())),
        None => Ok(()),
    }
}

/// The CRC-32 of names, shapes and numbers, as eight hexadecimal digits: the same for the same
/// network in another file, as long as no number was rounded.
pub fn fingerprint(weights: &Weights) -> String {
    let mut hasher = crc32fast::Hasher::new();
    for (name, Array { shape, values }) in weights {
        hasher.update(name.as_bytes());
        shape.iter().for_each(|&size| hasher.update(&(size as u64).to_le_bytes()));
        values.iter().for_each(|value| hasher.update(&value.to_le_bytes()));
    }
    format!("{:08x}", hasher.finalize())
}

fn get<'a>(weights: &'a Weights, name: &str) -> Result<&'a Array, WeightsError> {
    weights.get(name).ok_or_else(|| WeightsError::Missing(name.into()))
}

fn check_shape(name: &str, array: &Array, wanted: &[usize]) -> Result<(), WeightsError> {
    if array.shape == wanted && array.values.len() == wanted.iter().product::<usize>() {
        return Ok(());
    }
    Err(WeightsError::Shape {
        name: name.into(),
        found: array.shape.clone(),
        wanted: wanted.to_vec(),
    })
}

struct Loader<'a> {
    weights: &'a Weights,
}

impl ParamMapper for Loader<'_> {
    fn map<const D: usize>(&mut self, name: &str, old: Tensor<D>) -> Tensor<D> {
        let Some(array) = self.weights.get(name) else { return old };
        let data = TensorData::new(array.values.clone(), old.dims());
        let new = Tensor::from_data(data, &old.device());
        if old.is_require_grad() { new.require_grad() } else { new }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::Device;
    use futures::executor::block_on;
    use resnette_spec::architecture::Architecture;
    use resnette_spec::presets::NETWORKS;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::read_run;

    use super::*;
    use crate::model::ResNet;

    #[test]
    fn tensors_are_those_of_the_network_itself() {
        for preset in NETWORKS.iter().filter(|preset| !preset.name.contains("50")) {
            let architecture = Architecture::new(&read_run(preset.settings).0.net, 10);
            let rng = stream(1, Purpose::Init, 0);
            let network = ResNet::new(&architecture, rng, &Device::flex());
            let weights = block_on(read_weights(&network)).unwrap();
            let found: TensorShapes =
                weights.iter().map(|(name, array)| (name.clone(), array.shape.clone())).collect();
            assert_eq!(found, architecture.tensors(), "{}", preset.name);
            assert_eq!(check_tensors(&weights, &architecture.tensors()), Ok(()));
        }
    }
}
