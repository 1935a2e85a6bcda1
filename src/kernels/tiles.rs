//! How the products are cut into cubes of 64 units.
//!
//! A unit holds 8 rows of 4 columns in registers. The 64 units of a cube lie in a rectangle that wastes as little as it can: a
//! layer of 8 channels wants one unit over the rows and 64 over the pixels, one of 64 channels eight and eight.

/// Units of a cube, in every product.
pub(super) const UNITS: u32 = 64;
/// Cubes that keep a large GPU busy.
const MANY: usize = 256;

/// A product's cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiles {
    /// Units over the columns.
    pub wide: usize,
    /// Units over the rows.
    pub tall: usize,
}

impl Tiles {
    /// For the forward pass and the input's gradient: all 64 units, few of them over rows that are not there.
    pub fn gather(rows: usize) -> Self {
        let tall = match rows {
            0..=8 => 1,
            9..=16 => 2,
            17..=32 => 4,
            _ => 8,
        };
        Self { wide: 64 / tall, tall }
    }

    /// For the weights' gradient, where both sides may be small; what is left of the 64 units shares the pixels.
    pub fn weight(rows: usize, columns: usize) -> Self {
        let tall = rows.div_ceil(8).next_power_of_two().min(4);
        let wide = columns.div_ceil(4).next_power_of_two().min(16);
        Self { wide, tall }
    }

    /// Cubes over `columns` and `rows`.
    pub fn cubes(self, columns: usize, rows: usize) -> [usize; 2] {
        [columns.div_ceil(self.wide * 4), rows.div_ceil(self.tall * 8)]
    }
}

/// Inner steps a turn: few channels should not be padded to many.
pub(super) fn depth(inner: usize) -> usize {
    match inner {
        0..=4 => 4,
        5..=8 => 8,
        _ => 16,
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
    fn units_are_all_there() {
        for rows in 1..200 {
            let tiles = Tiles::gather(rows);
            assert_eq!(tiles.wide * tiles.tall, 64);
            for columns in [1, 3, 27, 72, 1152] {
                let tiles = Tiles::weight(rows, columns);
                assert_eq!(64 % (tiles.wide * tiles.tall), 0, "{rows} × {columns}");
            }
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
