//! Finds the newest save of a run that can be read. If the last save was cut off or damaged, that
//! is the one before it.

use crate::train::checkpoint::{Checkpoint, CheckpointError};

/// The newest save so far. Saves are offered one at a time, so that the bytes of two saves are
/// never in memory at once.
#[derive(Debug, Default)]
pub struct Generations {
    best: Option<(u64, Checkpoint)>,
    damage: Option<CheckpointError>,
}

impl Generations {
    /// Reads a save, and keeps it if it is newer than the one before.
    pub fn offer(&mut self, bytes: &[u8]) {
        match Checkpoint::read(bytes) {
            Ok((sequence, checkpoint))
                if self.best.as_ref().is_none_or(|(newest, _)| sequence > *newest) =>
            {
                self.best = Some((sequence, checkpoint))
            }
            Ok(_) => {}
            Err(error) => self.damage = Some(error),
        }
    }

    /// The newest save that could be read, if there is one, and why the last of the others could
    /// not.
    pub fn newest(self) -> (Option<Checkpoint>, Option<CheckpointError>) {
        (self.best.map(|(_, checkpoint)| checkpoint), self.damage)
    }
}
