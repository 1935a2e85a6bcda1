//! Feature maps on the CPU: a strided Flex tensor `[n, c, h, w]` whose memory has the layout of
//! [`HwcnShape`].
//!
//! To Burn this is an ordinary tensor with permuted strides, so that any of its operations can read
//! it. None has to between two layers of a network: one layer's output already has the layout that
//! the next layer reads.

use burn::backend::TensorMetadata;
use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::{Bytes, DType, Shape};

use crate::cpu::hwcn_shape::HwcnShape;
use crate::cpu::parallel::for_each;

/// A batch of feature maps in the HWCN layout.
///
/// # Shapes
/// `[n, c, h, w]`, `f32`
#[derive(Clone, Debug)]
pub(super) struct HwcnTensor {
    /// Shape and memory layout.
    pub shape: HwcnShape,
    tensor: FlexTensor,
}

/// Number of columns that are copied from one image before the next image's turn: a cache line of
/// floats, where the tensor that is copied is contiguous.
const CACHE_LINE_FLOATS: usize = 16;

impl HwcnTensor {
    /// Builds the tensor from values that are in the HWCN layout, padding included.
    pub fn from_values(shape: HwcnShape, values: Vec<f32>) -> Self {
        let HwcnShape { n, c, h, w } = shape;
        let layout = Layout::new(Shape::from([n, c, h, w]), strides(shape).to_vec(), 0);
        Self { shape, tensor: FlexTensor::new(Bytes::from_elems(values), layout, DType::F32) }
    }

    /// Takes a tensor over without a copy if its memory already has the HWCN layout, and copies it
    /// into that layout otherwise.
    ///
    /// # Shapes
    /// `[n, c, h, w]`
    pub fn from_tensor(tensor: FlexTensor) -> Self {
        let [n, c, h, w] = dims(&tensor);
        let shape = HwcnShape { n, c, h, w };
        let layout = tensor.layout();
        let same_stride =
            |(size, (one, other)): (&usize, (&isize, &isize))| *size == 1 || one == other;
        let is_hwcn =
            [n, c, h, w].iter().zip(layout.strides().iter().zip(&strides(shape))).all(same_stride);
        if is_hwcn && layout.start_offset() == 0 && tensor.storage::<f32>().len() == shape.len() {
            return Self { shape, tensor };
        }
        Self::from_values(shape, copy_to_hwcn(shape, &tensor))
    }

    /// The values in the HWCN layout, padding included.
    pub fn values(&self) -> &[f32] {
        self.tensor.storage()
    }

    /// The values of one chunk: `length` of them, from `start` on.
    ///
    /// # Panics
    /// If the chunk does not lie inside the tensor.
    pub fn chunk(&self, start: usize, length: usize) -> &[f32] {
        &self.values()[start..start + length]
    }

    /// The values for writing; they are copied first if another tensor shares the memory.
    pub fn values_mut(&mut self) -> &mut [f32] {
        self.tensor.storage_mut()
    }

    /// The same tensor as Burn knows it.
    pub fn into_tensor(self) -> FlexTensor {
        self.tensor
    }
}

/// The dimensions of a tensor whose rank is known.
pub(super) fn dims<const D: usize>(tensor: &FlexTensor) -> [usize; D] {
    let shape = tensor.shape();
    std::array::from_fn(|axis| shape[axis])
}

/// Strides of the dimensions `[n, c, h, w]`, in floats.
fn strides(shape: HwcnShape) -> [isize; 4] {
    [1, shape.padded_n(), shape.w * shape.pixel_stride(), shape.pixel_stride()]
        .map(|stride| stride as isize)
}

/// Copies a tensor with any strides into the HWCN layout, with zeros as padding.
///
/// # Shapes
/// `[n, c, h, w]`
fn copy_to_hwcn(shape: HwcnShape, tensor: &FlexTensor) -> Vec<f32> {
    let from: &[f32] = tensor.storage();
    let layout = tensor.layout();
    let stride: [isize; 4] = std::array::from_fn(|axis| layout.strides()[axis]);
    let offset = |index: [usize; 4]| {
        let steps =
            index.iter().zip(stride).map(|(index, stride)| *index as isize * stride).sum::<isize>();
        (layout.start_offset() as isize + steps) as usize
    };
    let mut values = vec![0.0; shape.len()];
    for_each(values.chunks_mut((shape.w * shape.pixel_stride()).max(1)), |y, row| {
        for channel in 0..shape.c {
            for left in (0..shape.w).step_by(CACHE_LINE_FLOATS) {
                for image in 0..shape.n {
                    for x in left..(left + CACHE_LINE_FLOATS).min(shape.w) {
                        row[x * shape.pixel_stride() + channel * shape.padded_n() + image] =
                            from[offset([image, channel, y, x])];
                    }
                }
            }
        }
    });
    values
}
