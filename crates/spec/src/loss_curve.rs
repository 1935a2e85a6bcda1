//! The loss curve of a run, which the charts draw and a saved run keeps.

use serde::{Deserialize, Serialize};

use crate::epoch::Step;

/// The losses of a run, thinned so that a long run takes no more room than a short one: a point
/// stands for twice as many steps whenever there are too many points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LossCurve {
    /// The points. Each stands for the same number of steps and has their mean loss, and the rest
    /// of the last of them.
    pub points: Vec<Step>,
    /// Steps of a point; 0, in a new curve, counts as 1.
    every: u32,
    /// The point under way: its last step, the sum of the losses, and their number.
    open: Option<(Step, f64, u32)>,
}

/// At this many points, two become one. No screen shows more.
const MOST: usize = 1_500;
/// Most steps of a point: the longest run that a link can ask for needs fewer.
const MOST_EVERY: u32 = 1 << 20;

impl LossCurve {
    /// Adds a step, and merges neighbouring points if there are too many.
    pub fn push(&mut self, step: Step) {
        let every = self.every.max(1);
        let (sum, count) = self.open.map_or((0.0, 0), |(_, sum, count)| (sum, count));
        let (sum, count) = (sum + f64::from(step.loss), count + 1);
        if count < every {
            self.open = Some((step, sum, count));
            return;
        }
        self.open = None;
        self.points.push(Step { loss: (sum / f64::from(count)) as f32, ..step });
        if self.points.len() >= MOST {
            self.points = self
                .points
                .chunks(2)
                .map(|pair| Step { loss: mean(pair), ..pair[pair.len() - 1] })
                .collect();
            self.every = every * 2;
        }
    }

    /// Whether a curve that was read from a file could be one that [`Self::push`] made.
    pub fn is_sound(&self) -> bool {
        let finite = |step: &Step| {
            [step.loss, step.smooth, step.lr, step.mom].iter().all(|number| number.is_finite())
        };
        let open = self.open.is_none_or(|(step, sum, count)| {
            finite(&step) && sum.is_finite() && count < self.every
        });
        self.points.len() < MOST
            && self.points.iter().all(finite)
            && open
            && self.every <= MOST_EVERY
    }
}

/// The mean loss of some steps.
fn mean(steps: &[Step]) -> f32 {
    steps.iter().map(|step| step.loss).sum::<f32>() / steps.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_stays_small_and_keeps_its_mean() {
        let mut curve = LossCurve::default();
        let steps = 12_000;
        for step in 0..steps {
            curve.push(Step { step, loss: (step % 7) as f32, smooth: 1.0, lr: 0.1, mom: 0.9 });
        }
        assert!(
            curve.points.len() < MOST && curve.points.len() > MOST / 4,
            "{}",
            curve.points.len()
        );
        assert!((mean(&curve.points) - 3.0).abs() < 0.02, "{}", mean(&curve.points));
        assert!(curve.points.windows(2).all(|pair| pair[0].step < pair[1].step));
    }

    #[test]
    fn a_curve_of_nonsense_is_not_sound() {
        let step = Step { step: 0, loss: 1.0, smooth: 1.0, lr: 0.1, mom: 0.9 };
        let mut curve = LossCurve::default();
        curve.push(step);
        assert!(curve.is_sound());
        assert!(!LossCurve { points: vec![step; MOST], ..curve.clone() }.is_sound());
        assert!(
            !LossCurve { points: vec![Step { loss: f32::NAN, ..step }], ..curve.clone() }
                .is_sound()
        );
        assert!(!LossCurve { open: Some((step, 1.0, u32::MAX)), ..curve.clone() }.is_sound());
        assert!(!LossCurve { every: u32::MAX, ..curve }.is_sound());
    }
}
