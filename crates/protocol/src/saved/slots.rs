//! Two generations of a saved run: the older one is written over, so that a write that fails leaves
//! the newer one whole.

/// Number of slots.
pub const SLOTS: usize = 2;
/// The folder in the browser's private file system.
pub const FOLDER: &str = "resnette";

/// The file of a slot.
pub fn file(slot: usize) -> String {
    format!("run-{slot}.resnette")
}

/// Slot and sequence number of the next write, from the sequence numbers of what is readable now.
pub fn next(sequences: [Option<u64>; SLOTS]) -> (usize, u64) {
    let newest = sequences.iter().flatten().max().copied().unwrap_or(0);
    let older = match sequences {
        [None, _] => 0,
        [_, None] => 1,
        [Some(first), Some(second)] => usize::from(first > second),
    };
    (older, newest.saturating_add(1))
}

/// Slots that can be read, newest first.
pub fn newest_first(sequences: [Option<u64>; SLOTS]) -> Vec<usize> {
    let mut slots: Vec<usize> = (0..SLOTS).filter(|&slot| sequences[slot].is_some()).collect();
    slots.sort_by_key(|&slot| std::cmp::Reverse(sequences[slot]));
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_generation_is_never_written_over() {
        assert_eq!(next([None, None]), (0, 1));
        assert_eq!(next([Some(1), None]), (1, 2));
        assert_eq!(next([Some(1), Some(2)]), (0, 3));
        assert_eq!(next([Some(3), Some(2)]), (1, 4));
        // A damaged slot is the one to write, even where it was the newer.
        assert_eq!(next([None, Some(2)]), (0, 3));
        assert_eq!(newest_first([Some(3), Some(4)]), [1, 0]);
        assert_eq!(newest_first([Some(3), None]), [0]);
        assert_eq!(newest_first([None, None]), [0; 0]);
    }
}
