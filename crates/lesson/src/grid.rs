//! Small grids of numbers, as the demos show them: one channel, or several of one size.

/// Rows and columns a demo's grid may have at most. The largest picture of the page is 256 pixels
/// wide.
pub const LARGEST_SIDE: usize = 256;

/// Channels a demo's grid may have at most: the widest layer of a ResNet-50.
pub const MOST_CHANNELS: usize = 2048;

/// Why a grid or an operation on it was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// A side or a number of channels is 0 or too large.
    #[error(
        "a grid has 1 to {LARGEST_SIDE} rows and columns and 1 to {MOST_CHANNELS} channels; this \
         one would be {channels} × {height} × {width}"
    )]
    Size {
        /// Channels asked for.
        channels: usize,
        /// Rows asked for.
        height: usize,
        /// Columns asked for.
        width: usize,
    },
    /// The number of values is not the number of cells.
    #[error("the grid has {cells} cells, but {values} numbers were given")]
    Count {
        /// Cells of the grid.
        cells: usize,
        /// Numbers given.
        values: usize,
    },
    /// A value is infinite or not a number.
    #[error("number {index} of the grid is infinite or not a number; enter a plain number there")]
    NotFinite {
        /// Where, counted from 0 along the rows.
        index: usize,
    },
    /// A filter has another number of weights than the grid has channels.
    #[error(
        "a 1 × 1 filter needs one weight for each of the {channels} channels, but filter {filter} \
         has {weights}"
    )]
    Weights {
        /// Which filter, counted from 0.
        filter: usize,
        /// Weights it has.
        weights: usize,
        /// Channels of the grid.
        channels: usize,
    },
}

fn fits(channels: usize, height: usize, width: usize) -> Result<(), GridError> {
    let side = 1..=LARGEST_SIDE;
    if (1..=MOST_CHANNELS).contains(&channels) && side.contains(&height) && side.contains(&width) {
        Ok(())
    } else {
        Err(GridError::Size { channels, height, width })
    }
}

fn plain_numbers(cells: usize, values: &[f32]) -> Result<(), GridError> {
    if cells != values.len() {
        return Err(GridError::Count { cells, values: values.len() });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(GridError::NotFinite { index }),
        None => Ok(()),
    }
}

/// One channel: `height` rows of `width` finite numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    height: usize,
    width: usize,
    values: Vec<f32>,
}

impl Grid {
    /// A grid from its values, row after row.
    ///
    /// # Errors
    /// A size outside 1..=256, another number of values than cells, or a value that is not finite.
    pub fn new(height: usize, width: usize, values: Vec<f32>) -> Result<Self, GridError> {
        fits(1, height, width)?;
        plain_numbers(height * width, &values)?;
        Ok(Self { height, width, values })
    }

    /// A grid whose value in row `r`, column `c` is `value(r, c)`.
    ///
    /// # Errors
    /// As [`Grid::new`].
    pub fn from_fn(
        height: usize,
        width: usize,
        value: impl Fn(usize, usize) -> f32,
    ) -> Result<Self, GridError> {
        fits(1, height, width)?;
        let values = (0..height)
            .flat_map(|row| (0..width).map(move |column| (row, column)))
            .map(|(r, c)| value(r, c))
            .collect();
        Self::new(height, width, values)
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All values, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The value in a row and a column, or nothing outside the grid.
    pub fn get(&self, row: usize, column: usize) -> Option<f32> {
        if row < self.height && column < self.width {
            self.values.get(row * self.width + column).copied()
        } else {
            None
        }
    }

    /// The mean of all values, summed in double precision.
    pub fn mean(&self) -> f32 {
        (self.values.iter().copied().map(f64::from).sum::<f64>() / self.values.len() as f64) as f32
    }
}

/// Several channels of one size, in the order CHW.
#[derive(Clone, Debug, PartialEq)]
pub struct Channels {
    channels: usize,
    height: usize,
    width: usize,
    values: Vec<f32>,
}

impl Channels {
    /// A stack of channels from its values, channel after channel, row after row.
    ///
    /// # Errors
    /// As [`Grid::new`], and for 0 or more than 2,048 channels.
    pub fn new(
        channels: usize,
        height: usize,
        width: usize,
        values: Vec<f32>,
    ) -> Result<Self, GridError> {
        fits(channels, height, width)?;
        plain_numbers(channels * height * width, &values)?;
        Ok(Self { channels, height, width, values })
    }

    /// `[channels, height, width]`.
    pub fn shape(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }

    /// All values, channel after channel, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The vector of one pixel: its value in every channel; nothing outside the grid.
    pub fn pixel(&self, row: usize, column: usize) -> Option<Vec<f32>> {
        if row >= self.height || column >= self.width {
            return None;
        }
        let at = row * self.width + column;
        Some(
            self.values
                .chunks_exact(self.height * self.width)
                .filter_map(|channel| channel.get(at).copied())
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_grid_refuses_what_it_cannot_show() {
        assert!(matches!(Grid::new(0, 3, vec![]), Err(GridError::Size { .. })));
        assert!(matches!(Grid::new(1, LARGEST_SIDE + 1, vec![]), Err(GridError::Size { .. })));
        assert!(matches!(Grid::from_fn(usize::MAX, 2, |_, _| 0.0), Err(GridError::Size { .. })));
        assert_eq!(Grid::new(2, 2, vec![1.0; 3]), Err(GridError::Count { cells: 4, values: 3 }));
        assert_eq!(Grid::new(1, 2, vec![0.0, f32::NAN]), Err(GridError::NotFinite { index: 1 }));
        assert!(matches!(Channels::new(0, 1, 1, vec![]), Err(GridError::Size { .. })));
    }

    #[test]
    fn rows_come_first() {
        let grid = Grid::from_fn(2, 3, |row, column| (10 * row + column) as f32).unwrap();
        assert_eq!(grid.values(), [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
        assert_eq!(grid.get(1, 2), Some(12.0));
        assert_eq!(grid.get(1, 3), None);
        assert_eq!(grid.mean(), 6.0);
    }

    #[test]
    fn a_pixel_is_a_vector_across_the_channels() {
        let stack = Channels::new(3, 1, 2, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        assert_eq!(stack.pixel(0, 1), Some(vec![2.0, 4.0, 6.0]));
        assert_eq!(stack.pixel(0, 2), None);
    }
}
