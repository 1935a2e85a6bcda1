//! Pairs of runs that differ in one setting and have the same seed: what the class can learn from.

use resnette_class::Row;
use resnette_spec::{SETTINGS, Setting};

use crate::board::{Board, BoardRun, Seat};

/// The most pairs that are shown.
pub const MAX_PAIRS: usize = 12;
/// Settings that change no number of a run by themselves, or by rounding alone.
const ASIDE: [&str; 3] = ["data", "backend", "threads"];

/// Two runs that differ in one setting.
#[derive(Debug)]
pub struct Pair<'a> {
    /// In what they differ.
    pub setting: &'static Setting,
    /// Who ran, with which value, and the row of the last epoch that both have.
    pub sides: [(&'a Seat, &'a str, Row); 2],
}

/// The pairs on the board, those of the newest seats last, at most [`MAX_PAIRS`].
pub fn pairs(board: &Board) -> Vec<Pair<'_>> {
    let runs: Vec<(&Seat, &BoardRun)> = board
        .seats()
        .iter()
        .flat_map(|seat| seat.runs.iter().map(move |run| (seat, run)))
        .collect();
    let mut found = Vec::new();
    for (index, first) in runs.iter().enumerate() {
        for second in &runs[index + 1..] {
            if let Some(pair) = pair(*first, *second) {
                found.push(pair);
                if found.len() == MAX_PAIRS {
                    return found;
                }
            }
        }
    }
    found
}

fn pair<'a>(first: (&'a Seat, &'a BoardRun), second: (&'a Seat, &'a BoardRun)) -> Option<Pair<'a>> {
    let (one, other) = (first.1, second.1);
    if one.run.tuned != other.run.tuned {
        return None;
    }
    let mut differing = SETTINGS
        .iter()
        .zip(one.values.iter().zip(&other.values))
        .filter(|(setting, (a, b))| a != b && !ASIDE.contains(&setting.key));
    let (setting, (a, b)) = differing.next()?;
    if differing.next().is_some() || setting.key == "seed" {
        return None;
    }
    // After as many epochs, or the longer run would win.
    let (left, right) = one.run.rows.iter().rev().find_map(|row| {
        // The rows ascend, or the run would have been refused.
        let at = other.run.rows.binary_search_by_key(&row.epoch, |other| other.epoch).ok()?;
        Some((*row, other.run.rows[at]))
    })?;
    Some(Pair { setting, sides: [(first.0, a.as_str(), left), (second.0, b.as_str(), right)] })
}

/// The settings in which any two runs of the board differ, in the table's order, as indices of
/// [`SETTINGS`]. With a single run there is nothing to compare, and none differs.
pub fn differing(board: &Board) -> Vec<usize> {
    let runs: Vec<&BoardRun> = board.seats().iter().flat_map(|seat| &seat.runs).collect();
    let Some((first, others)) = runs.split_first() else { return Vec::new() };
    (0..SETTINGS.len())
        .filter(|&index| others.iter().any(|run| run.values[index] != first.values[index]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::tests::{run, seated};

    #[test]
    fn a_pair_has_one_seed_and_one_other_setting() {
        let (mut board, _seats) = seated(&["Ada", "Bo", "Cy", "Di", "Ed"]);
        for (seat, settings, rows) in [
            (1, "seed=1&lr=0.006", &[0.2, 0.4, 0.6][..]),
            (2, "seed=1&lr=0.01&threads=2", &[0.3, 0.5][..]),
            // Another seed, two other settings, and one without a row.
            (3, "seed=2&lr=0.006", &[0.5][..]),
            (4, "seed=1&lr=0.02&bs=32", &[0.5][..]),
            (5, "seed=1&lr=0.02", &[][..]),
        ] {
            assert!(board.hear(seat, 1, run(1, settings, rows)));
        }
        let found = pairs(&board);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].setting.key, "lr");
        let sides = found[0]
            .sides
            .each_ref()
            .map(|(seat, value, row)| (seat.id, *value, row.epoch, row.accuracy));
        assert_eq!(sides, [(1, "0.006", 1, 0.4), (2, "0.01", 1, 0.5)]);
        let keys: Vec<_> = differing(&board).iter().map(|&index| SETTINGS[index].key).collect();
        assert_eq!(keys, ["bs", "lr", "seed", "threads"]);
    }

    #[test]
    fn an_empty_board_has_none() {
        let (board, _seats) = seated(&["Ada"]);
        assert!(pairs(&board).is_empty() && differing(&board).is_empty());
    }
}
