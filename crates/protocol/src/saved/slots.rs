//! The two files in which the browser keeps the latest saves of a run.
//!
//! Each save goes into the slot with the older generation, so a write that fails half-way leaves
//! the newer generation intact.

/// Number of slots, and so of generations that are kept.
pub const SLOT_COUNT: usize = 2;
/// The folder of the slots in the browser's origin private file system.
pub const FOLDER: &str = "resnette";

/// The name of a slot's file in [`FOLDER`].
pub fn file_name(slot: usize) -> String {
    format!("run-{slot}.resnette")
}

/// The slot and the sequence number for the next save, given the sequence number in each slot:
/// `None` if the slot is empty or cannot be read.
pub fn next_save(sequences: [Option<u64>; SLOT_COUNT]) -> (usize, u64) {
    let newest = sequences.iter().flatten().max().copied().unwrap_or(0);
    let older = match sequences {
        [None, _] => 0,
        [_, None] => 1,
        [Some(first), Some(second)] => usize::from(first > second),
    };
    (older, newest.saturating_add(1))
}

/// The slots that can be read, newest generation first.
pub fn newest_first(sequences: [Option<u64>; SLOT_COUNT]) -> Vec<usize> {
    let mut slots: Vec<usize> = (0..SLOT_COUNT).filter(|&slot| sequences[slot].is_some()).collect();
    slots.sort_by_key(|&slot| std::cmp::Reverse(sequences[slot]));
    slots
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
        // A damaged slot is written next, even if it held the newer generation.
        assert_eq!(next_save([None, Some(2)]), (0, 3));
        assert_eq!(newest_first([Some(3), Some(4)]), [1, 0]);
        assert_eq!(newest_first([Some(3), None]), [0]);
        assert_eq!(newest_first([None, None]), [0; 0]);
    }
}
