//! The messages of both directions, and their bytes: postcard, one message a frame.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits::MAX_MESSAGE_BYTES;
use crate::nickname::Nickname;
use crate::shared_run::SharedRun;
use crate::token::Token;

/// The first message of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Join {
    /// [`VERSION`](crate::limits::VERSION).
    pub version: u16,
    /// The class's token, from the join link.
    pub token: Token,
    /// The name that the class sees.
    pub nickname: Nickname,
    /// The key of the seat that the page had before its connection broke.
    pub seat: Option<Token>,
    /// The start of an experiment that began a run on this page, unless the page has heard that the
    /// run was stopped. If it was stopped while the page was away, the host says so.
    pub runs: Option<u32>,
}

/// What a page says to the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToHost {
    /// It joins. This comes first, and once.
    Join(Join),
    /// Its run, whole: the newest takes the place of what was shared of the same run before.
    Share(SharedRun),
    /// The student has taken the settings of this experiment, and waits for its start.
    Ready(u32),
    /// The student shares nothing any more, and what was shared goes.
    Leave,
    /// Which questions of the lesson are done on this page: bit `n - 1` for question `n`, up to
    /// [`QUESTIONS`](crate::limits::QUESTIONS). Not what was answered.
    Answered(u32),
}

/// Why a page with the right token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// All seats are taken.
    Full,
    /// Page and host are of different versions.
    OtherVersion,
}

/// What the host says to a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToSeat {
    /// The page has a seat, which this key opens again.
    Joined(Token),
    /// The page has no seat.
    Refused(Refusal),
    /// The teacher proposes an experiment.
    Experiment {
        /// Tells experiments apart; higher is newer.
        number: u32,
        /// Its settings, as a link spells them.
        settings: String,
    },
    /// The experiment starts on every page whose student is ready for it.
    Start {
        /// The experiment.
        number: u32,
        /// Tells the starts of a class apart: an experiment can be stopped and started again.
        start: u32,
    },
    /// The runs that this start began stop, also those of an earlier experiment.
    Stop(u32),
    /// Whether the board shows another name in place of the nickname.
    Hidden(bool),
    /// The teacher has deleted everything that was shared.
    Deleted,
}

/// Why bytes are no message, or a message no bytes.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum MessageError {
    /// There are too many bytes.
    #[error("a message of the class is longer than {MAX_MESSAGE_BYTES} bytes")]
    Long,
    /// They say nothing.
    #[error("a message of the class cannot be read")]
    Unreadable,
}

/// Reads a message.
///
/// # Errors
/// [`MessageError`] if the bytes are too many, or are not one whole message.
pub fn read<Message: DeserializeOwned>(bytes: &[u8]) -> Result<Message, MessageError> {
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(MessageError::Long);
    }
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        _ => Err(MessageError::Unreadable),
    }
}

/// Writes a message.
///
/// # Errors
/// [`MessageError::Long`] if the other side would refuse it.
pub fn write<Message: Serialize>(message: &Message) -> Result<Vec<u8>, MessageError> {
    let bytes = postcard::to_stdvec(message).map_err(|_| MessageError::Unreadable)?;
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(MessageError::Long);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_spec::RunConfig;
    use resnette_spec::epoch::EpochRow;
    use resnette_spec::limits::MAX_EPOCHS;

    use super::*;
    use crate::limits::{MAX_ROWS, MAX_SETTINGS_BYTES, VERSION};
    use crate::shared_run::{Row, Status};

    fn join() -> ToHost {
        ToHost::Join(Join {
            version: VERSION,
            token: Token([7; 16]),
            nickname: Nickname::new("Ada").unwrap(),
            seat: Some(Token([9; 16])),
            runs: Some(3),
        })
    }

    fn share() -> ToHost {
        let rows = [EpochRow { epoch: 0, accuracy: 0.5, ..EpochRow::default() }];
        let config = RunConfig::default();
        ToHost::Share(SharedRun::of(1, &config, false, Status::Training, &rows))
    }

    #[test]
    fn every_message_reads_back_as_it_was_written() {
        for message in [join(), share(), ToHost::Ready(3), ToHost::Leave, ToHost::Answered(5)] {
            assert_eq!(read::<ToHost>(&write(&message).unwrap()), Ok(message));
        }
        for message in [
            ToSeat::Joined(Token([1; 16])),
            ToSeat::Refused(Refusal::Full),
            ToSeat::Refused(Refusal::OtherVersion),
            ToSeat::Experiment { number: 2, settings: "epochs=3".into() },
            ToSeat::Start { number: 2, start: 5 },
            ToSeat::Stop(2),
            ToSeat::Hidden(true),
            ToSeat::Deleted,
        ] {
            assert_eq!(read::<ToSeat>(&write(&message).unwrap()), Ok(message));
        }
    }

    /// The largest run that passes the check fits into a message.
    #[test]
    fn the_longest_run_fits() {
        let epoch = MAX_EPOCHS - 1;
        let row = Row { epoch, train_loss: 1.0, valid_loss: 1.0, accuracy: 1.0 };
        let run = SharedRun {
            number: u32::MAX,
            settings: "a".repeat(MAX_SETTINGS_BYTES),
            tuned: true,
            status: Status::Failed,
            rows: vec![row; MAX_ROWS],
        };
        assert!(write(&ToHost::Share(run)).is_ok());
    }

    #[test]
    fn cut_and_prolonged_messages_are_refused() {
        for message in [join(), share(), ToHost::Ready(300), ToHost::Leave, ToHost::Answered(1)] {
            let mut bytes = write(&message).unwrap();
            for length in 0..bytes.len() {
                assert_eq!(read::<ToHost>(&bytes[..length]), Err(MessageError::Unreadable));
            }
            bytes.push(0);
            assert_eq!(read::<ToHost>(&bytes), Err(MessageError::Unreadable));
        }
        assert_eq!(read::<ToHost>(&vec![0; MAX_MESSAGE_BYTES + 1]), Err(MessageError::Long));
        let long = ToSeat::Experiment { number: 1, settings: "a".repeat(MAX_MESSAGE_BYTES) };
        assert_eq!(write(&long), Err(MessageError::Long));
    }

    /// A length of four billion that a few bytes announce reserves no memory.
    #[test]
    fn announced_lengths_are_not_believed() {
        let mut bytes = vec![1, 1];
        bytes.extend([0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(read::<ToHost>(&bytes), Err(MessageError::Unreadable));
    }

    #[test]
    fn a_bad_nickname_is_no_message() {
        let mut bytes = write(&join()).unwrap();
        let at = bytes.windows(3).position(|three| three == b"Ada").unwrap();
        bytes[at] = 0x1b;
        assert_eq!(read::<ToHost>(&bytes), Err(MessageError::Unreadable));
    }
}
