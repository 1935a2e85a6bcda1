//! Tensors in the host's order: a strided Flex tensor `[n, c, h, w]` whose memory is a [`Grid`].
//!
//! To Burn they are tensors like others, only transposed: any of its operations can read them, and
//! none has to, since from layer to layer they stay as they are.

use burn::backend::TensorMetadata;
use burn::backend::flex::{FlexTensor, Layout};
use burn::tensor::{Bytes, DType, Shape};

use crate::cpu::grid::Grid;
use crate::cpu::parallel::each;

/// A batch of grids.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub grid: Grid,
    tensor: FlexTensor,
}

/// Floats read from one picture before the next: a cache line of them.
const LINE: usize = 16;

impl Batch {
    /// Of values in the host's order.
    pub fn new(grid: Grid, values: Vec<f32>) -> Self {
        let Grid { n, c, h, w } = grid;
        let layout = Layout::new(Shape::from([n, c, h, w]), strides(grid).to_vec(), 0);
        Self { grid, tensor: FlexTensor::new(Bytes::from_elems(values), layout, DType::F32) }
    }

    /// Takes a tensor `[n, c, h, w]` as it is where it is in the host's order, and copies it
    /// otherwise.
    pub fn from_tensor(tensor: FlexTensor) -> Self {
        let [n, c, h, w] = dims(&tensor);
        let grid = Grid { n, c, h, w };
        let layout = tensor.layout();
        let alike = |(size, (one, other)): (&usize, (&isize, &isize))| *size == 1 || one == other;
        let in_order =
            [n, c, h, w].iter().zip(layout.strides().iter().zip(&strides(grid))).all(alike);
        if in_order && layout.start_offset() == 0 && tensor.storage::<f32>().len() == grid.len() {
            return Self { grid, tensor };
        }
        Self::new(grid, in_order_of_pictures(grid, &tensor))
    }

    /// The values, in the host's order.
    pub fn values(&self) -> &[f32] {
        self.tensor.storage()
    }

    /// The same to write to; a copy where others hold them too.
    pub fn values_mut(&mut self) -> &mut [f32] {
        self.tensor.storage_mut()
    }

    /// As Burn knows it.
    pub fn into_tensor(self) -> FlexTensor {
        self.tensor
    }
}

/// Shape of a tensor whose rank is known.
pub(super) fn dims<const D: usize>(tensor: &FlexTensor) -> [usize; D] {
    let shape = tensor.shape();
    std::array::from_fn(|axis| shape[axis])
}

/// Floats to the next picture, channel, row, column.
fn strides(grid: Grid) -> [isize; 4] {
    [1, grid.lanes(), grid.w * grid.pixel(), grid.pixel()].map(|stride| stride as isize)
}

fn in_order_of_pictures(grid: Grid, tensor: &FlexTensor) -> Vec<f32> {
    let from: &[f32] = tensor.storage();
    let layout = tensor.layout();
    let stride: [isize; 4] = std::array::from_fn(|axis| layout.strides()[axis]);
    let place = |at: [usize; 4]| {
        let steps = at.iter().zip(stride).map(|(at, stride)| *at as isize * stride).sum::<isize>();
        (layout.start_offset() as isize + steps) as usize
    };
    let mut values = vec![0.0; grid.len()];
    each(values.chunks_mut((grid.w * grid.pixel()).max(1)), |y, row| {
        for channel in 0..grid.c {
            for left in (0..grid.w).step_by(LINE) {
                for picture in 0..grid.n {
                    for x in left..(left + LINE).min(grid.w) {
                        row[x * grid.pixel() + channel * grid.lanes() + picture] =
                            from[place([picture, channel, y, x])];
                    }
                }
            }
        }
    });
    values
}

/// A tensor's values one after another, as weights and vectors are kept.
#[derive(Clone, Debug)]
pub(super) struct Plain(FlexTensor);

impl Plain {
    /// Copies only what is not so already.
    pub fn new(tensor: FlexTensor) -> Self {
        let whole = tensor.is_contiguous()
            && tensor.layout().start_offset() == 0
            && tensor.storage::<f32>().len() == tensor.layout().num_elements();
        Self(if whole { tensor } else { tensor.to_contiguous() })
    }

    /// Of values.
    pub fn of(values: Vec<f32>, shape: impl Into<Shape>) -> Self {
        Self(FlexTensor::new(
            Bytes::from_elems(values),
            Layout::contiguous(shape.into()),
            DType::F32,
        ))
    }

    /// The values.
    pub fn values(&self) -> &[f32] {
        self.0.storage()
    }

    /// The same to write to; a copy where others hold them too.
    pub fn values_mut(&mut self) -> &mut [f32] {
        self.0.storage_mut()
    }

    /// As Burn knows it.
    pub fn into_tensor(self) -> FlexTensor {
        self.0
    }

    /// Shape of a tensor whose rank is known.
    pub fn dims<const D: usize>(&self) -> [usize; D] {
        dims(&self.0)
    }
}
