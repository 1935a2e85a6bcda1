//! Commands that wait for their turn.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use resnette_protocol::Command;

use crate::files::HeldFile;

/// A command and the files that came with it.
pub type Letter = (Command, Vec<HeldFile>);

/// Shared between the message handler and the session.
#[derive(Clone, Default)]
pub struct Inbox {
    letters: Rc<RefCell<VecDeque<Letter>>>,
    waker: Rc<RefCell<Option<Waker>>>,
}

impl Inbox {
    /// Takes a letter in and wakes whoever waits.
    pub fn push(&self, command: Command, files: Vec<HeldFile>) {
        self.letters.borrow_mut().push_back((command, files));
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// The oldest letter, if there is one.
    pub fn take(&self) -> Option<Letter> {
        self.letters.borrow_mut().pop_front()
    }

    /// Whether Stop waits; it and everything before it is taken out, since Stop overtakes.
    pub fn take_stop(&self) -> bool {
        let mut letters = self.letters.borrow_mut();
        let stop = letters.iter().position(|(command, _)| *command == Command::Stop);
        if let Some(at) = stop {
            letters.drain(..=at);
        }
        stop.is_some()
    }

    /// Waits for Stop, while nobody else waits.
    pub async fn stopped(&self) {
        poll_fn(|context| {
            if self.take_stop() {
                return Poll::Ready(());
            }
            *self.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Waits for a letter.
    pub async fn wait(&self) -> Letter {
        poll_fn(|context| match self.take() {
            Some(letter) => Poll::Ready(letter),
            None => {
                *self.waker.borrow_mut() = Some(context.waker().clone());
                Poll::Pending
            }
        })
        .await
    }
}
