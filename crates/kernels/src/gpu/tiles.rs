//! Tile sizes: how the matrix products of a convolution are cut into units and cubes.
//!
//! A unit keeps a tile of sums in registers: output channels times pixels, or output channels times
//! weights. A large tile reads less memory for each product. A small layer wants small tiles,
//! though: with large ones there would be too few units to keep the GPU busy, and most of each tile
//! would lie outside of the layer.

/// Units that keep a large GPU busy. A tile that leaves fewer is chosen only if no tile leaves
/// more.
const MIN_UNITS: usize = 512;
/// Most units for a weight gradient. More than these would only produce more partial sums to add
/// up.
const MAX_PARTIAL_SUMS: usize = 4096;

/// Whether at most a fifth of the strips of `pixels` rows lies outside of a feature map of this
/// height.
fn fits_height(pixels: usize, height: usize) -> bool {
    4 * height.next_multiple_of(pixels) <= 5 * height
}

/// The tile of one unit in an implicit matrix product (GEMM), and the size of a cube.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GemmTile {
    /// Output channels of a tile.
    pub rows: usize,
    /// Pixels of a tile, one below another in each of its columns.
    pub pixels: usize,
    /// Units of a cube.
    pub units: usize,
}

impl GemmTile {
    /// Chooses the tile for a product with `rows` output channels and an output of this height.
    /// `columns` is the number of columns of tiles in all images together, `phases` the number of
    /// pixel columns of one tile (the tile's height is a multiple of it), and `taps` the number of
    /// weights for each pair of channels.
    pub fn new(rows: usize, height: usize, columns: usize, phases: usize, taps: usize) -> Self {
        let fits = |pixels: usize, unit_rows: usize| {
            let tall = pixels.is_multiple_of(phases) && fits_height(pixels, height.max(phases));
            // Every sum is a register, and every sum times tap is a line of the compiled kernel.
            tall && pixels * phases * unit_rows <= 128 && pixels * unit_rows * taps <= 1200
        };
        let units = |pixels: usize, unit_rows: usize| {
            columns * height.div_ceil(pixels) * rows.div_ceil(unit_rows)
        };
        // Ordered from the tile that reads the least memory to the one that leaves the most units.
        let candidates = [(8, 16), (8, 8), (4, 8), (2, 8), (4, 4), (2, 4), (1, 8), (1, 4)]
            .map(|(pixels, unit_rows)| (pixels * phases.min(2), unit_rows));
        let admissible = || {
            candidates.into_iter().filter(|&(pixels, unit_rows)| {
                (unit_rows <= rows || unit_rows == 4) && fits(pixels, unit_rows)
            })
        };
        let (pixels, unit_rows) = admissible()
            .find(|&(pixels, unit_rows)| units(pixels, unit_rows) >= MIN_UNITS)
            .or_else(|| admissible().next_back())
            .unwrap_or((phases, 4));
        Self {
            rows: unit_rows,
            pixels,
            units: if units(pixels, unit_rows) >= 64 * 64 { 64 } else { 32 },
        }
    }
}

/// The tile of one unit in a weight gradient, and how the work is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WeightGradTile {
    /// Output channels of a tile.
    pub rows: usize,
    /// Input channels of a tile.
    pub inner: usize,
    /// Output pixels that a unit reads at once, one below another.
    pub pixels: usize,
    /// Number of tiles that the weight is cut into.
    pub tiles: usize,
    /// Number of units that share a tile, each with a part of the pixels; so many partial sums are
    /// added up.
    pub partials: usize,
}

impl WeightGradTile {
    /// Chooses the tile for `rows` output and `inner` input channels, a filter of side `ks`, and an
    /// output of this height. `columns` is the number of pixel columns in all images together.
    pub fn new(rows: usize, inner: usize, ks: usize, height: usize, columns: usize) -> Self {
        let unit_rows = if rows <= 4 { 4 } else { 8 };
        // A tile has at most 96 sums, which are registers.
        let block = (96 / (unit_rows * ks)).clamp(1, if ks == 1 { 8 } else { 4 }).min(inner);
        let pixels = [4, 2].into_iter().find(|&pixels| fits_height(pixels, height)).unwrap_or(1);
        let tiles = rows.div_ceil(unit_rows) * inner.div_ceil(block) * ks;
        let items = columns * height.div_ceil(pixels);
        // A single unit goes through the pixels if they are few: a second dispatch, to add up
        // partial sums, would cost more than it saves.
        let partials = if items <= 64 {
            1
        } else {
            items.div_ceil(32).min(MAX_PARTIAL_SUMS.div_ceil(tiles)).next_multiple_of(4)
        };
        Self { rows: unit_rows, inner: block, pixels, tiles, partials }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_fit_registers_and_feature_maps() {
        for rows in [1, 3, 8, 10, 64, 128, 512] {
            for height in [1, 2, 3, 4, 7, 8, 14, 32, 64, 112] {
                for (ks, stride, transposed) in [
                    (1, 1, false),
                    (3, 1, false),
                    (3, 2, false),
                    (3, 2, true),
                    (1, 2, true),
                    (7, 2, false),
                    (7, 2, true),
                ] {
                    let phases = if transposed { stride } else { 1 };
                    let columns = 16 * height;
                    let GemmTile { rows: unit_rows, pixels, units } =
                        GemmTile::new(rows, height, columns, phases, ks * ks);
                    assert!(unit_rows % 4 == 0 && pixels % phases == 0 && units % 32 == 0);
                    assert!(
                        unit_rows * pixels * phases <= 128,
                        "{rows} {height} {ks}: {unit_rows} by {pixels}"
                    );
                    assert!(unit_rows < rows + 4, "{rows} rows in tiles of {unit_rows}");
                    assert!(
                        4 * height.next_multiple_of(pixels) <= 5 * height.max(phases)
                            || pixels <= phases,
                        "{height} in strips of {pixels}"
                    );
                    let tile = WeightGradTile::new(rows, rows, ks, height, columns);
                    assert!(tile.rows * tile.inner * ks <= 96 && tile.inner <= rows);
                    assert!(
                        tile.tiles * (tile.partials - 1) <= MAX_PARTIAL_SUMS + 4 * tile.tiles,
                        "{tile:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn small_feature_maps_have_one_partial_sum() {
        assert_eq!(WeightGradTile::new(64, 64, 3, 4, 16 * 4).partials, 1);
        assert_eq!(WeightGradTile::new(16, 8, 3, 32, 16 * 32).partials, 128);
    }
}
