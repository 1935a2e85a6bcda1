//! Sets that are larger than memory: each picture is read again when a batch needs it, and those of
//! the next batches are made ahead by threads.
//!
//! A set is opened once from front to back, as every set is, with the same choice of pictures,
//! classes and split; but of each picture only an [`outline`](crate::outline) and its place in the
//! files stay. What is kept of a picture is a pure function of its file (decoded, cropped, shrunk),
//! so a batch that is made of it again has the same bits as one from memory. The bytes are compared
//! with a hash of what was read at first: a file that has changed is an error and no other run.
//!
//! Made pictures take no more memory than a bound says ([`Stream::stats`] counts it). A part of it
//! is for pictures that are made ahead; in the rest stay those that came first, epoch after epoch:
//! every picture is needed once an epoch in random order, so none is worth more than another, and
//! what would be dropped for the latest would never be there when it is needed. Above the bound are
//! the batch in hand, and what a thread that decodes needs for one picture.
//!
//! In a browser there are neither such files nor such threads: there [`Stream`] has no value.

mod error;
#[cfg(not(target_arch = "wasm32"))]
mod maker;
#[cfg(not(target_arch = "wasm32"))]
mod place;
#[cfg(not(target_arch = "wasm32"))]
mod queue;
#[cfg(not(target_arch = "wasm32"))]
mod threads;

use std::ops::Deref;
use std::sync::Arc;

pub use self::error::StreamError;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use self::maker::Maker;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use self::place::{Place, Places};
#[cfg(not(target_arch = "wasm32"))]
pub use self::threads::{Stream, StreamStats};
use crate::dataset::Dataset;
use crate::sample::Sample;

/// A part of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// [`Dataset::train`].
    Train,
    /// [`Dataset::valid`].
    Valid,
}

/// A picture of a set: its part and its index there.
pub type Wanted = (Part, usize);

/// A picture with its pixels, for as long as a batch needs it.
#[derive(Clone, Debug)]
pub enum Held<'a> {
    /// It is in memory with its set.
    InSet(&'a Sample),
    /// It was made for this batch, or some time before.
    Made(Arc<Sample>),
}

impl Deref for Held<'_> {
    type Target = Sample;

    fn deref(&self) -> &Sample {
        match self {
            Self::InSet(sample) => sample,
            Self::Made(sample) => sample,
        }
    }
}

impl Dataset {
    /// Pictures of a part with their pixels, in the order in which they are wanted. Of a streamed
    /// set those that `ahead` names are made next; it is told how many pictures are made ahead at
    /// most.
    ///
    /// # Errors
    /// A [`StreamError`] if a file of a streamed set cannot be read any more, or has changed. The
    /// same pictures may be asked for again.
    ///
    /// # Panics
    /// If an index lies beyond the part's end.
    pub fn samples(
        &self,
        part: Part,
        wanted: &[usize],
        ahead: impl FnOnce(usize) -> Vec<Wanted>,
    ) -> Result<Vec<Held<'_>>, StreamError> {
        if let Some(stream) = &self.stream {
            return stream.take(part, wanted, ahead);
        }
        let samples = match part {
            Part::Train => &self.train,
            Part::Valid => &self.valid,
        };
        Ok(wanted.iter().map(|&index| Held::InSet(&samples[index])).collect())
    }
}

/// Makes pictures when they are needed: nothing does in a browser.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {}

#[cfg(target_arch = "wasm32")]
impl Stream {
    /// See [`Dataset::samples`].
    fn take(
        &self,
        _: Part,
        _: &[usize],
        _: impl FnOnce(usize) -> Vec<Wanted>,
    ) -> Result<Vec<Held<'static>>, StreamError> {
        match *self {}
    }
}
