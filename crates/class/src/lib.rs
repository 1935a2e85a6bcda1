//! What a student's page and the class's host say to each other.
//!
//! A page shares the numbers of its runs ([`SharedRun`]) and nothing else: no pictures, no network,
//! no addresses, no names but the nickname that the student has chosen. Both sides read with the
//! same limits ([`limits`]); what is beyond them is refused as a whole. A page whose runs the host
//! trains has a second socket for that ([`engine`]), on which no nickname travels.
//!
//! - [`messages`] has the two directions and their bytes.
//! - [`engine`] has the first message of either side where the host trains.
//! - [`shared_run`] is what is shared of a run, and the check that both sides make.
//! - [`code`] is a run as a text that somebody carries where there is no host.
//! - [`nickname`] and [`token`] are the two texts that come from people and links.

pub mod code;
pub mod engine;
pub mod limits;
pub mod messages;
pub mod nickname;
pub mod shared_run;
pub mod token;

pub use code::CodeError;
pub use engine::{EngineAnswer, EngineJoin, EngineRefusal};
pub use messages::{Join, MessageError, Refusal, ToHost, ToSeat, read, write};
pub use nickname::{Nickname, NicknameError};
pub use shared_run::{Row, RunProblem, SharedRun, Status};
pub use token::Token;
