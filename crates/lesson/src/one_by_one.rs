//! The 1 × 1 convolution: at every pixel, the dot product of its channels with the weights of each
//! filter.
//!
//! Source: chapter 14 of *Deep Learning for Coders with fastai and PyTorch*, where it changes the
//! number of channels on the skip path and narrows the bottleneck. Height and width stay the same;
//! there are as many output channels as filters.

use crate::grid::{Channels, GridError};

/// The dot product of two vectors, summed in double precision. If one of them is longer, the rest
/// of it is ignored.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>() as f32
}

/// Applies 1 × 1 filters without bias to a picture. Each filter has one weight for each channel.
///
/// # Shapes
/// `[channels, height, width]` becomes `[filters, height, width]`.
///
/// # Errors
/// [`GridError::Weights`] if a filter does not have one weight for each channel,
/// [`GridError::Size`] if there is no filter or too many, and [`GridError::NotFinite`] if a sum is
/// not finite.
pub fn apply(picture: &Channels, filters: &[Vec<f32>]) -> Result<Channels, GridError> {
    let [channels, height, width] = picture.shape();
    if let Some((filter, weights)) =
        filters.iter().map(Vec::len).enumerate().find(|(_, weights)| *weights != channels)
    {
        return Err(GridError::Weights { filter, weights, channels });
    }
    let cells = height * width;
    let mut values = Vec::with_capacity(filters.len() * cells);
    for filter in filters {
        for cell in 0..cells {
            let vector = picture.values().iter().skip(cell).step_by(cells);
            values
                .push(vector.zip(filter).map(|(&x, &w)| f64::from(x) * f64::from(w)).sum::<f64>()
                    as f32);
        }
    }
    Channels::new(filters.len(), height, width, values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn picture() -> Channels {
        Channels::new(
            3,
            2,
            2,
            vec![1.0, 2.0, 3.0, 4.0, 10.0, 20.0, 30.0, 40.0, 100.0, 200.0, 300.0, 400.0],
        )
        .unwrap()
    }

    #[test]
    fn height_and_width_stay_channels_become_filters() {
        let out = apply(&picture(), &vec![vec![0.0; 3]; 16]).unwrap();
        assert_eq!(out.shape(), [16, 2, 2]);
    }

    #[test]
    fn every_pixel_is_a_dot_product() {
        let filters = vec![vec![1.0, 0.0, 0.0], vec![0.5, -1.0, 2.0]];
        let out = apply(&picture(), &filters).unwrap();
        assert_eq!(&out.values()[..4], [1.0, 2.0, 3.0, 4.0]);
        for (row, column) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let (before, after) =
                (picture().pixel(row, column).unwrap(), out.pixel(row, column).unwrap());
            assert_eq!(after, [dot(&before, &filters[0]), dot(&before, &filters[1])]);
        }
    }

    #[test]
    fn question_thirteen_by_hand() {
        assert_eq!(dot(&[1.0, 2.0, 3.0], &[0.5, -1.0, 2.0]), 4.5);
    }

    #[test]
    fn a_filter_of_another_length_is_refused() {
        let refused = apply(&picture(), &[vec![1.0; 3], vec![1.0; 2]]);
        assert_eq!(refused, Err(GridError::Weights { filter: 1, weights: 2, channels: 3 }));
        assert!(matches!(apply(&picture(), &[]), Err(GridError::Size { channels: 0, .. })));
    }
}
