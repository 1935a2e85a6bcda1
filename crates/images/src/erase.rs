//! Random erasing: a rectangle of a batch's pictures becomes noise.
//!
//! Zhong et al., "Random Erasing Data Augmentation", 2017, <https://arxiv.org/abs/1708.04896>, in
//! the form of fastai's `RandomErasing` with `sl=0`, `sh=0.3`, `min_aspect=0.3` and `max_count=1`,
//! as a batch transform after normalisation: with probability `p` a batch has a rectangle, the same
//! one in all of its pictures, and each picture its own noise of mean 0 and deviation 1.
//!
//! The random numbers are ours, not PyTorch's: a function of seed and position.

use std::ops::Range;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use resnette_spec::random::normal_pair;

use crate::rectangle::Rectangle;

/// fastai's `sh`: the largest share of the picture that a rectangle takes.
const LARGEST: f64 = 0.3;
/// fastai's `min_aspect`; the largest is its inverse.
const LEAST_ASPECT: f64 = 0.3;

/// The rectangle of a batch, and where its noise comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Erased {
    /// What becomes noise.
    pub rectangle: Rectangle,
    noise: ChaCha8Rng,
}

impl Erased {
    /// Draws whether a batch of pictures of `size` pixels a side has a rectangle, with probability
    /// `p`, and which.
    pub fn random(p: f64, size: u32, rng: &mut ChaCha8Rng) -> Option<Self> {
        let draw: f64 = rng.random();
        if draw >= p {
            return None;
        }
        let share = LARGEST * rng.random::<f64>();
        let span = LEAST_ASPECT.ln();
        let aspect = (span - 2.0 * span * rng.random::<f64>()).exp();
        let places = [rng.random(), rng.random()];
        let rectangle = rectangle(size, share, aspect, places);
        Some(Self { rectangle, noise: rng.clone() })
    }

    /// The noise of `pictures` pictures; the same at every call.
    ///
    /// # Shapes
    /// `[pictures, 3, rows, columns]`.
    pub fn noise(&self, pictures: usize) -> Vec<f32> {
        let count = pictures * 3 * self.rectangle.area();
        let mut rng = self.noise.clone();
        let mut values = Vec::with_capacity(count + 1);
        while values.len() < count {
            values.extend(normal_pair(&mut rng).map(|number| number as f32));
        }
        values.truncate(count);
        values
    }

    /// Puts the noise into a batch of normalised pictures of `size` pixels a side.
    ///
    /// # Shapes
    /// `images` is `[n, 3, size, size]`.
    pub(crate) fn apply(&self, images: &mut [f32], size: u32) {
        let columns = self.rectangle.columns.len();
        let noise = self.noise(images.len() / (3 * size as usize * size as usize).max(1));
        self.rectangle.each_row(images, size, |row, numbers| {
            numbers.copy_from_slice(&noise[row * columns..(row + 1) * columns]);
        });
    }
}

/// fastai's `RandomErasing._bounds`: the rectangle that takes the share `share` of a picture of
/// `size` pixels a side and has the aspect `aspect` (height over width, before it is cut at the
/// picture's edges). `places` say where between the edges it begins, each from 0 to 1.
pub fn rectangle(size: u32, share: f64, aspect: f64, places: [f64; 2]) -> Rectangle {
    let area = share * (f64::from(size) * f64::from(size));
    Rectangle {
        rows: strip(area * aspect, size as usize, places[0]),
        columns: strip(area / aspect, size as usize, places[1]),
    }
}

/// fastai's `_slice`: as long as the root of `area`, from a place at which it fits; it is cut where
/// it is longer than the side. Halves are rounded to the even number, as Python does.
fn strip(area: f64, side: usize, place: f64) -> Range<usize> {
    let length = area.sqrt().round_ties_even() as usize;
    let free = side.saturating_sub(length);
    let start = (((free + 1) as f64 * place) as usize).min(free);
    start..(start + length).min(side)
}

#[cfg(test)]
mod tests {
    use resnette_spec::random::{Purpose, stream};

    use super::*;

    #[test]
    fn the_share_of_batches_is_p_and_the_areas_are_uniform() {
        let drawn = |p: f64| {
            (0..2000)
                .filter_map(|batch| Erased::random(p, 64, &mut stream(3, Purpose::Erase, batch)))
                .collect::<Vec<_>>()
        };
        assert_eq!((drawn(0.0).len(), drawn(1.0).len()), (0, 2000));
        let half = drawn(0.5);
        assert!((900..1100).contains(&half.len()), "{}", half.len());
        let shares: Vec<f64> =
            drawn(1.0).iter().map(|erased| erased.rectangle.area() as f64 / 4096.0).collect();
        let mean = shares.iter().sum::<f64>() / 2000.0;
        assert!(shares.iter().all(|share| *share <= 0.32) && (mean - 0.15).abs() < 0.01, "{mean}");
        for erased in &half {
            let Rectangle { rows, columns } = &erased.rectangle;
            assert!(rows.start <= rows.end && rows.end <= 64 && columns.end <= 64, "{rows:?}");
        }
    }

    #[test]
    fn the_rectangle_becomes_noise_and_nothing_else_changes() {
        let erased = (0..100)
            .filter_map(|batch| Erased::random(1.0, 32, &mut stream(3, Purpose::Erase, batch)))
            .find(|erased| erased.rectangle.area() > 200);
        let Some(erased) = erased else { panic!("no large rectangle") };
        let mut images = vec![9.0; 2 * 3 * 32 * 32];
        erased.apply(&mut images, 32);
        let inside = |at: usize| {
            let (row, column) = (at / 32 % 32, at % 32);
            erased.rectangle.rows.contains(&row) && erased.rectangle.columns.contains(&column)
        };
        assert!(images.iter().enumerate().all(|(at, value)| (*value == 9.0) != inside(at)));
        let noise = erased.noise(2);
        assert_eq!(noise.len(), 6 * erased.rectangle.area());
        let mean = noise.iter().sum::<f32>() / noise.len() as f32;
        assert!(mean.abs() < 0.15, "{mean}");
        // Each picture has its own.
        assert_ne!(noise[..noise.len() / 2], noise[noise.len() / 2..]);
    }
}
