//! Training pictures a second.

use std::time::Duration;

/// A running mean over the last steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    last: Option<Duration>,
    rate: f32,
}

impl Pace {
    /// The rate after the last step.
    pub fn rate(self) -> f32 {
        self.rate
    }

    /// The rate after a step of so many pictures that has ended at `now`.
    pub fn after(&mut self, now: Duration, pictures: u32) -> f32 {
        if let Some(last) = self.last.replace(now) {
            let seconds = now.saturating_sub(last).as_secs_f32().max(1e-4);
            let rate = pictures as f32 / seconds;
            self.rate = if self.rate == 0.0 { rate } else { 0.8 * self.rate + 0.2 * rate };
        }
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_run_has_a_steady_pace() {
        let mut pace = Pace::default();
        assert_eq!(pace.after(Duration::from_millis(100), 10), 0.0, "one step has no pace");
        for step in 2..20 {
            let rate = pace.after(Duration::from_millis(100 * step), 10);
            assert!((rate - 100.0).abs() < 1e-3, "{rate}");
        }
    }
}
