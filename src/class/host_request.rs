//! What stays on this computer, though the host trains: a request that carries something of the
//! reader's is refused here, before a byte of it is sent.

use resnette_protocol::{Command, Failure, Subsystem};
use resnette_spec::Source;

/// Why a request is not sent to the class's host; `None` if it is. `has_files`: whether the reader
/// has opened files, which a run on files would mean.
pub fn kept_here(command: &Command, has_files: bool) -> Option<Failure> {
    let is_of_files = match command {
        Command::Train(config) | Command::FindRate(config) => config.data.source == Source::Files,
        Command::Load { data, .. } => data.source == Source::Files,
        _ => false,
    };
    let (during, message) = match command {
        _ if is_of_files && has_files => (
            Subsystem::Data,
            "your own pictures stay on this computer, and this run trains on the class’s host. \
             Choose another engine to train on them, or reload the page to train on pictures that \
             the host has",
        ),
        Command::Predict(request) if !request.files.is_empty() => (
            Subsystem::Predicting,
            "pictures stay on this computer, and this run’s network is on the class’s host. Save \
             the model, choose another engine, and open the model there",
        ),
        Command::OpenModel { .. } | Command::OpenRun { .. } | Command::FetchModel(_) => (
            Subsystem::Model,
            "the class’s host opens no files. Choose another engine, then open it",
        ),
        Command::Lesson(_) => (
            Subsystem::Predicting,
            "the lesson’s experiments are not made on the class’s host. Choose another engine",
        ),
        _ => return None,
    };
    Some(Failure { during, message: message.into() })
}

#[cfg(test)]
mod tests {
    use resnette_protocol::{lesson, predict};
    use resnette_spec::RunConfig;
    use serde_bytes::ByteBuf;

    use super::*;

    #[test]
    fn pictures_and_files_of_the_reader_are_not_sent() {
        let mut files = RunConfig::default();
        files.data.source = Source::Files;
        let train = |config: &RunConfig| Command::Train(config.clone());
        assert!(kept_here(&train(&files), true).is_some());
        assert!(kept_here(&train(&files), false).is_none(), "those that the host has");
        assert!(kept_here(&train(&RunConfig::default()), true).is_none());
        let load = Command::Load { data: files.data.clone(), seed: 1 };
        assert!(kept_here(&load, true).is_some_and(|why| why.message.contains("stay on this")));
        let photo = vec![("me.jpg".to_owned(), ByteBuf::from(vec![1]))];
        let photo = predict::Request { files: photo, ..predict::Request::default() };
        assert!(kept_here(&Command::Predict(photo), false).is_some());
        let none = predict::Request::default();
        assert!(kept_here(&Command::Predict(none), false).is_none());
        for command in [
            Command::OpenModel { name: "a".into(), bytes: vec![1] },
            Command::OpenRun { name: "a".into(), bytes: vec![1] },
            Command::Lesson(lesson::Request::Cancel),
        ] {
            assert!(kept_here(&command, false).is_some(), "{command:?}");
        }
        for command in [Command::Pause, Command::Stop, Command::SaveRun] {
            assert!(kept_here(&command, true).is_none(), "{command:?}");
        }
    }
}
