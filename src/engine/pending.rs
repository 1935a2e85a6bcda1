//! Requests that a worker has not ended yet.

use std::collections::BTreeMap;

use resnette_protocol::{Command, RequestId};

/// What a request was for, as far as the page must know when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// Pictures to look at.
    Load,
    /// A run from its beginning, a fine-tuning, a saved run, or one epoch more.
    Run,
    /// A learning-rate search.
    FindRate,
    /// Pause, Resume, Step, Stop, and what changes or splits a run under way.
    Control,
    /// The check of the engine.
    SelfTest,
    /// The benchmark.
    Benchmark,
    /// How fast a network trains.
    Estimate,
    /// Pictures to be classified, by the id that their answer carries.
    Predict(u32),
    /// The network, measured on the validation pictures.
    Evaluate,
    /// A batch as the network sees it.
    ShowBatch,
    /// A model or a run, from a file.
    OpenFile,
    /// A model or a run, to a file.
    SaveFile,
    /// A pretrained network from the Hub.
    FetchModel,
    /// An experiment of the lesson.
    Lesson,
    /// To tell of the network while it learns, or no more.
    Watch,
}

impl RequestKind {
    /// The kind of a command.
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Load { .. } => Self::Load,
            Command::Train(_)
            | Command::FineTune(_)
            | Command::Continue(_)
            | Command::OneMoreEpoch => Self::Run,
            Command::FindRate(_) | Command::FindFineTuneRate(_) => Self::FindRate,
            Command::Pause
            | Command::Resume
            | Command::Step
            | Command::Stop
            | Command::Cancel(_)
            | Command::CutSkip(_)
            | Command::KeepRunner(_)
            | Command::ScaleRate(_) => Self::Control,
            Command::SelfTest => Self::SelfTest,
            Command::Benchmark(_) => Self::Benchmark,
            Command::Estimate(_) => Self::Estimate,
            Command::Predict(request) => Self::Predict(request.id),
            Command::Evaluate => Self::Evaluate,
            Command::ShowBatch { .. } => Self::ShowBatch,
            Command::SaveModel(_) | Command::SaveRun => Self::SaveFile,
            Command::OpenModel { .. } | Command::OpenRun { .. } => Self::OpenFile,
            Command::FetchModel(_) => Self::FetchModel,
            Command::Lesson(_) => Self::Lesson,
            Command::Watch(_) => Self::Watch,
        }
    }

    /// Whether Stop ends such a request while it waits.
    pub fn ends_with_stop(self) -> bool {
        matches!(self, Self::Load | Self::Run | Self::FindRate)
    }
}

/// The requests that were sent to the worker and have not ended.
#[derive(Debug, Default)]
pub struct PendingRequests {
    last: RequestId,
    kinds: BTreeMap<RequestId, RequestKind>,
}

impl PendingRequests {
    /// Takes a request in and gives it an id.
    pub fn add(&mut self, kind: RequestKind) -> RequestId {
        self.last = self.last.wrapping_add(1);
        self.kinds.insert(self.last, kind);
        self.last
    }

    /// The kind of a request that has not ended.
    pub fn kind(&self, id: RequestId) -> Option<RequestKind> {
        self.kinds.get(&id).copied()
    }

    /// Takes a request out that has ended; `None` if it had ended before.
    pub fn end(&mut self, id: RequestId) -> Option<RequestKind> {
        self.kinds.remove(&id)
    }

    /// Takes all requests out: their worker is gone.
    pub fn end_all(&mut self) -> Vec<RequestKind> {
        std::mem::take(&mut self.kinds).into_values().collect()
    }

    /// The oldest request of this kind that has not ended.
    pub fn oldest(&self, kind: RequestKind) -> Option<RequestId> {
        self.kinds.iter().find(|(_, other)| **other == kind).map(|(id, _)| *id)
    }

    /// The newest request of this kind that has not ended.
    pub fn newest(&self, kind: RequestKind) -> Option<RequestId> {
        self.kinds.iter().rev().find(|(_, other)| **other == kind).map(|(id, _)| *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_once() {
        let mut pending = PendingRequests::default();
        let load = pending.add(RequestKind::Load);
        let predict = pending.add(RequestKind::Predict(7));
        assert_ne!(load, predict);
        assert_eq!(pending.newest(RequestKind::Predict(7)), Some(predict));
        assert_eq!(pending.end(load), Some(RequestKind::Load));
        assert_eq!(pending.end(load), None);
        assert_eq!(pending.end_all(), [RequestKind::Predict(7)]);
        assert_eq!(pending.newest(RequestKind::Predict(7)), None);
    }

    #[test]
    fn requests_are_found_by_their_kind_and_age() {
        let mut pending = PendingRequests::default();
        let first = pending.add(RequestKind::SaveFile);
        pending.add(RequestKind::OpenFile);
        let last = pending.add(RequestKind::SaveFile);
        assert_eq!(pending.oldest(RequestKind::SaveFile), Some(first));
        assert_eq!(pending.newest(RequestKind::SaveFile), Some(last));
        pending.end(first);
        assert_eq!(pending.oldest(RequestKind::SaveFile), Some(last));
        assert_eq!(pending.oldest(RequestKind::Lesson), None);
    }

    #[test]
    fn stop_ends_what_waits_for_a_run_and_nothing_else() {
        assert!(RequestKind::of(&Command::OneMoreEpoch).ends_with_stop());
        for command in [Command::Evaluate, Command::SelfTest, Command::FetchModel(String::new())] {
            assert!(!RequestKind::of(&command).ends_with_stop(), "{command:?}");
        }
    }
}
