//! The losses of a run, thinned: what the charts draw and a saved run keeps.

use serde::{Deserialize, Serialize};

use crate::epoch::Step;

/// The losses of a run, thinned so that a long one stays small.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Each stands for `every` steps: mean loss, the rest of the last step.
    pub points: Vec<Step>,
    every: u32,
    open: Option<(Step, f64, u32)>,
}

/// More points than any screen shows.
const MOST: usize = 1_500;
/// Steps a point, at most: a run of more has no end.
const MOST_EVERY: u32 = 1 << 20;

impl Curve {
    /// Adds a step.
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

    /// Whether a curve from outside could be one of ours.
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

fn mean(steps: &[Step]) -> f32 {
    steps.iter().map(|step| step.loss).sum::<f32>() / steps.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_stays_small_and_keeps_its_mean() {
        let mut curve = Curve::default();
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
        let mut curve = Curve::default();
        curve.push(step);
        assert!(curve.is_sound());
        assert!(!Curve { points: vec![step; MOST], ..curve.clone() }.is_sound());
        assert!(
            !Curve { points: vec![Step { loss: f32::NAN, ..step }], ..curve.clone() }.is_sound()
        );
        assert!(!Curve { open: Some((step, 1.0, u32::MAX)), ..curve.clone() }.is_sound());
        assert!(!Curve { every: u32::MAX, ..curve }.is_sound());
    }
}
