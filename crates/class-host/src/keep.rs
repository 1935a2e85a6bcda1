//! Writes the board into its file, on a thread of its own: no student waits for a disk.
//!
//! Once in [`EVERY`] the board is copied under its lock and what has changed is written in one
//! transaction, so that a host that is killed loses what the last second brought. What the teacher
//! deletes is written at once, and answered when it has been.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::class::Class;
use crate::keep_file::KeepFile;
use crate::keep_line::{KeepLine, NO_LONGER, Order};

/// How often the file is written at most, unless something is deleted.
pub const EVERY: Duration = Duration::from_secs(1);

/// The thread that writes. Dropping it writes once more, and waits for that.
pub(crate) struct Keeper {
    orders: Sender<Order>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts to write what becomes of the class's board into a file that has it as it is now.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(crate) fn start(
        file: KeepFile,
        class: Arc<Class>,
        orders: Sender<Order>,
        told: Receiver<Order>,
    ) -> Result<Self> {
        let thread = std::thread::Builder::new()
            .name("keep".into())
            .spawn(move || {
                telling(class.keep.as_ref(), || write_until_ended(file, &class, &told));
            })
            .context("the system gives no thread that writes the class's file")?;
        Ok(Self { orders, thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Both fail only if the thread has ended.
        let _ = self.orders.send(Order::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Does the thread's work. If that breaks, the board says that the file is written no more.
fn telling(line: Option<&KeepLine>, work: impl FnOnce()) {
    // What it leaves half done is the file's, of which a transaction is whole or not there.
    if catch_unwind(AssertUnwindSafe(work)).is_err()
        && let Some(line) = line
    {
        line.set_trouble(Some(NO_LONGER.into()));
    }
}

fn write_until_ended(mut file: KeepFile, class: &Class, told: &Receiver<Order>) {
    // A board counts from 0, and then says what the file says.
    let mut written = 0;
    // Whether something was deleted since the file was rewritten.
    let mut deleted = false;
    loop {
        let order = told.recv_timeout(EVERY);
        let (changes, board) = {
            let board = class.board();
            let changes = board.changes();
            (changes, (changes != written).then(|| board.kept()))
        };
        // What is asked for at once is a deletion.
        deleted |= matches!(order, Ok(Order::Now(_)));
        let done = board.map_or(Ok(()), |board| file.write(&board));
        let done = done.and_then(|()| if deleted { file.compact() } else { Ok(()) });
        let trouble = match done {
            Ok(()) => {
                (written, deleted) = (changes, false);
                None
            }
            // It is tried again with the next look, since both are what they were.
            Err(error) => Some(format!("{error}. The host tries again every second")),
        };
        if let Some(line) = &class.keep {
            line.set_trouble(trouble.clone());
        }
        match order {
            Ok(Order::Now(reply)) => {
                // Whoever asked may have gone.
                let _ = reply.send(trouble);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// A board whose file nobody writes any more says so, and one whose writing has ended does not.
    #[test]
    fn a_thread_that_breaks_is_told() {
        let line = KeepLine::new("class.db".into(), channel().0);
        telling(Some(&line), || {});
        assert_eq!(line.trouble(), None);
        telling(Some(&line), || panic!("a bug"));
        assert_eq!(line.trouble().as_deref(), Some(NO_LONGER));
    }
}
