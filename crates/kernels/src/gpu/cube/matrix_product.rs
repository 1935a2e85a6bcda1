//! A plain product of two square matrices, cut as by a program that knows nothing of the GPU: what
//! training steps are measured against.
//!
//! A unit keeps `rows` rows of `N` columns in registers and reads vectors of `N` numbers.
//! Neighbouring units have neighbouring columns.

use cubecl::prelude::*;

/// `product = left · right`. `side` is the number of rows, `vectors` that of the vectors in a row;
/// `side` is a multiple of `rows` and of 4, which is `N`.
///
/// # Shapes
/// All three: `[side, side]`
#[cube(launch_unchecked)]
pub(crate) fn matrix_product<N: Size>(
    left: &[Vector<f32, N>],
    right: &[Vector<f32, N>],
    product: &mut [Vector<f32, N>],
    side: usize,
    vectors: usize,
    #[comptime] rows: usize,
) {
    let unit_rows = comptime!(rows);
    let column = ABSOLUTE_POS % vectors;
    let first_row = ABSOLUTE_POS / vectors * unit_rows;
    if first_row < side {
        let mut sums = Sequence::<RuntimeCell<Vector<f32, N>>>::new();
        #[unroll]
        for _ in 0..unit_rows {
            sums.push(RuntimeCell::<Vector<f32, N>>::new(Vector::<f32, N>::new(0.0f32)));
        }
        for k in 0..vectors {
            let mut block = Sequence::<Vector<f32, N>>::new();
            #[unroll]
            for i in 0..4usize {
                block.push(right[(k * 4 + i) * vectors + column]);
            }
            #[unroll]
            for r in 0..unit_rows {
                let factors = left[(first_row + r) * vectors + k];
                let sum = &sums[r];
                #[unroll]
                for i in 0..4usize {
                    sum.store(sum.read() + Vector::<f32, N>::new(factors.extract(i)) * block[i]);
                }
            }
        }
        #[unroll]
        for r in 0..unit_rows {
            product[(first_row + r) * vectors + column] = sums[r].read();
        }
    }
}
