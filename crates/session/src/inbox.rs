//! Requests that wait for their turn.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use resnette_protocol::Request;

/// A request and the files that came with it.
pub type Letter<F> = (Request, Vec<F>);

/// Shared between whoever receives requests and the session.
pub struct Inbox<F> {
    letters: Rc<RefCell<VecDeque<Letter<F>>>>,
    /// Whether a page has come that knows nothing of the session.
    greeted: Rc<Cell<bool>>,
    waker: Rc<RefCell<Option<Waker>>>,
}

impl<F> Default for Inbox<F> {
    fn default() -> Self {
        Self { letters: Rc::default(), greeted: Rc::default(), waker: Rc::default() }
    }
}

impl<F> Clone for Inbox<F> {
    fn clone(&self) -> Self {
        Self {
            letters: self.letters.clone(),
            greeted: self.greeted.clone(),
            waker: self.waker.clone(),
        }
    }
}

impl<F> Inbox<F> {
    /// Takes a request in, and wakes the session if it sleeps.
    pub fn push(&self, request: Request, files: Vec<F>) {
        self.letters.borrow_mut().push_back((request, files));
        self.wake();
    }

    /// A page has come that knows nothing of the session, which then tells it what there is: the
    /// engine, the pictures and the run.
    pub fn greet(&self) {
        self.greeted.set(true);
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Whether a page has come since this was asked last.
    pub(crate) fn take_greeting(&self) -> bool {
        self.greeted.take()
    }

    /// The oldest request, if one waits.
    pub fn take(&self) -> Option<Letter<F>> {
        self.letters.borrow_mut().pop_front()
    }

    /// Whether no request waits.
    pub fn is_empty(&self) -> bool {
        self.letters.borrow().is_empty()
    }

    /// Ready once a request waits or a page has come; until then whoever polls last is woken by the
    /// next one.
    pub fn poll_arrival(&self, context: &mut Context<'_>) -> Poll<()> {
        if self.greeted.get() || !self.is_empty() {
            return Poll::Ready(());
        }
        *self.waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}
