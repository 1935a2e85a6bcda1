//! What all requests of a class share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use resnette_class::Token;
use tokio::sync::Semaphore;

use crate::board::Board;
use crate::engine_line::SeatEngine;
use crate::keep_line::KeepLine;

/// What all requests share.
pub(crate) struct Class {
    pub(crate) board: Mutex<Board>,
    pub(crate) join_token: Token,
    pub(crate) teacher_token: Token,
    pub(crate) join_link: String,
    /// Places for sockets that have not said yet who they are.
    pub(crate) waiting: Arc<Semaphore>,
    /// The file that the board is kept in, if there is one.
    pub(crate) keep: Option<KeepLine>,
    /// What trains for pages that ask for it; `None` if this host does not.
    pub(crate) engine: Option<Arc<dyn SeatEngine>>,
}

impl Class {
    pub(crate) fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 128 bits from the operating system.
pub(crate) fn new_token() -> Result<Token> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).context("the system gives no random numbers for a token")?;
    Ok(Token(bits))
}
