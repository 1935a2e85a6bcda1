//! Small grids of numbers, as the demos show them: a single channel, or several channels of the
//! same size.

/// Maximum number of rows and of columns of a grid: the largest size of a picture on the page.
pub const MAX_SIDE: usize = 256;

/// Maximum number of channels: those of the widest layer of a ResNet-50.
pub const MAX_CHANNELS: usize = 2048;

/// Why a grid could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// The number of rows, columns or channels is 0 or too large.
    #[error(
        "a grid has 1 to {MAX_SIDE} rows and columns and 1 to {MAX_CHANNELS} channels; this \
         one would be {channels} × {height} × {width}"
    )]
    Size {
        /// Requested number of channels.
        channels: usize,
        /// Requested number of rows.
        height: usize,
        /// Requested number of columns.
        width: usize,
    },
    /// There are not as many values as cells.
    #[error("the grid has {cells} cells, but {values} numbers were given")]
    Count {
        /// Number of cells in the grid.
        cells: usize,
        /// Number of values given.
        values: usize,
    },
    /// A value is infinite or NaN.
    #[error("number {index} of the grid is infinite or not a number; enter a plain number there")]
    NotFinite {
        /// Index of the value, counted from 0 in row-major order.
        index: usize,
    },
    /// A 1 × 1 filter does not have one weight for each channel of the grid.
    #[error(
        "a 1 × 1 filter needs one weight for each of the {channels} channels, but filter {filter} \
         has {weights}"
    )]
    Weights {
        /// Index of the filter, counted from 0.
        filter: usize,
        /// Number of weights in the filter.
        weights: usize,
        /// Number of channels in the grid.
        channels: usize,
    },
}

fn check_size(channels: usize, height: usize, width: usize) -> Result<(), GridError> {
    let side = 1..=MAX_SIDE;
    if (1..=MAX_CHANNELS).contains(&channels) && side.contains(&height) && side.contains(&width) {
        Ok(())
    } else {
        Err(GridError::Size { channels, height, width })
    }
}

fn check_values(cells: usize, values: &[f32]) -> Result<(), GridError> {
    if cells != values.len() {
        return Err(GridError::Count { cells, values: values.len() });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(GridError::NotFinite { index }),
        None => Ok(()),
    }
}

/// A single channel: rows and columns of finite numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    height: usize,
    width: usize,
    values: Vec<f32>,
}

impl Grid {
    /// Makes a grid from its values in row-major order.
    ///
    /// # Errors
    /// [`GridError::Size`] if a side is 0 or exceeds [`MAX_SIDE`], [`GridError::Count`] if there
    /// are not `height * width` values, and [`GridError::NotFinite`] if one is infinite or NaN.
    pub fn new(height: usize, width: usize, values: Vec<f32>) -> Result<Self, GridError> {
        check_size(1, height, width)?;
        check_values(height * width, &values)?;
        Ok(Self { height, width, values })
    }

    /// Makes a grid whose value in row `r` and column `c` is `value(r, c)`.
    ///
    /// # Errors
    /// [`GridError::Size`] and [`GridError::NotFinite`], as in [`Grid::new`].
    pub fn from_fn(
        height: usize,
        width: usize,
        value: impl Fn(usize, usize) -> f32,
    ) -> Result<Self, GridError> {
        check_size(1, height, width)?;
        let values = (0..height)
            .flat_map(|row| (0..width).map(move |column| (row, column)))
            .map(|(r, c)| value(r, c))
            .collect();
        Self::new(height, width, values)
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All values in row-major order.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The value in a row and a column, or `None` outside the grid.
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

/// Several channels of the same size, in CHW order: channels, rows, columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Channels {
    channels: usize,
    height: usize,
    width: usize,
    values: Vec<f32>,
}

impl Channels {
    /// Makes channels from their values in CHW order.
    ///
    /// # Errors
    /// As in [`Grid::new`]; also [`GridError::Size`] if there are no channels or more than
    /// [`MAX_CHANNELS`].
    pub fn new(
        channels: usize,
        height: usize,
        width: usize,
        values: Vec<f32>,
    ) -> Result<Self, GridError> {
        check_size(channels, height, width)?;
        check_values(channels * height * width, &values)?;
        Ok(Self { channels, height, width, values })
    }

    /// The shape: `[channels, height, width]`.
    pub fn shape(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }

    /// All values in CHW order.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The values of one pixel in all channels, or `None` outside the grid.
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
        assert!(matches!(Grid::new(1, MAX_SIDE + 1, vec![]), Err(GridError::Size { .. })));
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
