//! Where the browser keeps saved runs: a slot for each run, and in it two generations.
//!
//! Each save goes into the file with the older generation, so a write that fails half-way leaves
//! the newer generation intact. A new run takes a new slot, so it overwrites no other run. How many
//! slots there are is bounded, and [`first_to_go`] says in which order runs make room.
//!
//! ```text
//! resnette-runs-PAGE/            one folder for each copy of the page on this origin
//!     1764192000000/             a slot
//!         run-0.resnette         its two generations
//!         run-1.resnette
//!     continued-1764192000000    an empty file: the run that was continued last
//!     deleted-1764100000000      an empty file: a run that was deleted and can still come back
//! resnette/                      earlier versions of the page kept their only run here
//!     run-0.resnette
//!     run-1.resnette
//!     owner-PAGE                 an empty file: the copy of the page to which this run belongs now
//! ```

/// Number of generations of a run that are kept.
pub const GENERATIONS: usize = 2;
/// Number of runs that are kept.
pub const MAX_SAVED_RUNS: usize = 5;
/// The folder in which earlier versions of the page kept their only run. It is the slot
/// [`EARLIER`] of the page that owns it.
pub const EARLIER_FOLDER: &str = "resnette";
/// How long a deleted run can come back if its room is not needed, in milliseconds.
pub const UNDO_MILLISECONDS: u64 = 10 * 60 * 1000;

/// Names a slot: the time of its first save in milliseconds since 1970, or [`EARLIER`].
pub type SlotId = u64;

/// The slot of the run that an earlier version of the page has saved.
pub const EARLIER: SlotId = 0;

/// The page's folder of slots. For `page` see [`page_name`](crate::page_path::page_name).
pub fn folder_name(page: &str) -> String {
    format!("resnette-runs-{page}")
}

/// The name of a generation's file in its slot.
pub fn file_name(generation: usize) -> String {
    format!("run-{generation}.resnette")
}

/// The lock that is held while a slot's run is under way. Earlier versions of the page know the
/// one of [`EARLIER`].
pub fn slot_lock(page: &str, slot: SlotId) -> String {
    match slot {
        EARLIER => "resnette-autosave".into(),
        _ => format!("resnette-run-{page}-{slot}"),
    }
}

/// The lock that is held while slots are made and removed.
pub fn slots_lock(page: &str) -> String {
    format!("resnette-slots-{page}")
}

/// The name of the file that says which copy of the page owns the run in [`EARLIER_FOLDER`].
pub fn owner_name(page: &str) -> String {
    format!("{OWNER}{page}")
}

/// What the names of all such files begin with.
pub const OWNER: &str = "owner-";

/// What a name in a page's folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A slot.
    Slot(SlotId),
    /// The mark of the run that was continued last.
    Continued(SlotId),
    /// The mark of a deleted run.
    Deleted(SlotId),
}

impl Entry {
    /// Reads a name; `None` if this page does not write such names.
    pub fn read(name: &str) -> Option<Self> {
        let slot = |digits: &str| digits.parse::<SlotId>().ok();
        let marked = |prefix| name.strip_prefix(prefix).and_then(slot);
        let entry = slot(name).filter(|slot| *slot != EARLIER).map(Self::Slot);
        entry
            .or_else(|| marked("continued-").map(Self::Continued))
            .or_else(|| marked("deleted-").map(Self::Deleted))
            .filter(|entry| entry.name() == name)
    }

    /// The name.
    pub fn name(self) -> String {
        match self {
            Self::Slot(slot) => slot.to_string(),
            Self::Continued(slot) => format!("continued-{slot}"),
            Self::Deleted(slot) => format!("deleted-{slot}"),
        }
    }
}

/// A slot, as far as it matters for which run goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotState {
    /// Its name.
    pub slot: SlotId,
    /// When it was last saved, in milliseconds since 1970.
    pub saved: u64,
    /// Whether the reader has deleted it.
    pub deleted: bool,
    /// Whether it must stay: its run is under way, or was continued last.
    pub spared: bool,
}

/// The slots that may be removed to make room, in the order in which they go: deleted runs first,
/// then the run whose last save is the oldest.
pub fn first_to_go(slots: &[SlotState]) -> Vec<SlotId> {
    let mut going: Vec<_> = slots.iter().filter(|slot| !slot.spared).collect();
    going.sort_by_key(|slot| (!slot.deleted, slot.saved, slot.slot));
    going.into_iter().map(|slot| slot.slot).collect()
}

/// How many of so many slots must go before a new run takes one.
pub fn surplus(slots: usize) -> usize {
    (slots + 1).saturating_sub(MAX_SAVED_RUNS)
}

/// The generation and the sequence number for the next save, given the sequence number of each:
/// `None` if it is empty or cannot be read.
pub fn next_save(sequences: [Option<u64>; GENERATIONS]) -> (usize, u64) {
    let newest = sequences.iter().flatten().max().copied().unwrap_or(0);
    let older = match sequences {
        [None, _] => 0,
        [_, None] => 1,
        [Some(first), Some(second)] => usize::from(first > second),
    };
    (older, newest.saturating_add(1))
}

/// The generations that can be read, newest first.
pub fn newest_first(sequences: [Option<u64>; GENERATIONS]) -> Vec<usize> {
    let mut found: Vec<usize> = (0..GENERATIONS).filter(|&at| sequences[at].is_some()).collect();
    found.sort_by_key(|&at| std::cmp::Reverse(sequences[at]));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_generation_is_never_written_over() {
        assert_eq!(next_save([None, None]), (0, 1));
        assert_eq!(next_save([Some(1), None]), (1, 2));
        assert_eq!(next_save([Some(1), Some(2)]), (0, 3));
        assert_eq!(next_save([Some(3), Some(2)]), (1, 4));
        // A damaged generation is written next, even if it was the newer one.
        assert_eq!(next_save([None, Some(2)]), (0, 3));
        assert_eq!(newest_first([Some(3), Some(4)]), [1, 0]);
        assert_eq!(newest_first([Some(3), None]), [0]);
        assert_eq!(newest_first([None, None]), [0; 0]);
    }

    #[test]
    fn names_read_back_and_no_others_are_read() {
        for entry in [Entry::Slot(7), Entry::Continued(EARLIER), Entry::Deleted(1764192000000)] {
            assert_eq!(Entry::read(&entry.name()), Some(entry));
        }
        for name in ["", "0", "07", "+7", "deleted-", "deleted-07", "run-0.resnette", "owner-_2F"] {
            assert_eq!(Entry::read(name), None, "{name}");
        }
        assert_ne!(slot_lock("_2F", 7), slot_lock("_2Fcopy_2F", 7));
        assert_ne!(folder_name("_2F"), folder_name("_2Fcopy_2F"));
    }

    /// Whatever the slots are: one that is spared never goes, every other one goes once, and none
    /// goes before a deleted or an older one.
    #[test]
    fn the_oldest_goes_first_and_none_that_is_needed() {
        // Every combination of two ages, deleted or not, spared or not, for three slots.
        for case in 0..8_u64.pow(3) {
            let slots: Vec<_> = (0..3)
                .map(|at| {
                    let bits = case >> (3 * at) & 7;
                    let (saved, deleted, spared) = (bits & 1, bits & 2 != 0, bits & 4 != 0);
                    SlotState { slot: at + 1, saved, deleted, spared }
                })
                .collect();
            let going: Vec<_> = first_to_go(&slots)
                .into_iter()
                .filter_map(|slot| slots.iter().find(|other| other.slot == slot))
                .collect();
            assert_eq!(going.len(), slots.iter().filter(|slot| !slot.spared).count());
            assert!(going.iter().all(|slot| !slot.spared), "{slots:?}");
            assert!(
                going.windows(2).all(|pair| {
                    (!pair[0].deleted, pair[0].saved) <= (!pair[1].deleted, pair[1].saved)
                }),
                "{slots:?}"
            );
        }
        assert_eq!([0, 4, 5, 7].map(surplus), [0, 0, 1, 3]);
    }
}
