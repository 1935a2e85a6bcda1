//! The newest of a run's saves that can be read: a save that was cut or damaged gives way to the
//! one before it.

use crate::train::checkpoint::{Checkpoint, CheckpointError};

/// What has been found so far. One save at a time, so that two of them never lie in memory at once.
#[derive(Debug, Default)]
pub struct Generations {
    best: Option<(u64, Checkpoint)>,
    damage: Option<CheckpointError>,
}

impl Generations {
    /// Looks at the bytes of a save.
    pub fn offer(&mut self, bytes: &[u8]) {
        match Checkpoint::read(bytes) {
            Ok((sequence, frozen))
                if self.best.as_ref().is_none_or(|(newest, _)| sequence > *newest) =>
            {
                self.best = Some((sequence, frozen))
            }
            Ok(_) => {}
            Err(error) => self.damage = Some(error),
        }
    }

    /// The newest one, and why another could not be read.
    pub fn newest(self) -> (Option<Checkpoint>, Option<CheckpointError>) {
        (self.best.map(|(_, frozen)| frozen), self.damage)
    }
}
