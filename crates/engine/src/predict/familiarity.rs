//! Whether a picture is like those that a network was trained on.
//!
//! The vectors that the head classifies lie close together for all pictures of a class, and point
//! in about the same direction. A picture whose vector is far from the means of all classes, or
//! points away from all of them, shows something else, or shows it as the network has never seen
//! it. Both are measured beside other scores in `docs/predict.md`. Distances to class means in
//! deviations are those of Lee et al., 2018 (<https://arxiv.org/abs/1807.03888>), without the
//! correlations.

use serde::{Deserialize, Serialize};

/// Fewest validation pictures from which a limit follows.
const FEWEST: usize = 50;
/// Share of the validation pictures that are flagged by mistake. With fewer, more pictures of other
/// things go unnoticed.
const FALSE_ALARMS: f64 = 0.05;
/// Least standard deviation: a feature that never changes would make everything else far away.
const LEAST_DEVIATION: f64 = 1e-3;
/// Most multiply-adds for comparing every picture with every mean: a second in a browser.
const MAX_WORK: usize = 100_000_000;
/// Most numbers in all mean vectors together.
pub const MAX_NUMBERS: usize = 200_000;
/// A part of a direction is kept as a whole number: this many stand for 1.
const SCALE: f32 = 32_767.0;

/// The mean of each class, and the limits beyond which a picture is unlike all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Familiarity {
    /// The least cosine of the angle between a picture's vector and the nearest mean.
    pub least: f32,
    /// The largest distance between a picture's vector and the nearest mean, in deviations.
    pub most: f32,
    /// The directions of the means, as unit vectors in 32,767ths, `[classes, features]`; empty for
    /// a class without pictures.
    pub means: Vec<Vec<i16>>,
    /// The lengths of the means, `[classes]`.
    pub lengths: Vec<f32>,
    /// The standard deviation of each feature from the mean of its class, `[features]`.
    pub deviations: Vec<f32>,
}

impl Familiarity {
    /// What follows from the vectors of a validation set, `[n, features]` one after the other, and
    /// their labels. Every picture is held against the mean of the *others* of its class, so that
    /// few pictures do not seem more alike than they are.
    ///
    /// `None` if there are fewer than 50 pictures, more than [`MAX_NUMBERS`] numbers to keep, too
    /// much to compute, or vectors that are not finite.
    pub fn new(vectors: &[f32], labels: &[u32], classes: usize) -> Option<Self> {
        let features = vectors.len().checked_div(labels.len())?;
        let fits = Self::can_follow(labels.len(), features, classes);
        if !fits || vectors.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut sums = vec![vec![0.0; features]; classes];
        for (vector, &label) in vectors.chunks_exact(features).zip(labels) {
            let sum = sums.get_mut(label as usize)?;
            sum.iter_mut().zip(vector).for_each(|(sum, &value)| *sum += f64::from(value));
        }
        let mut counts = vec![0.0; classes];
        labels.iter().for_each(|&label| counts[label as usize] += 1.0);
        let norms: Vec<f64> = sums.iter().map(|sum| dot(sum, sum).sqrt()).collect();
        let known: Vec<usize> = (0..classes).filter(|&class| norms[class] > 0.0).collect();
        let means: Vec<Vec<f64>> = sums
            .iter()
            .zip(&counts)
            .map(|(sum, count)| sum.iter().map(|part| part / f64::max(*count, 1.0)).collect())
            .collect();
        let pictures: Vec<(Vec<f64>, usize)> = vectors
            .chunks_exact(features)
            .zip(labels)
            .map(|(vector, &label)| {
                (vector.iter().map(|&x| f64::from(x)).collect(), label as usize)
            })
            .collect();
        let mut squares = vec![0.0; features];
        for (vector, label) in &pictures {
            let apart = vector.iter().zip(&means[*label]).map(|(x, mean)| (x - mean).powi(2));
            squares.iter_mut().zip(apart).for_each(|(sum, square)| *sum += square);
        }
        let deviation = |sum: &f64| (sum / pictures.len() as f64).sqrt().max(LEAST_DEVIATION);
        let deviations: Vec<f64> = squares.iter().map(deviation).collect();
        let cosine = |(vector, label): &(Vec<f64>, usize)| {
            let norm = dot(vector, vector).sqrt();
            let cosine = |&class: &usize| {
                let along = dot(&sums[class], vector);
                match class == *label {
                    false => along / (norms[class] * norm).max(f64::MIN_POSITIVE),
                    // The sum without this picture.
                    true => {
                        let squared = norms[class].powi(2) - 2.0 * along + norm * norm;
                        let rest = squared.max(0.0).sqrt() * norm;
                        (along - norm * norm) / rest.max(f64::MIN_POSITIVE)
                    }
                }
            };
            known.iter().map(cosine).fold(-1.0, f64::max)
        };
        let distance = |(vector, label): &(Vec<f64>, usize)| {
            let distance = |&class: &usize| {
                let whole = distance(vector, &means[class], &deviations);
                match class == *label {
                    false => whole,
                    // To the mean without this picture; if there is no other, it is like none.
                    true => whole * counts[class] / (counts[class] - 1.0),
                }
            };
            known.iter().map(distance).filter(|found| !found.is_nan()).fold(f64::INFINITY, f64::min)
        };
        let cosines: Vec<f64> = pictures.iter().map(cosine).collect();
        let distances: Vec<f64> = pictures.iter().map(|picture| -distance(picture)).collect();
        let [least, most] = limits([&cosines, &distances]);
        let unit = |(sum, &norm): (&Vec<f64>, &f64)| match norm > 0.0 {
            true => sum.iter().map(|part| (*part as f32 / norm as f32 * SCALE) as i16).collect(),
            false => Vec::new(),
        };
        Some(Self {
            least: least as f32,
            most: (-most).min(f64::from(f32::MAX)) as f32,
            means: sums.iter().zip(&norms).map(unit).collect(),
            lengths: means.iter().map(|mean| dot(mean, mean).sqrt() as f32).collect(),
            deviations: deviations.iter().map(|&deviation| deviation as f32).collect(),
        })
    }

    /// Whether [`Familiarity::new`] has an answer for so many pictures, whatever their vectors are.
    pub fn can_follow(pictures: usize, features: usize, classes: usize) -> bool {
        pictures >= FEWEST
            && features > 0
            && classes.saturating_mul(features) <= MAX_NUMBERS
            && pictures.saturating_mul(features).saturating_mul(classes) <= MAX_WORK
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
        let known = || self.means.iter().zip(&self.lengths).filter(|(mean, _)| !mean.is_empty());
        let distance = |(mean, &length): (&Vec<i16>, &f32)| {
            let parts = mean.iter().zip(vector).zip(&self.deviations);
            let apart = |((&part, &value), deviation): ((&i16, &f32), &f32)| {
                ((value - f32::from(part) / SCALE * length) / deviation).powi(2)
            };
            parts.map(apart).sum::<f32>().sqrt()
        };
        known().map(|(mean, _)| cosine(mean)).fold(-1.0, f32::max) < self.least
            || known().map(distance).fold(f32::INFINITY, f32::min) > self.most
    }

    /// Whether it can belong to a network with so many classes and features.
    pub(crate) fn fits(&self, classes: usize, features: usize) -> bool {
        let is_length = |length: &f32| length.is_finite() && *length >= 0.0;
        self.least.is_finite()
            && self.most.is_finite()
            && (self.means.len(), self.lengths.len()) == (classes, classes)
            && self.means.iter().all(|mean| mean.is_empty() || mean.len() == features)
            && self.lengths.iter().all(is_length)
            && self.deviations.len() == features
            && self.deviations.iter().all(|deviation| is_length(deviation) && *deviation > 0.0)
    }
}

/// The limits of two scores, below either of which one picture in twenty is. Both are passed by
/// about as many.
fn limits(scores: [&[f64]; 2]) -> [f64; 2] {
    let sorted = scores.map(|scores| {
        let mut sorted = scores.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted
    });
    let rank = |score: f64, sorted: &[f64]| sorted.partition_point(|&other| other < score);
    let lower =
        |(&first, &second): (&f64, &f64)| rank(first, &sorted[0]).min(rank(second, &sorted[1]));
    let mut ranks: Vec<usize> = scores[0].iter().zip(scores[1]).map(lower).collect();
    ranks.sort_unstable();
    let limit = ranks[(FALSE_ALARMS * ranks.len() as f64) as usize];
    [sorted[0][limit], sorted[1][limit]]
}

/// The distance between a vector and a mean, in deviations.
fn distance(vector: &[f64], mean: &[f64], deviations: &[f64]) -> f64 {
    let parts = vector.iter().zip(mean).zip(deviations);
    parts.map(|((x, mean), deviation)| ((x - mean) / deviation).powi(2)).sum::<f64>().sqrt()
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
        assert!(!unlike(&[2.0, 0.0, 0.3, 0.0]) && !unlike(&[0.0, 3.0, 0.5, 0.0]));
        // Another direction, with the distance of a picture of the class.
        assert!(unlike(&[0.0, 0.0, 1.0, 0.0]) && unlike(&[0.0, 0.0, 0.0, 9.0]));
        assert!(unlike(&[1.0, 1.0, 0.0, 0.0]) && unlike(&[0.0; 4]));
        // The same direction, and far away.
        assert!(unlike(&[9.0, 0.0, 2.0, 0.0]) && unlike(&[0.0, 0.1, 0.02, 0.0]));
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
        assert!((14..=26).contains(&alarms), "{alarms}");
    }

    #[test]
    fn a_picture_is_not_held_against_itself() {
        // Every picture points somewhere else, so that none is like the others.
        let vectors: Vec<f32> =
            (0..60).flat_map(|i| (0..60).map(move |j| f32::from(u8::from(i == j)))).collect();
        let found = Familiarity::new(&vectors, &vec![0; 60], 1);
        assert!(found.is_some_and(|found| found.least.abs() < 1e-6 && found.most > 7.0));
    }

    #[test]
    fn nothing_follows_from_few_pictures_or_from_what_is_no_number() {
        let (mut vectors, labels) = vectors(25);
        assert!(Familiarity::new(&vectors, &labels, 2).is_some());
        assert_eq!(Familiarity::new(&vectors[..49 * 4], &labels[..49], 2), None);
        assert_eq!(Familiarity::new(&vectors, &labels, 1), None, "there is no second class");
        assert_eq!(Familiarity::new(&vectors, &labels, MAX_NUMBERS / 4 + 1), None);
        let many = MAX_WORK / (vectors.len() * 8) + 1;
        assert_eq!(Familiarity::new(&vectors.repeat(many), &labels.repeat(many), 8), None);
        assert_eq!(Familiarity::new(&[], &[], 2), None);
        vectors[7] = f32::NAN;
        assert_eq!(Familiarity::new(&vectors, &labels, 2), None);
    }
}
