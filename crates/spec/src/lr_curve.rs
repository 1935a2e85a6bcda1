//! The curve of a learning rate search: which rates are tried, when the search stops, and which
//! rates the curve suggests.
//!
//! This is the arithmetic of fastai's `LRFinder` and of its four `SuggestionMethod`s; the engine
//! does the training.

use crate::smooth::SmoothedLoss;

/// Batches in a full search.
pub const STEPS: u32 = 100;
/// The first learning rate.
const START: f64 = 1e-7;
/// The learning rate that the step after the last one would have.
const END: f64 = 10.0;
/// The search stops when the smoothed loss is this many times its lowest value.
const STOP: f64 = 4.0;
/// Points that the suggestions ignore at the start, where the average is of few losses.
const SKIP_START: usize = STEPS as usize / 10;
/// Points that the suggestions ignore at the end, where the loss blows up.
const SKIP_END: usize = 5;

/// A curve whose loss falls by less than this share of where it begins is flat: the noise of single
/// batches moves the smoothed loss by as much.
const FALL: f64 = 0.03;

/// One batch of a search.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LrPoint {
    /// The learning rate that was tried.
    pub lr: f64,
    /// The loss of the batch, before the step.
    pub loss: f64,
    /// The smoothed loss so far ([`SmoothedLoss`]).
    pub smooth: f64,
}

/// Learning rates that a curve suggests.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LrSuggestions {
    /// fastai's `valley`: two thirds down the longest fall of the curve. This is fastai's default,
    /// and the one to try first.
    pub valley: f64,
    /// fastai's `minimum`: a tenth of the rate with the lowest loss.
    pub minimum: f64,
    /// fastai's `steep`: where the loss falls most steeply over the logarithm of the rate.
    pub steep: f64,
    /// fastai's `slide`: coming from the right, the first rate whose slope is like the slope 15
    /// points further on.
    pub slide: f64,
}

/// A learning rate search: the points so far, and whether it goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct LrSearch {
    points: Vec<LrPoint>,
    smooth: SmoothedLoss,
    best: f64,
    done: bool,
}

impl Default for LrSearch {
    fn default() -> Self {
        Self {
            points: Vec::new(),
            smooth: SmoothedLoss::default(),
            best: f64::INFINITY,
            done: false,
        }
    }
}

impl LrSearch {
    /// The rate to try next: 100 steps, each the same factor above the one before, from 1e-7
    /// towards 10.
    pub fn lr(&self) -> f64 {
        START * (END / START).powf(self.points.len() as f64 / f64::from(STEPS))
    }

    /// Adds the loss at [`LrSearch::lr`], and returns whether to go on. A loss that is infinite or
    /// not a number ends the search and is not kept.
    pub fn push(&mut self, loss: f64) -> bool {
        if self.done || !loss.is_finite() {
            self.done = true;
            return false;
        }
        let lr = self.lr();
        let smooth = self.smooth.push(loss);
        self.points.push(LrPoint { lr, loss, smooth });
        self.best = self.best.min(smooth);
        self.done = smooth > STOP * self.best || self.points.len() >= STEPS as usize;
        !self.done
    }

    /// Whether the search has ended.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The curve so far.
    pub fn points(&self) -> &[LrPoint] {
        &self.points
    }

    /// The part of the curve that the suggestions are made from: all but the first 10 and the last
    /// 5 points. It may be empty.
    pub fn trimmed(&self) -> &[LrPoint] {
        let end = self.points.len().saturating_sub(SKIP_END);
        &self.points[SKIP_START.min(end)..end]
    }

    /// The learning rates that the curve suggests; `None` if it is too short.
    pub fn suggest(&self) -> Option<LrSuggestions> {
        let used = self.trimmed();
        (used.len() >= 2).then(|| LrSuggestions {
            valley: used[valley(used)].lr,
            minimum: used[minimum(used)].lr / 10.0,
            steep: used[steep(used)].lr,
            slide: used[slide(used)].lr,
        })
    }
}

/// Whether the loss falls at some rate by more than noise would. If it does not, suggestions mean
/// nothing.
pub fn falls(points: &[LrPoint]) -> bool {
    let losses = || points.iter().skip(SKIP_START).map(|point| point.smooth);
    let lowest = losses().fold(f64::INFINITY, f64::min);
    losses().next().is_some_and(|first| lowest < first * (1.0 - FALL))
}

/// Index of fastai's `valley`: the longest falling subsequence, found by dynamic programming. Only
/// its end and its *length* count, as if its points were neighbours.
fn valley(points: &[LrPoint]) -> usize {
    let mut lengths = vec![1usize; points.len()];
    let mut end = 0;
    for i in 1..points.len() {
        let before =
            (0..i).filter(|&j| points[i].smooth < points[j].smooth).map(|j| lengths[j]).max();
        lengths[i] = 1 + before.unwrap_or(0);
        if lengths[i] > lengths[end] {
            end = i;
        }
    }
    // fastai starts one point before the subsequence. If there is none, its index is -1, which
    // Python counts from the end of the list; here it means the first point.
    let length = if end == 0 { 0 } else { lengths[end] };
    let third = length as f64 / 3.0;
    (end + third as usize + (third / 2.0) as usize).saturating_sub(length)
}

/// Index of the point with the lowest loss.
fn minimum(points: &[LrPoint]) -> usize {
    first_least(points.iter().map(|point| point.smooth))
}

/// Index of the point after which the loss falls most steeply over the logarithm of the rate.
fn steep(points: &[LrPoint]) -> usize {
    first_least(
        points
            .windows(2)
            .map(|pair| (pair[1].smooth - pair[0].smooth) / (pair[1].lr / pair[0].lr).ln()),
    )
}

/// Index of fastai's `slide`: a window of 15 points slides from the right end to the left until
/// the slopes at its two ends differ by no more than a threshold.
fn slide(points: &[LrPoint]) -> usize {
    const WIDTH: usize = 15;
    const THRESHOLD: f64 = 0.005;
    let last = points.len() - 1;
    // numpy's `gradient`: central differences, one-sided at the ends.
    let slope = |i: usize| {
        let (from, to) = (i.saturating_sub(1), (i + 1).min(last));
        (points[to].smooth - points[from].smooth) / (to - from) as f64
    };
    let (mut right, mut left) = (last, last.checked_sub(WIDTH));
    let mut found = left.unwrap_or(0);
    while let Some(place) = left.filter(|&left| (slope(right) - slope(left)).abs() > THRESHOLD) {
        found = place;
        right -= 1;
        left = place.checked_sub(1);
    }
    found
}

/// Index of the smallest value; of equal ones, the first.
fn first_least(values: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::INFINITY);
    for (place, value) in values.enumerate() {
        if value < best.1 {
            best = (place, value);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_full_search_has_a_hundred_steps_from_1e_7() {
        let mut search = LrSearch::default();
        assert_eq!(search.lr(), 1e-7);
        while search.push(2.3) {}
        assert_eq!(search.points().len(), 100);
        assert!((search.points()[50].lr - 1e-3).abs() < 1e-12);
        assert!(search.is_done() && !search.push(1.0));
    }

    #[test]
    fn a_loss_that_is_not_a_number_ends_the_search_without_a_point() {
        let mut search = LrSearch::default();
        for _ in 0..20 {
            assert!(search.push(2.0));
        }
        assert!(!search.push(f64::NAN));
        assert_eq!((search.points().len(), search.trimmed().len()), (20, 5));
    }

    #[test]
    fn a_flat_curve_does_not_fall() {
        let curve = |loss: fn(f64) -> f64| {
            let point = |i| LrPoint { lr: 1e-3, loss: 0.0, smooth: loss(f64::from(i)) };
            (0..60).map(point).collect::<Vec<_>>()
        };
        assert!(falls(&curve(|i| 2.3 - i / 100.0)));
        assert!(!falls(&curve(|i| 2.3 + 0.03 * (i / 4.0).sin())));
        assert!(!falls(&curve(|i| 2.3 + i)));
        assert!(!falls(&[]));
    }

    #[test]
    fn short_and_odd_curves_are_answered_without_a_panic() {
        for length in 0..100 {
            for shape in 0..4 {
                let mut search = LrSearch::default();
                for i in 0..length {
                    let x = f64::from(i);
                    search.push([2.0, 5.0 - x / 30.0, 1.0 + x / 100.0, 2.0 + x.sin()][shape]);
                }
                let suggestion = search.suggest();
                assert_eq!(suggestion.is_some(), search.trimmed().len() >= 2, "{length} {shape}");
                if let Some(found) = suggestion {
                    let rates = search.trimmed().iter().map(|point| point.lr).collect::<Vec<_>>();
                    for lr in [found.valley, found.minimum * 10.0, found.steep, found.slide] {
                        assert!(
                            rates.iter().any(|rate| (rate / lr - 1.0).abs() < 1e-9),
                            "{length} {shape}: {lr}"
                        );
                    }
                }
            }
        }
    }
}
