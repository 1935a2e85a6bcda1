//! Pictures that several sessions of one place use: loaded once, and kept as long as one uses them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Weak};

use futures::lock::{Mutex, MutexGuard};
use resnette_images::dataset::Dataset;

use crate::wanted::Wanted;

/// There is no room for another set of pictures beside those that other sessions use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no room for more pictures beside those that the class is using. Choose the same \
     pictures as somebody else (source, size, numbers and seed), or try again later. What was \
     loaded before is kept"
)]
pub(crate) struct NoRoom;

/// The sets of pictures that sessions of one place share. Clones are the same place.
///
/// Sessions load one after another, so that thirty which want the same pictures at the same time
/// load them once.
#[derive(Clone, Debug)]
pub struct SharedSets(Rc<Shelf>);

#[derive(Debug)]
struct Shelf {
    /// The most bytes of pictures before another set is loaded.
    room: u64,
    turn: Mutex<()>,
    sets: RefCell<Vec<(Wanted, Weak<Dataset>)>>,
    loaded: Cell<u32>,
}

impl SharedSets {
    /// A place without pictures. Another set is loaded as long as those in use take less than
    /// `room` bytes; each is bounded by itself
    /// ([`MAX_SET_BYTES`](resnette_spec::limits::MAX_SET_BYTES)).
    pub fn new(room: u64) -> Self {
        let sets = RefCell::default();
        Self(Rc::new(Shelf { room, turn: Mutex::new(()), sets, loaded: Cell::new(0) }))
    }

    /// How many sets have been loaded so far, those that nobody uses any more among them.
    pub fn loaded(&self) -> u32 {
        self.0.loaded.get()
    }

    /// Waits until nobody else loads.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.0.turn.lock().await
    }

    /// The same pictures, if somebody uses them.
    pub(crate) fn get(&self, wanted: &Wanted) -> Option<Arc<Dataset>> {
        let sets = self.0.sets.borrow();
        let (_, set) = sets.iter().find(|(known, _)| known == wanted)?;
        set.upgrade()
    }

    /// Whether another set may be loaded.
    ///
    /// # Errors
    /// [`NoRoom`]
    pub(crate) fn check_room(&self) -> Result<(), NoRoom> {
        let mut sets = self.0.sets.borrow_mut();
        sets.retain(|(_, set)| set.strong_count() > 0);
        let bytes: u64 =
            sets.iter().filter_map(|(_, set)| set.upgrade()).map(|set| set.bytes()).sum();
        if bytes < self.0.room { Ok(()) } else { Err(NoRoom) }
    }

    /// Takes a set in that has just been loaded.
    pub(crate) fn add(&self, wanted: Wanted, set: &Arc<Dataset>) {
        self.0.loaded.set(self.0.loaded.get() + 1);
        let mut sets = self.0.sets.borrow_mut();
        sets.retain(|(_, set)| set.strong_count() > 0);
        sets.push((wanted, Arc::downgrade(set)));
    }
}
