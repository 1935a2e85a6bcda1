//! How the products are cut into cubes and units.
//!
//! A unit keeps a block of sums in registers: channels times pixels, or channels times columns.
//! Large blocks fetch less; small layers want small ones, or most of a cube would compute nothing.

/// Units that keep a large GPU busy enough; fewer are only had where a layer has no more.
const ENOUGH: usize = 512;
/// More units than these only make more parts to add up.
const PLENTY: usize = 4096;

/// Whether strips of so many pixels waste at most a fifth of themselves on pictures of this height.
fn fills(pixels: usize, height: usize) -> bool {
    4 * height.next_multiple_of(pixels) <= 5 * height
}

/// The cut of a gathering product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gather {
    /// Channels a unit computes.
    pub rows: usize,
    /// Pixels a unit computes, one below another.
    pub pixels: usize,
    /// Units of a cube.
    pub units: usize,
}

impl Gather {
    /// For channels that come out, the height of what is written, and its lanes: all columns of
    /// tiles of all pictures. `phases` is how many columns a tile has (its height is a multiple
    /// of that), `taps` how many weights a channel has.
    pub fn new(rows: usize, height: usize, lanes: usize, phases: usize, taps: usize) -> Self {
        let fits = |pixels: usize, own: usize| {
            let tall = pixels.is_multiple_of(phases) && fills(pixels, height.max(phases));
            // Sums are registers, and sums times taps are lines of the compiled kernel.
            tall && pixels * phases * own <= 128 && pixels * own * taps <= 1200
        };
        let units =
            |pixels: usize, own: usize| lanes * height.div_ceil(pixels) * rows.div_ceil(own);
        // From the tile that fetches least to the one that leaves most units.
        let cuts = [(8, 16), (8, 8), (4, 8), (2, 8), (4, 4), (2, 4), (1, 8), (1, 4)]
            .map(|(pixels, own)| (pixels * phases.min(2), own));
        let fitting = || {
            cuts.into_iter().filter(|&(pixels, own)| (own <= rows || own == 4) && fits(pixels, own))
        };
        let (pixels, own) = fitting()
            .find(|&(pixels, own)| units(pixels, own) >= ENOUGH)
            .or_else(|| fitting().next_back())
            .unwrap_or((phases, 4));
        Self { rows: own, pixels, units: if units(pixels, own) >= 64 * 64 { 64 } else { 32 } }
    }
}

/// The cut of a weight gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight {
    /// Output channels a unit computes.
    pub rows: usize,
    /// Input channels a unit computes.
    pub inner: usize,
    /// Pixels a unit fetches at once, one below another.
    pub pixels: usize,
    /// Tiles of weights.
    pub tiles: usize,
    /// Parts of the pixels.
    pub parts: usize,
}

impl Weight {
    /// For channels out and in, the filter's side, and the output's height and lanes: all columns
    /// of all pictures.
    pub fn new(rows: usize, inner: usize, ks: usize, height: usize, lanes: usize) -> Self {
        let own = if rows <= 4 { 4 } else { 8 };
        // At most 96 sums, which are registers.
        let block = (96 / (own * ks)).clamp(1, if ks == 1 { 8 } else { 4 }).min(inner);
        let pixels = [4, 2].into_iter().find(|&pixels| fills(pixels, height)).unwrap_or(1);
        let tiles = rows.div_ceil(own) * inner.div_ceil(block) * ks;
        let items = lanes * height.div_ceil(pixels);
        // Few pixels are gone through by one unit: adding parts up would cost a dispatch more.
        let parts = if items <= 64 {
            1
        } else {
            items.div_ceil(32).min(PLENTY.div_ceil(tiles)).next_multiple_of(4)
        };
        Self { rows: own, inner: block, pixels, tiles, parts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_fit_registers_and_pictures() {
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
                    let lanes = 16 * height;
                    let Gather { rows: own, pixels, units } =
                        Gather::new(rows, height, lanes, phases, ks * ks);
                    assert!(own % 4 == 0 && pixels % phases == 0 && units % 32 == 0);
                    assert!(
                        own * pixels * phases <= 128,
                        "{rows} {height} {ks}: {own} by {pixels}"
                    );
                    assert!(own < rows + 4, "{rows} rows in tiles of {own}");
                    assert!(
                        4 * height.next_multiple_of(pixels) <= 5 * height.max(phases)
                            || pixels <= phases,
                        "{height} in strips of {pixels}"
                    );
                    let cut = Weight::new(rows, rows, ks, height, lanes);
                    assert!(cut.rows * cut.inner * ks <= 96 && cut.inner <= rows);
                    assert!(cut.tiles * (cut.parts - 1) <= PLENTY + 4 * cut.tiles, "{cut:?}");
                }
            }
        }
    }

    #[test]
    fn small_pictures_have_one_part() {
        assert_eq!(Weight::new(64, 64, 3, 4, 16 * 4).parts, 1);
        assert_eq!(Weight::new(16, 8, 3, 32, 16 * 32).parts, 128);
    }
}
