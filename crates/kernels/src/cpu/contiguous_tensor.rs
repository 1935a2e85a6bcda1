//! Contiguous Flex tensors: the layout of weights, of per-channel vectors and of the optimiser's
//! running averages, which unlike feature maps have no batch dimension.

use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::{Bytes, DType, Shape};

use crate::cpu::hwcn_tensor::dims;

/// A tensor of any shape whose values fill their memory in row-major order, without gaps.
#[derive(Clone, Debug)]
pub(super) struct ContiguousTensor(FlexTensor);

impl ContiguousTensor {
    /// Takes a tensor over without a copy if it is contiguous and fills its memory, and copies it
    /// otherwise.
    pub fn from_tensor(tensor: FlexTensor) -> Self {
        let is_whole_buffer = tensor.is_contiguous()
            && tensor.layout().start_offset() == 0
            && tensor.storage::<f32>().len() == tensor.layout().num_elements();
        Self(if is_whole_buffer { tensor } else { tensor.to_contiguous() })
    }

    /// Builds a tensor of this shape from its values in row-major order.
    pub fn from_values(values: Vec<f32>, shape: impl Into<Shape>) -> Self {
        Self(FlexTensor::new(
            Bytes::from_elems(values),
            Layout::contiguous(shape.into()),
            DType::F32,
        ))
    }

    /// The values in row-major order.
    pub fn values(&self) -> &[f32] {
        self.0.storage()
    }

    /// The values for writing; they are copied first if another tensor shares the memory.
    pub fn values_mut(&mut self) -> &mut [f32] {
        self.0.storage_mut()
    }

    /// The same tensor as Burn knows it.
    pub fn into_tensor(self) -> FlexTensor {
        self.0
    }

    /// The dimensions of a tensor whose rank is known.
    pub fn dims<const D: usize>(&self) -> [usize; D] {
        dims(&self.0)
    }
}
