//! The first messages on the socket to the host's engine. What follows them is the protocol between
//! page and worker, one message a frame.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::token::Token;

/// The first message of a page that asks the host to train for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineJoin {
    /// [`VERSION`](crate::limits::VERSION).
    pub version: u16,
    /// The version of the protocol between page and engine, by which builds are told apart.
    pub protocol: String,
    /// The class's token, from the join link.
    pub token: Token,
    /// The key of the seat that the page had before its connection broke, or before it was closed.
    pub seat: Option<Token>,
}

/// What the host says to that, before any event of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineAnswer {
    /// The page has a seat, which this key opens again.
    Joined(Token),
    /// The page has none, and the connection ends.
    Refused(EngineRefusal),
}

/// Why a page with the right token gets no seat at the host's engine.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineRefusal {
    /// All seats are taken.
    #[error(
        "all seats at the class’s host are taken. Train in this tab (backend=auto), or try again \
         when somebody has left"
    )]
    Full,
    /// Page and host are of different versions.
    #[error(
        "the class’s host and this page are different versions. Reload the page from the class’s \
         link"
    )]
    OtherVersion,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::limits::VERSION;
    use crate::messages::{MessageError, read, write};

    #[test]
    fn the_first_messages_read_back_and_cut_ones_are_refused() {
        let join = EngineJoin {
            version: VERSION,
            protocol: "0123456789abcdef".into(),
            token: Token([7; 16]),
            seat: Some(Token([9; 16])),
        };
        let bytes = write(&join).unwrap();
        assert_eq!(read(&bytes), Ok(join));
        for length in 0..bytes.len() {
            assert_eq!(read::<EngineJoin>(&bytes[..length]), Err(MessageError::Unreadable));
        }
        for answer in [
            EngineAnswer::Joined(Token([1; 16])),
            EngineAnswer::Refused(EngineRefusal::Full),
            EngineAnswer::Refused(EngineRefusal::OtherVersion),
        ] {
            assert_eq!(read(&write(&answer).unwrap()), Ok(answer));
        }
    }
}
