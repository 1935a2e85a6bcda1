//! What a session needs from the place where it runs.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use burn::tensor::Device;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_image_parquet::source::RangeSource;
use resnette_images::load::fallback_decoder::{FallbackDecoder, NoFallback};
use resnette_images::load::open_file::OpenFile;
use resnette_protocol::Event;
use resnette_protocol::engine::{EngineInfo, Memory};
use resnette_protocol::persistence::{Kept, NotKept};
use resnette_protocol::saved::slots::SlotId;

use crate::shared_sets::SharedSets;

/// An engine that has been started.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Where tensors live, without autodiff.
    pub device: Device,
    /// What the page shows of it.
    pub info: EngineInfo,
    /// Steps of a group, whose losses are read together (see `Learner::new`).
    pub read_every: usize,
    /// Groups that may be in flight before the losses of the oldest are waited for: 1 on the CPU, 2
    /// on a GPU, which then always has work (see `Learner::with_groups_in_flight`).
    pub groups_in_flight: usize,
}

/// A file of the reader's that came with a request.
pub trait HeldFile: OpenFile + 'static {
    /// When it was last changed, in milliseconds since 1970: with path and size it tells two
    /// versions of a file apart.
    fn last_modified(&self) -> u64;
}

/// The place where a session runs: a browser's worker, a seat at the class's host, or a test.
/// Cloning it gives another handle on the same place, which a download keeps while the session goes
/// on.
pub trait Host: Clone + 'static {
    /// A file of the reader's.
    type File: HeldFile;
    /// A file behind an address.
    type Remote: RangeSource + 'static;

    /// Sends an event to the page.
    fn post(&self, event: Event);

    /// Time since some moment in the past.
    fn now(&self) -> Duration;

    /// Lets everything else have a turn: messages are received and the GPU's callbacks run.
    fn pause(&self) -> impl Future<Output = ()>;

    /// What decodes the kinds of pictures that are not decoded in Rust.
    fn decoder(&self) -> impl FallbackDecoder + use<Self> {
        NoFallback
    }

    /// The pictures that sessions of this place share, if there are several of them.
    fn shared_sets(&self) -> Option<SharedSets> {
        None
    }

    /// A file behind an address, read in ranges; `name` stands in messages. With `cache` what comes
    /// of it is kept for the next visit, and the cell is set if there is no room left for that.
    fn open(
        &self,
        url: String,
        name: String,
        cache: Option<Rc<Cell<bool>>>,
    ) -> impl Future<Output = Self::Remote>;

    /// Puts a run into this slot of the place's storage, or into a slot of its own: if it has none
    /// yet, or if somebody else has taken the slot in the meantime. Runs that nobody works on may
    /// be removed to make room, the oldest first.
    ///
    /// # Errors
    /// Why it is not kept, and which runs were removed all the same.
    fn save_run(
        &self,
        slot: Option<SlotId>,
        checkpoint: &Checkpoint,
    ) -> impl Future<Output = Result<Kept, NotKept>>;

    /// The newest save in this slot that can be read, and a sentence if that is not the newest
    /// there is.
    ///
    /// # Errors
    /// Why there is none, for a person.
    fn load_run(
        &self,
        slot: SlotId,
    ) -> impl Future<Output = Result<(Checkpoint, Option<String>), String>>;

    /// What the engine holds of the computer's memory.
    fn memory(&self, device: &Device) -> Memory;

    /// Kernels that the GPU was asked to run so far, if somebody counts them.
    fn dispatches(&self) -> Option<f64>;
}
