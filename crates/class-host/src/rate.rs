//! How often one seat may speak.

use std::time::Instant;

/// Messages that a seat may send at once, after a while in which it sent none.
pub const BURST: f64 = 20.0;
/// Messages a second for ever. A page sends at most two: its run, and which questions are done.
pub const PER_SECOND: f64 = 2.0;

/// What one seat may still send.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    left: f64,
    at: Instant,
}

impl Rate {
    /// A seat that has sent nothing yet.
    pub fn new(now: Instant) -> Self {
        Self { left: BURST, at: now }
    }

    /// Whether one more message is allowed, which is then counted.
    pub fn allows(&mut self, now: Instant) -> bool {
        let waited = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.left = (self.left + waited * PER_SECOND).min(BURST);
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_allowed_and_a_flood_is_not() {
        let start = Instant::now();
        let mut rate = Rate::new(start);
        let allowed = (0..100).filter(|_| rate.allows(start)).count();
        assert_eq!(allowed, 20);
        assert!(rate.allows(start + Duration::from_millis(500)));
        assert!(!rate.allows(start + Duration::from_millis(600)));
        let mut steady = Rate::new(start);
        assert!((1..600).all(|second| steady.allows(start + Duration::from_secs(second))));
        let later = start + Duration::from_secs(36_000);
        assert_eq!((0..100).filter(|_| steady.allows(later)).count(), 20);
    }
}
