//! When the network is asked about a drawing: shortly after a stroke, and now and then during a
//! long one.
//!
//! Times are in milliseconds, from any beginning.

/// How long the pen has been up when the network is asked. Whoever draws the next stroke within it
/// is not interrupted.
const REST: f64 = 300.0;
/// How long what is drawn may wait, while the pen goes on.
const LONGEST_WAIT: f64 = 1_000.0;

/// What has been drawn since the network was asked last.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// When the first of it was drawn; `None` if there is none.
    since: Option<f64>,
    /// When the pen was lifted; `None` while it is down.
    lifted: Option<f64>,
}

impl Pace {
    /// The drawing has changed.
    pub fn changed(&mut self, now: f64) {
        self.since = self.since.or(Some(now));
        self.lifted = None;
    }

    /// The pen was lifted.
    pub fn lifted(&mut self, now: f64) {
        self.lifted = Some(now);
    }

    /// When the network is to be asked; `None` if there is nothing new to ask about.
    pub fn due(&self) -> Option<f64> {
        let latest = self.since? + LONGEST_WAIT;
        Some(self.lifted.map_or(latest, |lifted| latest.min(lifted + REST)))
    }

    /// The network is asked about all that was drawn, or nothing is left of it.
    pub fn done(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_stroke_is_due_when_the_pen_has_rested() {
        let mut pace = Pace::default();
        assert_eq!(pace.due(), None);
        pace.changed(1_000.0);
        pace.changed(1_100.0);
        assert_eq!(pace.due(), Some(2_000.0), "the pen is down");
        pace.lifted(1_200.0);
        assert_eq!(pace.due(), Some(1_500.0));
        pace.done();
        assert_eq!(pace.due(), None);
    }

    #[test]
    fn the_next_stroke_puts_it_off_but_not_for_ever() {
        let mut pace = Pace::default();
        for stroke in 0..10 {
            let now = 200.0 * f64::from(stroke);
            pace.changed(now);
            pace.lifted(now + 50.0);
            let due = pace.due();
            assert_eq!(due, Some((now + 350.0).min(1_000.0)));
        }
    }

    #[test]
    fn a_long_stroke_is_asked_about_once_a_second() {
        let mut pace = Pace::default();
        let mut asked = 0;
        for now in (0..5_000).step_by(10).map(f64::from) {
            pace.changed(now);
            if pace.due().is_some_and(|due| due <= now) {
                pace.done();
                asked += 1;
            }
        }
        assert_eq!(asked, 4);
        // The pen is lifted where nothing has changed since.
        pace.done();
        pace.lifted(5_000.0);
        assert_eq!(pace.due(), None);
    }
}
