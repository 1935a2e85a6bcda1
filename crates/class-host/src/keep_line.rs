//! What requests say to the thread that writes the board into its file, and hear of it.

use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

/// What is wrong where the thread that writes has ended.
pub(crate) const NO_LONGER: &str = "nothing is written into it any more. Start the host again with \
                                    it, or with another file";

/// What the thread is told.
pub(crate) enum Order {
    /// Something was deleted: write now, and answer with what went wrong.
    Now(oneshot::Sender<Option<String>>),
    /// Write, and end.
    End,
}

/// What all requests know of the file.
#[derive(Debug)]
pub(crate) struct KeepLine {
    pub(crate) path: PathBuf,
    orders: Sender<Order>,
    trouble: Mutex<Option<String>>,
}

impl KeepLine {
    pub(crate) fn new(path: PathBuf, orders: Sender<Order>) -> Self {
        Self { path, orders, trouble: Mutex::default() }
    }

    /// Why the file is behind the board, if it is.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says why the file is behind the board, or that it no longer is.
    pub(crate) fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Waits until the file says what the board says.
    ///
    /// # Errors
    /// Why it does not.
    pub(crate) async fn now(&self) -> std::result::Result<(), String> {
        let (reply, answer) = oneshot::channel();
        let ended = || NO_LONGER.to_owned();
        self.orders.send(Order::Now(reply)).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?.map_or(Ok(()), Err)
    }
}
