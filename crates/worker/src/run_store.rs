//! Saved runs in the browser's private file system: a slot for each, and in it two generations.
//!
//! A generation counts once it is complete: its length and its checksums say so. The older one is
//! written over, so that a tab that dies in the middle of a write leaves the newer one whole.
//! Every copy of the page has a folder of its own, and a tab that has a run under way holds the
//! lock of its slot. What lies where: [`resnette_protocol::saved::slots`].

use std::collections::BTreeMap;

use gloo_timers::future::TimeoutFuture;
use resnette_engine::train::checkpoint::Checkpoint;
use resnette_engine::train::generations::Generations;
use resnette_protocol::page_path::page_name;
use resnette_protocol::saved::run_file;
use resnette_protocol::saved::slots::{self, Entry, SlotId, SlotState};

use crate::locks::{self, Lock};
use crate::page::scope;
use crate::run_folder::Folder;
use crate::run_store_error::RunStoreError;

/// How often a lock is asked for before it counts as another tab's.
const TRIES: u32 = 15;
/// Time between two tries, in milliseconds.
const BETWEEN_TRIES: u32 = 200;

/// The sequence number of each generation; `None` if there is none that can be read.
type Sequences = [Option<u64>; slots::GENERATIONS];

/// Where runs are kept.
#[derive(Default)]
pub struct RunStore {
    /// The locks of the slots that this tab works on.
    held: BTreeMap<SlotId, Lock>,
    /// What is in the slot that was written last.
    known: Option<(SlotId, Sequences)>,
}

/// This page's part of the private file system.
struct Place {
    page: String,
    root: Folder,
    folder: Folder,
}

impl Place {
    async fn find() -> Result<Self, RunStoreError> {
        let page = page_name(&scope().location().pathname());
        let root = Folder::root().await?;
        let folder = root.make(&slots::folder_name(&page)).await?;
        Ok(Self { page, root, folder })
    }

    async fn slot(&self, slot: SlotId) -> Option<Folder> {
        match slot {
            slots::EARLIER => self.root.open(slots::EARLIER_FOLDER).await,
            _ => self.folder.open(&Entry::Slot(slot).name()).await,
        }
    }

    /// All slots. Whether a run is under way in another tab shows only when its lock is asked for.
    async fn slots(&self, own: Option<SlotId>) -> Vec<SlotState> {
        let entries: Vec<_> =
            self.folder.names().await.iter().filter_map(|name| Entry::read(name)).collect();
        let mut found: Vec<_> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Slot(slot) => Some(*slot),
                Entry::Continued(_) | Entry::Deleted(_) => None,
            })
            .collect();
        if let Some(earlier) = self.slot(slots::EARLIER).await
            && earlier.has(&slots::owner_name(&self.page)).await
            && earlier.saved().await > 0
        {
            found.push(slots::EARLIER);
        }
        let mut states = Vec::new();
        for slot in found {
            let Some(folder) = self.slot(slot).await else { continue };
            let deleted = entries.contains(&Entry::Deleted(slot));
            let continued = entries.contains(&Entry::Continued(slot));
            states.push(SlotState {
                slot,
                saved: folder.saved().await,
                deleted,
                spared: own == Some(slot) || (continued && !deleted),
            });
        }
        states
    }

    /// Removes a slot, unless a tab works on it; whether it is gone.
    async fn remove(&self, slot: SlotId) -> bool {
        let Some(_lock) = locks::take(&slots::slot_lock(&self.page, slot), false).await else {
            return false;
        };
        let gone = match (slot, self.slot(slot).await) {
            (_, None) => true,
            (slots::EARLIER, Some(folder)) => {
                let mut gone = false;
                for generation in 0..slots::GENERATIONS {
                    gone |= folder.remove(&slots::file_name(generation)).await;
                }
                gone
            }
            _ => self.folder.remove(&Entry::Slot(slot).name()).await,
        };
        self.folder.remove(&Entry::Deleted(slot).name()).await;
        gone
    }

    /// Whether the runs that may go take up so many bytes together.
    async fn can_free(&self, own: SlotId, wanted: u64) -> bool {
        let mut found = 0;
        for slot in slots::first_to_go(&self.slots(Some(own)).await) {
            if let Some(folder) = self.slot(slot).await {
                found += folder.size().await;
            }
        }
        found >= wanted
    }

    /// Removes the first run that may go, and says which.
    async fn make_room(&self, own: SlotId) -> Option<SlotId> {
        for slot in slots::first_to_go(&self.slots(Some(own)).await) {
            if self.remove(slot).await {
                return Some(slot);
            }
        }
        None
    }
}

impl RunStore {
    /// Writes a run over the older generation in its slot; into a slot of its own if it has none,
    /// or if another tab works on that slot. Returns the slot and the time of the save, in
    /// milliseconds since 1970. The slots that had to go for it are added to `removed`, also if
    /// there was not room enough in the end.
    ///
    /// # Errors
    /// [`RunStoreError`]; the newer generation is whole.
    pub async fn save(
        &mut self,
        slot: Option<SlotId>,
        checkpoint: &Checkpoint,
        removed: &mut Vec<SlotId>,
    ) -> Result<(SlotId, u64), RunStoreError> {
        let place = Place::find().await?;
        let slot = match slot {
            Some(slot) if self.hold(&place, slot).await => Some(slot),
            _ => None,
        };
        let sequences = match slot {
            Some(slot) => self.sequences(&place, slot).await?,
            None => Sequences::default(),
        };
        let (generation, sequence) = slots::next_save(sequences);
        // A run that cannot be kept must not cost another one its room, so this comes first.
        let bytes = checkpoint.write(sequence)?;
        let (own, _making) = match slot {
            Some(slot) => (slot, None),
            None => {
                let making = locks::take(&slots::slots_lock(&place.page), true).await;
                (self.new_slot(&place).await, making)
            }
        };
        // Of the runs that this tab has had, this is the one under way.
        self.held.retain(|held, _| *held == own);
        let written = self.write(&place, own, (generation, &bytes), removed).await;
        if let Err(error) = written {
            self.known = None;
            if slot.is_none() {
                // Its lock is still this tab's, so `Place::remove` could not take it.
                place.folder.remove(&Entry::Slot(own).name()).await;
                self.held.clear();
            }
            return Err(error);
        }
        let mut sequences = sequences;
        sequences[generation] = Some(sequence);
        self.known = Some((own, sequences));
        if slot.is_none() {
            // Now that the run is safe, the oldest ones may go.
            let others = place.slots(Some(own)).await.len().saturating_sub(1);
            for _ in 0..slots::surplus(others) {
                removed.extend(place.make_room(own).await);
            }
        }
        place.folder.remove(&Entry::Deleted(own).name()).await;
        if checkpoint.header.is_done() {
            self.held.clear();
        }
        Ok((own, js_sys::Date::now() as u64))
    }

    /// Writes a generation. While the storage is full, the oldest other run goes; none goes if all
    /// of them together would not make room enough.
    async fn write(
        &self,
        place: &Place,
        slot: SlotId,
        (generation, bytes): (usize, &[u8]),
        removed: &mut Vec<SlotId>,
    ) -> Result<(), RunStoreError> {
        let folder = match slot {
            slots::EARLIER => place.root.make(slots::EARLIER_FOLDER).await?,
            _ => place.folder.make(&Entry::Slot(slot).name()).await?,
        };
        let mut written = folder.write(generation, bytes).await;
        if matches!(written, Err(RunStoreError::Full))
            && place.can_free(slot, bytes.len() as u64).await
        {
            while matches!(written, Err(RunStoreError::Full)) {
                let Some(gone) = place.make_room(slot).await else { break };
                removed.push(gone);
                written = folder.write(generation, bytes).await;
            }
        }
        written
    }

    /// Takes the lock of a slot that no run has had.
    async fn new_slot(&mut self, place: &Place) -> SlotId {
        let newest = place.slots(None).await.into_iter().map(|state| state.slot).max();
        let mut slot = (js_sys::Date::now() as SlotId).max(newest.unwrap_or_default() + 1);
        while !self.hold(place, slot).await {
            slot += 1;
        }
        slot
    }

    /// Takes the lock of a slot, if no other tab has it.
    async fn hold(&mut self, place: &Place, slot: SlotId) -> bool {
        if self.held.contains_key(&slot) {
            return true;
        }
        let lock = locks::take(&slots::slot_lock(&place.page, slot), false).await;
        lock.map(|lock| self.held.insert(slot, lock)).is_some()
    }

    async fn sequences(&self, place: &Place, slot: SlotId) -> Result<Sequences, RunStoreError> {
        if let Some((known, sequences)) = self.known
            && known == slot
        {
            return Ok(sequences);
        }
        let mut found = Sequences::default();
        if let Some(folder) = place.slot(slot).await {
            for (generation, sequence) in found.iter_mut().enumerate() {
                let bytes = folder.read(generation).await?;
                *sequence =
                    bytes.and_then(|bytes| run_file::decode(&bytes).ok().map(|file| file.sequence));
            }
        }
        Ok(found)
    }

    /// The newest generation in a slot that can be read, and a sentence if that is not the newest
    /// there is. From now on it is the run that was continued last.
    ///
    /// # Errors
    /// [`RunStoreError`]
    pub async fn load(
        &mut self,
        slot: SlotId,
    ) -> Result<(Checkpoint, Option<String>), RunStoreError> {
        let place = Place::find().await?;
        let folder = place.slot(slot).await.ok_or(RunStoreError::Empty)?;
        let held_before = self.held.contains_key(&slot);
        // The worker that this one follows may still be ending, with its locks.
        let mut tries = 0;
        while !self.hold(&place, slot).await {
            tries += 1;
            if tries > TRIES {
                return Err(RunStoreError::OtherTab);
            }
            TimeoutFuture::new(BETWEEN_TRIES).await;
        }
        let loaded = newest(&folder).await;
        if !held_before && loaded.as_ref().map_or(true, |(run, _)| run.header.is_done()) {
            // Nothing will be written there for now.
            self.held.remove(&slot);
        }
        if loaded.is_ok() {
            let mark = Entry::Continued(slot).name();
            place.folder.mark(&mark).await;
            for name in place.folder.names().await {
                if matches!(Entry::read(&name), Some(Entry::Continued(_))) && name != mark {
                    place.folder.remove(&name).await;
                }
            }
        }
        loaded
    }
}

async fn newest(folder: &Folder) -> Result<(Checkpoint, Option<String>), RunStoreError> {
    let mut found = Generations::default();
    let mut unreadable = None;
    for generation in 0..slots::GENERATIONS {
        match folder.read(generation).await {
            Ok(Some(bytes)) => found.offer(&bytes),
            Ok(None) => {}
            Err(error) => unreadable = Some(error),
        }
    }
    match (found.newest(), unreadable) {
        ((Some(checkpoint), None), _) => Ok((checkpoint, None)),
        ((Some(checkpoint), Some(error)), _) => Ok((
            checkpoint,
            Some(format!(
                "one of the two saves could not be read ({error}); this is the other one"
            )),
        )),
        ((None, Some(error)), _) => Err(RunStoreError::Damaged(error)),
        ((None, None), Some(error)) => Err(error),
        ((None, None), None) => Err(RunStoreError::Empty),
    }
}
