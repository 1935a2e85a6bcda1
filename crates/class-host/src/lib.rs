//! The host of a class: it serves the page, lets students share the numbers of their runs, and
//! shows these on a board for the projector.
//!
//! - [`ClassSite`] says what is served and to whom, and starts a server.
//! - [`door`] refuses requests that do not come from its own pages, before anything else.
//! - [`seat`] speaks with one student's page over a socket ([`resnette_class`] has the messages).
//! - [`engine_line`] joins the socket of a page whose runs the host trains to an engine, if the
//!   host is given one. There are no tensors here: what travels is bytes.
//! - [`board`] is what the class shares, in memory; nothing is logged.
//! - [`keep`] writes a copy of it into a file, if the teacher asks for one ([`keep_file`] opens
//!   it), and nothing is written to disk otherwise.
//! - [`tls`] serves over https with a certificate of the teacher's.
//! - [`teacher`] has the board's page and its commands, behind another token than the class's.
//! - [`view`], [`curves`], [`pairs`], [`lesson`], [`table_file`] and [`join_code`] draw the board.

pub mod board;
mod class;
pub mod curves;
pub mod door;
pub mod engine_line;
mod engine_seat;
pub mod join_code;
pub mod keep;
pub mod keep_file;
mod keep_line;
mod keep_tables;
pub mod lesson;
pub mod pairs;
pub mod rate;
pub mod seat;
pub mod site;
mod socket;
pub mod table_file;
pub mod teacher;
pub mod tls;
pub mod view;

pub use crate::site::{ClassSite, Running};
