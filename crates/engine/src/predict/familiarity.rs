//! Whether a picture is like those that a network was trained on.
//!
//! The vector that the head classifies points in about the same direction for all pictures of a
//! class. A picture whose vector points away from the mean directions of all classes shows something
//! else, or shows it as the network has never seen it. Measured beside other scores in
//! `docs/predict.md`; nearest class means are those of Lee et al., 2018
//! (<https://arxiv.org/abs/1807.03888>), with the angle for the distance.

use serde::{Deserialize, Serialize};

/// Fewest validation pictures from which a limit follows.
const FEWEST: usize = 50;
/// Share of the validation pictures that are said to be unlike, although they are not: the price of
/// telling what is.
const FALSE_ALARMS: f64 = 0.05;
/// Most numbers in all mean vectors together.
pub const MAX_NUMBERS: usize = 200_000;
/// A part of a direction is kept as a whole number: this many stand for 1.
const SCALE: f32 = 32_767.0;

/// The mean direction of each class, and the limit beyond which a picture is unlike all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Familiarity {
    /// The least cosine of the angle between a picture's vector and the nearest mean.
    pub least: f32,
    /// The unit vector of each class in 32,767ths, `[classes, features]`; empty for a class without
    /// pictures.
    pub means: Vec<Vec<i16>>,
}

impl Familiarity {
    /// What follows from the vectors of a validation set, `[n, features]` one after the other, and
    /// their labels. Every picture is held against the mean of the *others* of its class, so that few
    /// pictures do not seem more alike than they are.
    ///
    /// `None` if there are fewer than 50 pictures, more than [`MAX_NUMBERS`] numbers to be kept, or
    /// vectors that are not finite.
    pub fn new(vectors: &[f32], labels: &[u32], classes: usize) -> Option<Self> {
        let features = vectors.len().checked_div(labels.len())?;
        let fits = features > 0 && classes.saturating_mul(features) <= MAX_NUMBERS;
        if labels.len() < FEWEST || !fits || vectors.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut sums = vec![vec![0.0; features]; classes];
        for (vector, &label) in vectors.chunks_exact(features).zip(labels) {
            let sum = sums.get_mut(label as usize)?;
            sum.iter_mut().zip(vector).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        let norms: Vec<f64> = sums.iter().map(|sum| dot(sum, sum).sqrt()).collect();
        let score = |vector: &[f32], label: usize| {
            let vector: Vec<f64> = vector.iter().map(|&value| f64::from(value)).collect();
            let norm = dot(&vector, &vector).sqrt();
            let cosine = |class: usize| {
                let along = dot(&sums[class], &vector);
                match class == label {
                    false => along / (norms[class] * norm).max(f64::MIN_POSITIVE),
                    // The sum without this picture.
                    true => {
                        let squared = norms[class].powi(2) - 2.0 * along + norm * norm;
                        let rest = squared.max(0.0).sqrt() * norm;
                        (along - norm * norm) / rest.max(f64::MIN_POSITIVE)
                    }
                }
            };
            (0..classes).map(cosine).fold(-1.0, f64::max)
        };
        let pictures = vectors.chunks_exact(features).zip(labels);
        let mut scores: Vec<f64> =
            pictures.map(|(vector, &label)| score(vector, label as usize)).collect();
        scores.sort_by(f64::total_cmp);
        let least = scores[(FALSE_ALARMS * scores.len() as f64) as usize] as f32;
        let unit = |(sum, &norm): (&Vec<f64>, &f64)| match norm > 0.0 {
            true => sum.iter().map(|part| (*part as f32 / norm as f32 * SCALE) as i16).collect(),
            false => Vec::new(),
        };
        Some(Self { least, means: sums.iter().zip(&norms).map(unit).collect() })
    }

    /// Whether a picture with this vector is unlike those that the network was trained on.
    pub(super) fn is_unlike(&self, vector: &[f32]) -> bool {
        let norm = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        let cosine = |mean: &Vec<i16>| {
            let along: f32 = mean
                .iter()
                .zip(vector)
                .map(|(&part, &value)| f32::from(part) / SCALE * value)
                .sum();
            along / norm.max(f32::MIN_POSITIVE)
        };
        let nearest = self.means.iter().filter(|mean| !mean.is_empty()).map(cosine);
        nearest.fold(-1.0, f32::max) < self.least
    }

    /// Whether it can belong to a network with so many classes and features.
    pub(crate) fn fits(&self, classes: usize, features: usize) -> bool {
        self.least.is_finite()
            && self.means.len() == classes
            && self.means.iter().all(|mean| mean.is_empty() || mean.len() == features)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of two classes, along the first and the second of four axes, each with its own small
    /// part along the third.
    fn vectors(each: usize) -> (Vec<f32>, Vec<u32>) {
        let part = |index: usize| index as f32 / (2 * each) as f32;
        let vector = |index: usize| match index.is_multiple_of(2) {
            true => [2.0, 0.0, part(index), 0.0],
            false => [0.0, 3.0, part(index), 0.0],
        };
        ((0..2 * each).flat_map(vector).collect(), (0..2 * each).map(|i| i as u32 % 2).collect())
    }

    #[test]
    fn what_points_elsewhere_is_unlike() {
        let (vectors, labels) = vectors(100);
        let found = Familiarity::new(&vectors, &labels, 3);
        assert!(found.as_ref().is_some_and(|found| found.fits(3, 4) && found.means[2].is_empty()));
        let unlike = |vector: &[f32]| found.as_ref().is_some_and(|found| found.is_unlike(vector));
        // However long they are.
        assert!(!unlike(&[5.0, 0.0, 1.0, 0.0]) && !unlike(&[0.0, 0.1, 0.02, 0.0]));
        assert!(unlike(&[0.0, 0.0, 1.0, 0.0]) && unlike(&[0.0, 0.0, 0.0, 9.0]));
        assert!(unlike(&[1.0, 1.0, 0.0, 0.0]) && unlike(&[0.0; 4]));
    }

    #[test]
    fn one_picture_in_twenty_is_a_false_alarm() {
        let (vectors, labels) = vectors(200);
        let found = Familiarity::new(&vectors, &labels, 2);
        let alarms = vectors
            .chunks_exact(4)
            .filter(|vector| found.as_ref().is_some_and(|found| found.is_unlike(vector)))
            .count();
        // With so many pictures, those without one are the same means.
        assert!((16..=24).contains(&alarms), "{alarms}");
    }

    #[test]
    fn a_picture_is_not_held_against_itself() {
        // Every picture points somewhere else, so that none is like the others.
        let vectors: Vec<f32> =
            (0..60).flat_map(|i| (0..60).map(move |j| f32::from(u8::from(i == j)))).collect();
        let found = Familiarity::new(&vectors, &vec![0; 60], 1);
        assert!(found.is_some_and(|found| found.least.abs() < 1e-6));
    }

    #[test]
    fn nothing_follows_from_few_pictures_or_from_what_is_no_number() {
        let (mut vectors, labels) = vectors(25);
        assert!(Familiarity::new(&vectors, &labels, 2).is_some());
        assert_eq!(Familiarity::new(&vectors[..49 * 4], &labels[..49], 2), None);
        assert_eq!(Familiarity::new(&vectors, &labels, 1), None, "there is no second class");
        assert_eq!(Familiarity::new(&vectors, &labels, MAX_NUMBERS / 4 + 1), None);
        assert_eq!(Familiarity::new(&[], &[], 2), None);
        vectors[7] = f32::NAN;
        assert_eq!(Familiarity::new(&vectors, &labels, 2), None);
    }
}
