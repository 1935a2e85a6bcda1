//! How the products are cut into cubes and units.
//!
//! A unit keeps a block of sums in registers: channels times pixels, or channels times columns. Large blocks fetch less; small layers
//! want small ones, or most of a cube would compute nothing.

/// Cubes that keep a large GPU busy.
const MANY: usize = 256;
/// Units that keep a large GPU busy enough; fewer are only had where a layer has no more.
const ENOUGH: usize = 512;
/// Most units of a weight gradient's cube; 256 are allowed everywhere.
const MOST: usize = 128;

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
    /// For channels that come out, the height of what is written, and its lanes: all columns of tiles of all pictures.
    /// `phases` is how many columns a tile has (its height is a multiple of that), `taps` how many weights a channel has.
    pub fn new(rows: usize, height: usize, lanes: usize, phases: usize, taps: usize) -> Self {
        let fits = |pixels: usize, own: usize| {
            let tall = pixels.is_multiple_of(phases) && 4 * height.next_multiple_of(pixels) <= 5 * height.max(phases);
            // Sums are registers, and sums times taps are lines of the compiled kernel.
            tall && pixels * phases * own <= 128 && pixels * own * taps <= 1200
        };
        let units = |pixels: usize, own: usize| lanes * height.div_ceil(pixels) * rows.div_ceil(own);
        // From the tile that fetches least to the one that leaves most units.
        let cuts = [(8, 16), (8, 8), (4, 8), (2, 8), (4, 4), (2, 4), (1, 8), (1, 4)].map(|(pixels, own)| (pixels * phases.min(2), own));
        let fitting = || cuts.into_iter().filter(|&(pixels, own)| (own <= rows || own == 4) && fits(pixels, own));
        let (pixels, own) =
            fitting().find(|&(pixels, own)| units(pixels, own) >= ENOUGH).or_else(|| fitting().last()).unwrap_or((phases, 4));
        Self { rows: own, pixels, units: if units(pixels, own) >= 64 * 64 { 64 } else { 32 } }
    }
}

/// The cut of a weight gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weight {
    /// Channels a unit computes.
    pub rows: usize,
    /// Columns a unit computes.
    pub columns: usize,
    /// Units of a cube, all over the columns.
    pub units: usize,
}

impl Weight {
    /// For so many output channels and (input channel, tap) pairs. A cube is as wide as its columns: 27 of them are 28 units, not 64.
    pub fn new(rows: usize, columns: usize) -> Self {
        let own = match columns {
            0..128 => 1,
            128..256 => 2,
            _ => 4,
        };
        let cubes = columns.div_ceil(own * MOST);
        let units = columns.div_ceil(own * cubes).next_multiple_of(4);
        Self { rows: if rows <= 8 { 8 } else { 16 }, columns: own, units }
    }
}

/// Pixels that a cube of a weight gradient goes through: as many cubes as keep the device busy, at least 64 pixels each.
pub(super) fn share(pixels: usize, cubes: usize) -> usize {
    let parts = (MANY / cubes.max(1)).clamp(1, pixels.div_ceil(64).max(1));
    pixels.div_ceil(parts).next_multiple_of(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cubes_hold_every_column_and_few_more() {
        for columns in 1..3000 {
            let Weight { columns: own, units, rows } = Weight::new(columns % 40 + 1, columns);
            assert!(units % 4 == 0 && units <= MOST && rows % 4 == 0);
            let padded = columns.next_multiple_of(own * units);
            assert!(padded - columns < 4 * own * padded.div_ceil(own * units), "{columns} columns became {padded}");
        }
    }

    #[test]
    fn shares_cover_every_pixel() {
        for pixels in [1, 16, 17, 64, 4096, 262_144] {
            for cubes in [1, 5, 300] {
                let share = share(pixels, cubes);
                assert_eq!(share % 16, 0);
                let parts = pixels.div_ceil(share);
                assert!(parts * share >= pixels && parts <= MANY);
            }
        }
    }
}
