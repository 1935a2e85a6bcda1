//! Pictures that are on their way, for a run or beside it.

use resnette_picture::report::LoadProgress;
use resnette_protocol::data::Waiting;

/// Pictures that are on their way. Loading that nobody but the reader waits for is an activity of
/// its own, with an end of its own: a run may be under way beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loads {
    /// The number of requests for pictures alone, or for a search, that have not ended.
    asked: u32,
    /// How far loading is, whatever it is for.
    pub progress: LoadProgress,
    /// Why loading waits before it asks its source again; `None` if it does not wait.
    pub waiting: Option<Waiting>,
    /// Why the last loading beside a run failed, as the status line says it; `None` once something
    /// else has happened.
    pub failure: Option<String>,
}

impl Loads {
    /// Whether pictures are loaded that no run waits for.
    pub fn under_way(&self) -> bool {
        self.asked > 0
    }

    /// Pictures were asked for, and no run waits for them.
    pub fn ask(&mut self) {
        self.asked += 1;
        self.begin();
    }

    /// Pictures were asked for.
    pub fn begin(&mut self) {
        self.progress = LoadProgress::default();
        self.waiting = None;
        self.failure = None;
    }

    /// A request for pictures has ended, whichever way.
    pub fn request_ended(&mut self) {
        self.asked = self.asked.saturating_sub(1);
    }

    /// The request could not be sent to an engine, so nobody will answer.
    pub fn forget(&mut self) {
        self.asked = 0;
    }
}
