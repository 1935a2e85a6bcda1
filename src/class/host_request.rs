//! What stays on this computer, though the host trains: a request that carries something of the
//! reader's is refused here, before a byte of it is sent.

use resnette_protocol::{Command, Failure, Subsystem};
use resnette_spec::Source;

/// Why a request is not sent to the class's host; `None` if it is. `has_files`: whether the reader
/// has opened files, which a run on files would mean.
pub fn kept_here(command: &Command, has_files: bool) -> Option<Failure> {
    let source = match command {
        Command::Train(config) | Command::FindRate(config) => Some(config.data.source),
        Command::Load { data, .. } => Some(data.source),
        _ => None,
    };
    let (during, message) = match command {
        _ if source == Some(Source::Files) && has_files => (
            Subsystem::Data,
            "your own pictures stay on this computer, and this run trains on the class’s host. \
             Choose another engine to train on them, or open the class’s link again to train on \
             pictures that the host has",
        ),
        _ if matches!(source, Some(Source::HuggingFace | Source::Url)) => (
            Subsystem::Data,
            "the class’s host fetches no pictures. Choose drawn ones (source=drawn) or those that \
             the host has (source=files), or another engine",
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

/// The request as it is sent: without an address of pictures. It may name a school or a person, and
/// a run that is sent needs none, though its link may have one.
pub fn without_address(mut command: Command) -> Command {
    match &mut command {
        Command::Load { data, .. } => data.base.clear(),
        Command::Train(config)
        | Command::FindRate(config)
        | Command::FineTune(config)
        | Command::FindFineTuneRate(config)
        | Command::ShowBatch { config, .. } => config.data.base.clear(),
        Command::Predict(request) => request.config.data.base.clear(),
        Command::Benchmark(request) => request.config.data.base.clear(),
        _ => {}
    }
    command
}

#[cfg(test)]
mod tests {
    use resnette_protocol::bench::BenchmarkRequest;
    use resnette_protocol::{lesson, predict};
    use resnette_spec::{DataConfig, RunConfig};
    use serde_bytes::ByteBuf;

    use super::*;

    #[test]
    fn pictures_and_files_of_the_reader_are_not_sent() {
        let mut files = RunConfig::default();
        files.data.source = Source::Files;
        let train = |config: &RunConfig| Command::Train(config.clone());
        assert!(kept_here(&train(&files), true).is_some());
        assert!(kept_here(&train(&files), false).is_none(), "those that the host has");
        let mut drawn = RunConfig::default();
        drawn.data.source = Source::Drawn;
        assert!(kept_here(&train(&drawn), true).is_none());
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

    /// The host fetches nothing, so that it need not be told from where.
    #[test]
    fn addresses_of_pictures_are_not_sent() {
        let data = DataConfig { base: "http://a.example/4b".into(), ..DataConfig::default() };
        let at = |source| DataConfig { source, ..data.clone() };
        for source in [Source::Url, Source::HuggingFace] {
            let load = Command::Load { data: at(source), seed: 1 };
            let config = RunConfig { data: at(source), ..RunConfig::default() };
            for command in [load, Command::Train(config.clone()), Command::FindRate(config)] {
                let why = kept_here(&command, false).map(|why| (why.during, why.message));
                assert!(
                    why.is_some_and(|(during, message)| during == Subsystem::Data
                        && message.contains("fetches no pictures")),
                    "{command:?}"
                );
            }
        }
        let config = RunConfig { data: at(Source::Drawn), ..RunConfig::default() };
        let asked = predict::Request { config: config.clone(), ..predict::Request::default() };
        for command in [
            Command::Load { data: at(Source::Drawn), seed: 1 },
            Command::Train(config.clone()),
            Command::FindRate(config.clone()),
            Command::FineTune(config.clone()),
            Command::FindFineTuneRate(config.clone()),
            Command::ShowBatch { config: config.clone(), shuffle: 1 },
            Command::Predict(asked),
            Command::Benchmark(BenchmarkRequest { config, steps: 1 }),
        ] {
            let sent = without_address(command.clone());
            assert_ne!(sent, command);
            assert!(!format!("{sent:?}").contains("a.example"), "{sent:?}");
            assert_eq!(without_address(sent.clone()), sent);
        }
    }
}
