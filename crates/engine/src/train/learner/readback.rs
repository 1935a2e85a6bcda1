//! Numbers on their way from the device to ordinary memory.
//!
//! A GPU works through what it is handed in order, so a copy that is asked for now holds what the
//! work before it has computed, and comes when that is done, whatever is handed over behind it. So
//! it is asked for at once and waited for later, while the device has more to do.
//!
//! In a browser the buffer that receives a copy is mapped. CubeCL takes such a buffer for the next
//! copy as soon as nobody waits for this one, and the device refuses to write into a buffer whose
//! mapping is under way. So a copy that nobody wants any more, that of a run in whose place another
//! one begins perhaps, is kept here until it has come.

use std::cell::RefCell;
use std::future::{pending, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use burn::tensor::{ExecutionError, Tensor, TensorData};

/// A copy of a tensor, under way.
type Copying = Pin<Box<dyn Future<Output = Result<TensorData, ExecutionError>>>>;

thread_local! {
    /// Copies under way that nobody waits for any more.
    static UNWANTED: RefCell<Vec<Copying>> = const { RefCell::new(Vec::new()) };
}

/// The numbers of a tensor, which the device has been asked for.
pub(super) struct Readback {
    copying: Copying,
    /// Whether the device has still to answer.
    is_under_way: bool,
}

impl Readback {
    /// Asks the device for a copy of a tensor, and waits for nothing.
    pub(super) fn begin(tensor: Tensor<1>) -> Self {
        let copying = tensor.into_data_async();
        #[cfg(test)]
        let copying = slow_copies::slow(copying);
        Self::of(Box::pin(copying))
    }

    fn of(mut copying: Copying) -> Self {
        forget_unwanted();
        // Burn asks the device when somebody asks Burn for the first time. Nobody is to be woken
        // yet: whoever waits for the numbers says so then.
        match copying.as_mut().poll(&mut Context::from_waker(Waker::noop())).map(ready) {
            Poll::Ready(come) => Self { copying: Box::pin(come), is_under_way: false },
            Poll::Pending => Self { copying, is_under_way: true },
        }
    }

    /// Waits for the numbers.
    ///
    /// # Errors
    /// The device failed.
    pub(super) async fn end(mut self) -> Result<Vec<f32>, ExecutionError> {
        let come = self.copying.as_mut().await;
        self.is_under_way = false;
        Ok(come?.iter::<f32>().collect())
    }
}

impl Drop for Readback {
    fn drop(&mut self) {
        if self.is_under_way {
            let nothing: Copying = Box::pin(pending());
            let copying = std::mem::replace(&mut self.copying, nothing);
            // A thread that ends has no further copy that this one could hinder.
            let _ = UNWANTED.try_with(|unwanted| unwanted.borrow_mut().push(copying));
        }
    }
}

/// Lets go of the unwanted copies that have come meanwhile.
fn forget_unwanted() {
    let mut context = Context::from_waker(Waker::noop());
    UNWANTED.with(|unwanted| {
        unwanted
            .borrow_mut()
            .retain_mut(|copying| copying.as_mut().poll(&mut context).is_pending());
    });
}

/// In the tests of this crate a copy is like a GPU's: it is not there when it is asked for. They
/// count what is asked for and what has come.
#[cfg(test)]
pub(super) mod slow_copies {
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::task::Poll;

    thread_local! {
        static BEGUN: Cell<usize> = const { Cell::new(0) };
        static COME: Cell<usize> = const { Cell::new(0) };
    }

    /// How many copies this thread has asked for, and how many of them have come.
    pub(in crate::train::learner) fn counts() -> (usize, usize) {
        (BEGUN.get(), COME.get())
    }

    /// The copy, when it is asked about for the second time.
    pub(super) async fn slow<T>(copying: impl Future<Output = T>) -> T {
        BEGUN.set(BEGUN.get() + 1);
        let come = copying.await;
        let mut is_asked = false;
        poll_fn(|context| {
            if std::mem::replace(&mut is_asked, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        COME.set(COME.get() + 1);
        come
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::rc::Rc;

    use burn::tensor::Device;
    use futures::executor::block_on;

    use super::*;

    /// A device by hand: how often it was asked, and whether its answer is there.
    #[derive(Clone, Default)]
    struct ByHand {
        asked: Rc<Cell<usize>>,
        is_done: Rc<Cell<bool>>,
    }

    impl ByHand {
        fn copying(&self) -> Copying {
            let Self { asked, is_done } = self.clone();
            Box::pin(poll_fn(move |context| {
                asked.set(asked.get() + 1);
                if is_done.get() {
                    let answer: Result<TensorData, ExecutionError> =
                        Ok(TensorData::new(vec![1.0f32, 2.0], [2]));
                    return Poll::Ready(answer);
                }
                context.waker().wake_by_ref();
                Poll::Pending
            }))
        }

        /// Whether the copy is still held by somebody.
        fn is_held(&self) -> bool {
            Rc::strong_count(&self.asked) > 1
        }
    }

    #[test]
    fn a_copy_is_asked_for_once_when_it_begins_and_then_by_whoever_waits() {
        let device = ByHand::default();
        let readback = Readback::of(device.copying());
        assert_eq!(device.asked.get(), 1);
        device.is_done.set(true);
        assert_eq!(device.asked.get(), 1, "nobody waits for it");
        assert_eq!(block_on(readback.end()).unwrap(), [1.0, 2.0]);
        assert_eq!(device.asked.get(), 2);
    }

    /// As on the CPU.
    #[test]
    fn a_copy_that_is_there_at_once_is_not_asked_for_again() {
        let device = ByHand::default();
        device.is_done.set(true);
        let readback = Readback::of(device.copying());
        assert_eq!(block_on(readback.end()).unwrap(), [1.0, 2.0]);
        assert_eq!(device.asked.get(), 1);
        drop(Readback::of(device.copying()));
        assert!(!device.is_held());
    }

    /// The buffer of a copy that is under way must not be given back.
    #[test]
    fn a_copy_that_nobody_wants_is_held_until_it_has_come() {
        let (dropped, abandoned) = (ByHand::default(), ByHand::default());
        drop(Readback::of(dropped.copying()));
        // Somebody begins to wait, and goes away.
        {
            let mut waiting = std::pin::pin!(Readback::of(abandoned.copying()).end());
            let mut context = Context::from_waker(Waker::noop());
            assert!(waiting.as_mut().poll(&mut context).is_pending());
        }
        assert!(dropped.is_held() && abandoned.is_held());
        dropped.is_done.set(true);
        let next = Readback::begin(Tensor::from_floats([3.0], &Device::flex()));
        assert!(!dropped.is_held() && abandoned.is_held());
        abandoned.is_done.set(true);
        assert_eq!(block_on(next.end()).unwrap(), [3.0]);
        drop(Readback::begin(Tensor::from_floats([4.0], &Device::flex())));
        assert!(!abandoned.is_held());
    }
}
