//! Tile sizes: how the matrix products of a convolution are cut into units and cubes.
//!
//! A unit keeps a tile of sums in registers: output channels times pixels, or output channels times
//! weights. A large tile reads less memory for each product. A small layer wants small tiles,
//! though: with large ones there would be too few units to keep the GPU busy, and most of each tile
//! would lie outside of the layer. How many sums fit into registers, and how many units keep it
//! busy, depends on the GPU: [`Chip`].

use crate::chip::Chip;

/// Most units for a weight gradient, unless the GPU wants more. More than these would only produce
/// more partial sums to add up.
const MAX_PARTIAL_SUMS: usize = 4096;
/// Strips of pixels that a unit of a weight gradient goes through at least, times the units that
/// the GPU wants: the more units it wants, the fewer strips has each.
const STRIPS_TIMES_UNITS: usize = 16_384;
/// One unit goes through so many strips of a weight gradient by itself: a second dispatch, to add
/// up partial sums, would cost more than it saves.
const STRIPS_OF_ONE_UNIT: usize = 64;

/// Whether at most a fifth of the strips of `pixels` rows lies outside of a feature map of this
/// height.
fn fits_height(pixels: usize, height: usize) -> bool {
    4 * height.next_multiple_of(pixels) <= 5 * height
}

/// The tile of one unit in an implicit matrix product (GEMM), and the size of a cube.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GemmTile {
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
    pub fn new(
        chip: Chip,
        rows: usize,
        height: usize,
        columns: usize,
        phases: usize,
        taps: usize,
    ) -> Self {
        let fits = |pixels: usize, unit_rows: usize| {
            let tall = pixels.is_multiple_of(phases) && fits_height(pixels, height.max(phases));
            // Every sum is a register, and every sum times tap is a line of the compiled kernel.
            tall && pixels * phases * unit_rows <= chip.sums && pixels * unit_rows * taps <= 1200
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
            .find(|&(pixels, unit_rows)| units(pixels, unit_rows) >= chip.units)
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
pub(crate) struct WeightGradTile {
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
    pub fn new(
        chip: Chip,
        rows: usize,
        inner: usize,
        ks: usize,
        height: usize,
        columns: usize,
    ) -> Self {
        // A quarter fewer sums than in the other products: the gradients of the pixels are
        // registers too.
        let sums = chip.sums * 3 / 4;
        let unit_rows = if rows <= 4 || 8 * ks > sums { 4 } else { 8 };
        let block = (sums / (unit_rows * ks)).clamp(1, if ks == 1 { 8 } else { 4 }).min(inner);
        let pixels = [4, 2]
            .into_iter()
            .find(|&pixels| fits_height(pixels, height) && pixels * unit_rows <= chip.sums / 2)
            .unwrap_or(1);
        let tiles = rows.div_ceil(unit_rows) * inner.div_ceil(block) * ks;
        let items = columns * height.div_ceil(pixels);
        let partials = if items <= STRIPS_OF_ONE_UNIT {
            1
        } else {
            let most_units = MAX_PARTIAL_SUMS.max(chip.units);
            let strips = (STRIPS_TIMES_UNITS / chip.units).max(1);
            items.div_ceil(strips).min(most_units.div_ceil(tiles)).next_multiple_of(4)
        };
        Self { rows: unit_rows, inner: block, pixels, tiles, partials }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::{CHIPS, SOFTWARE};

    #[test]
    fn tiles_fit_registers_and_feature_maps() {
        for chip in CHIPS {
            for rows in [1, 3, 8, 10, 64, 128, 512] {
                for height in [1, 2, 3, 4, 7, 8, 14, 32, 64, 112] {
                    tiles_fit(chip, rows, height);
                }
            }
        }
    }

    fn tiles_fit(chip: Chip, rows: usize, height: usize) {
        for (ks, phases) in [(1, 1), (3, 1), (3, 2), (1, 2), (7, 1), (7, 2)] {
            let columns = 16 * height;
            let GemmTile { rows: unit_rows, pixels, units } =
                GemmTile::new(chip, rows, height, columns, phases, ks * ks);
            assert!(unit_rows % 4 == 0 && pixels % phases == 0 && units % 32 == 0);
            assert!(
                unit_rows * pixels * phases <= chip.sums,
                "{chip}: {rows} {height} {ks}: {unit_rows} by {pixels}"
            );
            assert!(unit_rows < rows + 4, "{rows} rows in tiles of {unit_rows}");
            assert!(
                4 * height.next_multiple_of(pixels) <= 5 * height.max(phases) || pixels <= phases,
                "{height} in strips of {pixels}"
            );
            let tile = WeightGradTile::new(chip, rows, rows, ks, height, columns);
            // Four output channels of one input channel are the least that there is.
            assert!(tile.rows * tile.inner * ks <= (chip.sums * 3 / 4).max(4 * ks), "{tile:?}");
            assert!(tile.rows.is_multiple_of(4) && tile.inner <= rows && tile.pixels >= 1);
            assert!(
                tile.tiles * (tile.partials - 1)
                    <= MAX_PARTIAL_SUMS.max(chip.units) + 4 * tile.tiles,
                "{chip}: {tile:?}"
            );
        }
    }

    #[test]
    fn small_feature_maps_have_one_partial_sum() {
        for chip in CHIPS {
            let partials = WeightGradTile::new(chip, 64, 64, 3, 2, 16 * 2).partials;
            assert_eq!(partials, 1, "{chip}");
        }
        assert_eq!(WeightGradTile::new(SOFTWARE, 64, 64, 3, 4, 16 * 4).partials, 1);
        assert_eq!(WeightGradTile::new(SOFTWARE, 16, 8, 3, 32, 16 * 32).partials, 128);
    }

    /// A run on a software adapter goes on with the bits that it would have had, so its tiles must
    /// not change. These were written down before tiles depended on the GPU. For a product: output
    /// channels, height, columns, phases and taps; then rows, pixels and units of a cube. For a
    /// weight gradient: output and input channels, side of the filter, height and columns; then
    /// rows, input channels, pixels, tiles and partial sums.
    #[test]
    fn software_adapters_have_the_tiles_that_all_adapters_had() {
        let products = [
            ([8, 32, 512, 1, 9], [8, 8, 32]),
            ([16, 32, 512, 1, 9], [16, 8, 32]),
            ([16, 16, 256, 1, 9], [16, 8, 32]),
            ([32, 8, 128, 1, 9], [8, 8, 32]),
            ([64, 4, 64, 1, 9], [8, 4, 32]),
            ([128, 2, 32, 1, 9], [8, 2, 32]),
            ([128, 2, 32, 1, 1], [8, 2, 32]),
            ([16, 16, 128, 2, 9], [8, 8, 32]),
            ([32, 8, 64, 2, 9], [8, 4, 32]),
            ([64, 4, 32, 2, 9], [4, 4, 32]),
            ([3, 7, 21, 1, 9], [4, 1, 32]),
            ([64, 32, 2048, 1, 9], [16, 8, 64]),
            ([512, 7, 448, 1, 1], [16, 8, 64]),
            ([64, 112, 7168, 1, 49], [8, 2, 64]),
            ([3, 224, 1792, 2, 49], [4, 4, 64]),
            ([512, 4, 256, 1, 9], [8, 4, 64]),
        ];
        for ([rows, height, columns, phases, taps], wanted) in products {
            let tile = GemmTile::new(SOFTWARE, rows, height, columns, phases, taps);
            assert_eq!([tile.rows, tile.pixels, tile.units], wanted, "{rows} {height} {taps}");
        }
        let weights = [
            ([8, 3, 3, 32, 512], [8, 3, 4, 3, 128]),
            ([16, 8, 3, 32, 512], [8, 4, 4, 12, 128]),
            ([16, 16, 3, 16, 256], [8, 4, 4, 24, 32]),
            ([32, 16, 3, 8, 128], [8, 4, 4, 48, 8]),
            ([32, 16, 1, 8, 128], [8, 8, 4, 8, 8]),
            ([64, 64, 3, 4, 64], [8, 4, 4, 384, 1]),
            ([128, 64, 1, 2, 32], [8, 8, 2, 128, 1]),
            ([4, 3, 3, 9, 30], [4, 3, 2, 3, 8]),
            ([64, 3, 7, 112, 7168], [8, 1, 4, 168, 28]),
            ([512, 512, 3, 4, 256], [8, 4, 4, 24576, 4]),
            ([512, 2048, 1, 7, 448], [8, 8, 4, 16384, 4]),
            ([10, 17, 5, 5, 85], [8, 2, 2, 90, 8]),
        ];
        for ([rows, inner, ks, height, columns], wanted) in weights {
            let tile = WeightGradTile::new(SOFTWARE, rows, inner, ks, height, columns);
            let found = [tile.rows, tile.inner, tile.pixels, tile.tiles, tile.partials];
            assert_eq!(found, wanted, "{rows} {inner} {ks} {height}");
        }
    }
}
