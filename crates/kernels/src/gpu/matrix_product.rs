//! The product of two square matrices, which training steps are measured against.
#![allow(
    unsafe_code,
    reason = "a launch checks no index: the kernels bound their own reads and writes"
)]

use burn::backend::Cube;
use burn::tensor::Tensor;
use cubecl::prelude::CubeDim;

use crate::gpu::cube::matrix_product::matrix_product as kernel;
use crate::gpu::launch::{buffer, cubes_for, dims, empty};
use crate::gpu::primitive::primitive;

/// Rows of a unit's tile. With four columns it has 32 sums, which fit into the registers of every
/// GPU.
const ROWS: usize = 8;
/// Columns of a unit's tile.
const COLUMNS: usize = 4;

/// The product of two square matrices, which are not tracked by autodiff.
///
/// # Shapes
/// `[side, side]` each, where `side` is a multiple of 8
///
/// # Panics
/// If the matrices are not of one such shape, or not on a GPU: ask [`crate::runs_on_gpu`] first.
pub fn matrix_product(left: Tensor<2>, right: Tensor<2>) -> Tensor<2> {
    let [left, right] = [left, right].map(primitive);
    let [side, columns] = dims(&left);
    assert!(
        side == columns && dims::<2>(&right) == [side, side] && side.is_multiple_of(ROWS),
        "the matrices are not square, not of one size, or do not fit the tiles"
    );
    let product = empty(&left, [side, side]);
    let vectors = side / COLUMNS;
    // SAFETY: all three buffers have `side` rows of `vectors` vectors, by which the kernel bounds
    // itself.
    unsafe {
        kernel::launch_unchecked(
            &left.client,
            cubes_for(side / ROWS * vectors, 64),
            CubeDim::new_1d(64),
            COLUMNS,
            buffer(&left),
            buffer(&right),
            buffer(&product),
            side,
            vectors,
            ROWS,
        );
    }
    Tensor::from_primitive::<Cube>(product)
}
