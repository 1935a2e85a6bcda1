//! A network's weights by name, out of the engine and into it.
//!
//! Names and shapes are those that the same network has in PyTorch
//! (`stages.0.1.convs.2.norm.running_var`): the modules are laid out so that Burn's paths are
//! PyTorch's, and nothing has to be renamed or transposed.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{ExecutionError, Tensor, TensorData};

use crate::model::path::Path;

/// Numbers with a shape, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Sizes.
    pub shape: Vec<usize>,
    /// As many as the product of the sizes.
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
        "the file has a tensor “{0}” that this network has no place for; it was saved from another network"
    )]
    Extra(String),
    /// A tensor of the wrong shape.
    #[error("the tensor “{name}” has shape {found:?}, and the network needs {wanted:?}")]
    Shape {
        /// Name.
        name: String,
        /// In the file.
        found: Vec<usize>,
        /// In the network.
        wanted: Vec<usize>,
    },
    /// NaN or infinity.
    #[error(
        "the tensor “{0}” holds numbers that are not finite, so the network would answer nonsense"
    )]
    NotFinite(String),
}

/// Number of trainable parameters: all but the running statistics.
pub fn trainable<M: Module>(module: &M) -> u64 {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    let own = collector.found.iter().filter(|(name, ..)| !name.contains(".running_"));
    own.map(|(_, shape, _)| shape.iter().product::<usize>() as u64).sum()
}

/// Reads every parameter and running statistic.
///
/// # Errors
/// The device failed.
pub async fn read_weights<M: Module>(module: &M) -> Result<Weights, ExecutionError> {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    let mut weights = Weights::new();
    for (name, shape, flat) in collector.found {
        let data = flat.into_data_async().await?;
        weights.insert(name, Array { shape, values: data.iter::<f32>().collect() });
    }
    Ok(weights)
}

/// Puts weights into a network of the same layout.
///
/// # Errors
/// [`WeightsError`] names the first tensor that is missing, left over, misshaped or not finite.
pub fn load_weights<M: Module>(module: M, weights: &Weights) -> Result<M, WeightsError> {
    let mut wanted = Collector::default();
    module.visit(&mut wanted);
    for (name, shape, _) in &wanted.found {
        let array = weights.get(name).ok_or_else(|| WeightsError::Missing(name.clone()))?;
        if array.shape != *shape || array.values.len() != shape.iter().product::<usize>() {
            return Err(WeightsError::Shape {
                name: name.clone(),
                found: array.shape.clone(),
                wanted: shape.clone(),
            });
        }
        if array.values.iter().any(|value| !value.is_finite()) {
            return Err(WeightsError::NotFinite(name.clone()));
        }
    }
    let known = |name: &String| wanted.found.iter().any(|(wanted, _, _)| wanted == name);
    // PyTorch counts batches beside each norm; the count changes nothing.
    if let Some(extra) =
        weights.keys().find(|name| !known(name) && !name.ends_with(".num_batches_tracked"))
    {
        return Err(WeightsError::Extra(extra.clone()));
    }
    Ok(module.map(&mut Loader { weights, path: Path::default() }))
}

#[derive(Default)]
struct Collector {
    path: Path,
    found: Vec<(String, Vec<usize>, Tensor<1>)>,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val().without_autodiff();
        let shape = tensor.dims();
        self.found.push((
            self.path.name(),
            shape.to_vec(),
            tensor.reshape([shape.iter().product::<usize>()]),
        ));
    }
}

struct Loader<'a> {
    weights: &'a Weights,
    path: Path,
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _name: &str, container: &str) {
        self.path.exit(container);
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(array) = self.weights.get(&self.path.name()) else { return param };
        param.map(|old| {
            let tracked = old.is_require_grad();
            let new =
                Tensor::from_data(TensorData::new(array.values.clone(), old.dims()), &old.device());
            if tracked { new.require_grad() } else { new }
        })
    }
}
