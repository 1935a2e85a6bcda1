//! The time that an epoch takes, without the pauses.

use web_time::Instant;

/// A stopwatch for the epoch under way. It stands still while the run is paused.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::train) struct EpochClock {
    /// Seconds before the clock was last started.
    spent: f32,
    /// When the clock was started; `None` while it stands still.
    started: Option<Instant>,
}

impl EpochClock {
    /// A clock that stands still at `seconds`.
    pub(in crate::train) fn at(seconds: f32) -> Self {
        Self { spent: seconds, started: None }
    }

    /// Starts the clock, unless it is running already.
    pub(super) fn start(&mut self) {
        self.started.get_or_insert_with(Instant::now);
    }

    /// Stops the clock until the next [`Self::start`].
    pub(super) fn pause(&mut self) {
        *self = Self::at(self.seconds());
    }

    /// Seconds spent so far.
    pub(in crate::train) fn seconds(self) -> f32 {
        self.spent + self.started.map_or(0.0, |started| started.elapsed().as_secs_f32())
    }
}
