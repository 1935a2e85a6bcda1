//! Convolution as an implicit matrix product (GEMM; Chetlur et al. 2014, "cuDNN: Efficient
//! Primitives for Deep Learning", arXiv:1410.0759): the forward pass, and the gradient of the
//! input.
//!
//! The product is `[rows, inner · taps] × [inner · taps, pixels]`, but the right-hand matrix, the
//! columns of im2col, is never written to memory: each element is read from the source where it
//! lies.
//!
//! A unit keeps a tile of sums in registers: `rows` output channels of `pixels` pixels, one below
//! another in one column (for the gradient of the input, in `stride` neighbouring columns). Each
//! number that it reads from the source serves every output channel, and every tap that sees it;
//! each weight serves every pixel of the tile.
//!
//! Neighbouring units have neighbouring columns, so that together they read neighbouring addresses.
//! They need the same weight at the same time, and read it where it lies: the hardware fetches it
//! once for all of them, without workgroup memory and without a barrier.
//!
//! Tensors are contiguous: source and target `[n, c, h, w]`, weight `[co, ci, ks, ks]`.

use cubecl::prelude::*;

use crate::gpu::cube::gemm_shape::GemmShape;

/// Four numbers that are processed together.
pub(crate) type Vec4 = Vector<f32, Const<4>>;

/// The sizes of an implicit matrix product that may change from launch to launch.
#[derive(CubeType, CubeLaunch)]
pub(crate) struct GemmGeometry {
    /// Channels of the target.
    pub rows: usize,
    /// Channels of the source.
    pub inner: usize,
    /// Batch size.
    pub batch: usize,
    /// Height of the source in pixels.
    pub source_h: usize,
    /// Width of the source in pixels.
    pub source_w: usize,
    /// Height of the target in pixels.
    pub target_h: usize,
    /// Width of the target in pixels.
    pub target_w: usize,
}

/// `target[n, row, y, x] = Σ over c and taps of weight[row, c, tap] · source[n, c, y',
/// x']`, where `(y', x')` is the pixel that `(y, x)` sees through the tap.
///
/// Units are numbered by tile first and by block of output channels second, so that a small feature
/// map leaves no unit of a cube idle. With `shape.uniform_rows` the cube's second number is the
/// block, and units for which no tile is left compute the last one and write nothing. The compiler
/// then sees that a weight is the same for all units of a cube: a scalar load on AMD, Intel and
/// Apple, and one address on NVIDIA.
///
/// # Shapes
/// Source: `[batch, inner, source_h, source_w]`; target: `[batch, rows, target_h, target_w]`;
/// weight: `[rows, inner, ks, ks]`, or for a gradient `[inner, rows, ks, ks]`
#[cube(launch_unchecked)]
pub(crate) fn implicit_gemm_product(
    weight: &[f32],
    source: &[f32],
    target: &mut [f32],
    geometry: &GemmGeometry,
    #[comptime] shape: GemmShape,
) {
    let groups = comptime!(shape.rows / 4);
    let unit_pixels = comptime!(shape.pixels);
    let columns = comptime!(shape.columns());
    let ks = comptime!(shape.ks);
    let window_h = comptime!(shape.extent(shape.pixels));
    let window_w = comptime!(shape.extent(shape.columns()));
    let lead = comptime!(shape.lead() as i32);

    let source_h = geometry.source_h as i32;
    let source_w = geometry.source_w as i32;
    let plane = geometry.source_h * geometry.source_w;
    let target_plane = geometry.target_h * geometry.target_w;
    let tile_columns = (geometry.target_w + comptime!(shape.columns() - 1)) / columns;
    let tile_rows = (geometry.target_h + comptime!(shape.pixels - 1)) / unit_pixels;
    let tiles = tile_columns * tile_rows * geometry.batch;
    let position = if comptime!(shape.uniform_rows) {
        CUBE_POS_Z as usize * CUBE_COUNT_X as usize * CUBE_DIM_X as usize + ABSOLUTE_POS_X as usize
    } else {
        ABSOLUTE_POS
    };
    let tile = if comptime!(shape.uniform_rows) {
        select(position < tiles, position, tiles - 1)
    } else {
        position % tiles
    };
    let row_block =
        if comptime!(shape.uniform_rows) { CUBE_POS_Y as usize } else { position / tiles };
    let writes = comptime!(!shape.uniform_rows) || position < tiles;
    let x = tile % tile_columns * columns;
    let y = tile / tile_columns % tile_rows * unit_pixels;
    let n = tile / (tile_columns * tile_rows);
    let first_row = row_block * comptime!(shape.rows);

    // The rows and columns of the source in the tile's window, and whether they lie inside of it.
    // These are sequences and not arrays, because every driver keeps a variable of its own in a
    // register, but not every driver an element of an array.
    let start = n * geometry.inner * plane;
    let top = if comptime!(shape.transposed) {
        y / comptime!(shape.stride)
    } else {
        y * comptime!(shape.stride)
    } as i32
        - lead;
    let left = if comptime!(shape.transposed) {
        x / comptime!(shape.stride)
    } else {
        x * comptime!(shape.stride)
    } as i32
        - lead;
    let mut source_row = Sequence::<usize>::new();
    let mut row_valid = Sequence::<bool>::new();
    #[unroll]
    for j in 0..window_h {
        let at = top + comptime!(j as i32);
        let inside = at >= 0 && at < source_h;
        row_valid.push(inside);
        let clamped = select(inside, at, select(at < 0, 0i32, source_h - 1));
        source_row.push(start + clamped as usize * geometry.source_w);
    }
    // A column outside of the source is not clamped to its edge, because neighbouring units should
    // read neighbouring addresses. The number that is read there belongs to another row, and counts
    // as zero. Only where the address would lie outside of the whole buffer is the column clamped.
    let first = start < window_w;
    let last = start + geometry.inner * plane + window_w > geometry.batch * geometry.inner * plane;
    let mut source_column = Sequence::<i32>::new();
    let mut column_valid = Sequence::<bool>::new();
    #[unroll]
    for i in 0..window_w {
        let at = left + comptime!(i as i32);
        column_valid.push(at >= 0 && at < source_w);
        let clamped = select(at < 0 && first, 0i32, at);
        source_column.push(select(at >= source_w && last, source_w - 1, clamped));
    }
    // Where this unit's output channels start in the weight. A channel behind the last one reads
    // the weights of the last, and is not written.
    let taps = comptime!(shape.ks * shape.ks);
    let row_step = if comptime!(shape.transposed) { taps.runtime() } else { geometry.inner * taps };
    let channel_step =
        if comptime!(shape.transposed) { geometry.rows * taps } else { taps.runtime() };
    let mut row_start = Sequence::<usize>::new();
    #[unroll]
    for r in 0..comptime!(shape.rows) {
        let row = first_row + r;
        row_start.push(select(row < geometry.rows, row, geometry.rows - 1) * row_step);
    }

    let mut sums = Sequence::<RuntimeCell<Vec4>>::new();
    #[unroll]
    for _ in 0..comptime!(shape.pixels * shape.columns() * shape.rows / 4) {
        sums.push(RuntimeCell::<Vec4>::new(Vec4::new(0.0f32)));
    }
    for channel in 0..geometry.inner {
        let channel_start = channel * plane;
        let mut weight_starts = Sequence::<usize>::new();
        #[unroll]
        for r in 0..comptime!(shape.rows) {
            weight_starts.push(row_start[r] + channel * channel_step);
        }
        let mut row_offsets = Sequence::<i32>::new();
        #[unroll]
        for j in 0..window_h {
            row_offsets.push((source_row[j] + channel_start) as i32);
        }
        #[unroll]
        for i in 0..window_w {
            let mut seen = Sequence::<Vec4>::new();
            #[unroll]
            for j in 0..window_h {
                let value = source[(row_offsets[j] + source_column[i]) as usize];
                seen.push(Vec4::new(select(row_valid[j] && column_valid[i], value, 0.0f32)));
            }
            #[unroll]
            for tap_x in 0..ks {
                if comptime!(shape.uses(tap_x, i)) {
                    #[unroll]
                    for tap_y in 0..ks {
                        #[unroll]
                        for g in 0..groups {
                            let tap = comptime!(tap_y * ks + tap_x);
                            let mut weight4 = Vec4::new(0.0f32);
                            #[unroll]
                            for r in 0..4usize {
                                weight4
                                    .insert(r, weight[weight_starts[comptime!(g * 4 + r)] + tap]);
                            }
                            #[unroll]
                            for q in 0..columns {
                                if comptime!(shape.source_index(q, tap_x) == Some(i)) {
                                    #[unroll]
                                    for p in 0..unit_pixels {
                                        if comptime!(shape.source_index(p, tap_y).is_some()) {
                                            let sum = &sums
                                                [comptime!((q * unit_pixels + p) * groups + g)];
                                            sum.store(
                                                sum.read()
                                                    + weight4
                                                        * seen[comptime!(
                                                            shape
                                                                .source_index(p, tap_y)
                                                                .unwrap_or(0)
                                                        )],
                                            );
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    #[unroll]
    for q in 0..columns {
        #[unroll]
        for p in 0..unit_pixels {
            if writes && y + p < geometry.target_h && x + q < geometry.target_w {
                let address = (n * geometry.rows + first_row) * target_plane
                    + (y + p) * geometry.target_w
                    + x
                    + q;
                #[unroll]
                for r in 0..comptime!(shape.rows) {
                    if first_row + r < geometry.rows {
                        let sum = sums[comptime!((q * unit_pixels + p) * groups + r / 4)].read();
                        target[address + r * target_plane] = sum.extract(comptime!(r % 4));
                    }
                }
            }
        }
    }
}
