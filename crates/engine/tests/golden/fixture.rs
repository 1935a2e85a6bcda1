//! Reading fixtures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use resnette_engine::model::weights::{Array, Weights};
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

pub fn json(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap())
        .unwrap()
}

pub fn tensors(name: &str) -> Weights {
    let bytes = std::fs::read(folder().join(format!("{name}.safetensors"))).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let read = |(name, view): (&str, safetensors::tensor::TensorView<'_>)| {
        assert_eq!(view.dtype(), Dtype::F32, "{name}");
        let values = view
            .data()
            .chunks_exact(4)
            .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
            .collect();
        (name.to_string(), Array { shape: view.shape().to_vec(), values })
    };
    file.iter().map(read).collect()
}

/// One fixture: tensors and what the JSON says of them.
pub struct Case {
    pub name: String,
    pub tensors: Weights,
    pub info: Value,
}

impl Case {
    pub fn load(name: &str) -> Self {
        Self { name: name.into(), tensors: tensors(name), info: json(name) }
    }

    /// All tensors under `prefix.`, without it.
    pub fn part(&self, prefix: &str) -> Weights {
        let prefix = format!("{prefix}.");
        let strip = |(name, array): (&String, &Array)| {
            Some((name.strip_prefix(&prefix)?.to_string(), array.clone()))
        };
        self.tensors.iter().filter_map(strip).collect()
    }

    pub fn one(&self, name: &str) -> &Array {
        self.tensors.get(name).unwrap_or_else(|| panic!("{} has no tensor {name}", self.name))
    }

    pub fn number(&self, key: &str) -> u32 {
        self.info[key].as_u64().unwrap_or_else(|| panic!("{}: {key}", self.name)) as u32
    }

    pub fn numbers(&self, key: &str) -> Vec<f64> {
        reals(&self.info[key])
    }

    /// Largest value of a group of tensors, and how far PyTorch's float32 run is off.
    pub fn float32_error(&self, group: &str) -> Option<(f64, f64)> {
        let row = self.info["float32_error"].get(group)?;
        Some((row["largest"].as_f64()?, row["gap"].as_f64()?))
    }
}

pub fn reals(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

pub fn integers(value: &Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as u32).collect()
}

/// `{name: value}` with one tensor, for comparing it like a group.
pub fn single(name: &str, array: Array) -> Weights {
    BTreeMap::from([(name.to_string(), array)])
}

pub fn upload<const D: usize>(array: &Array, device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(array.values.clone(), array.shape.clone()), device)
}

pub fn download<const D: usize>(tensor: Tensor<D>) -> Array {
    let data = tensor.inner().into_data();
    Array { shape: data.shape().to_vec(), values: data.iter::<f32>().collect() }
}
