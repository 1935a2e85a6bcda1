//! The board without its connections: what a file can keep, and what a board begins with again.

use std::collections::BTreeSet;

use resnette_class::{Nickname, SharedRun, Token};

use crate::board::{Board, BoardRun, Experiment, Seat};

/// What is kept of a seat.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptSeat {
    /// Its number on the board.
    pub id: u32,
    /// The nickname, also where the teacher has hidden it.
    pub nickname: Nickname,
    /// Whether the teacher has hidden it.
    pub hidden: bool,
    /// The key by which its page comes back.
    pub key: Token,
    /// Whether its runs were pasted.
    pub pasted: bool,
    /// The questions that are done, as bits.
    pub answered: u32,
    /// The highest number of a run that was deleted.
    pub deleted: Option<u32>,
    /// Its runs, oldest first.
    pub runs: Vec<SharedRun>,
}

/// What is kept of a board.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeptBoard {
    /// How many seats have been taken, with those that were given away: the next has the next
    /// number.
    pub taken: u32,
    /// How many experiments have been sent.
    pub experiments: u32,
    /// The one that was sent last.
    pub experiment: Option<Experiment>,
    /// How many starts of experiments there have been.
    pub starts: u32,
    /// The starts that the teacher has stopped.
    pub ended: BTreeSet<u32>,
    /// The seats, oldest first.
    pub seats: Vec<KeptSeat>,
}

impl Board {
    /// What is kept of it.
    pub fn kept(&self) -> KeptBoard {
        let seat = |seat: &Seat| KeptSeat {
            id: seat.id,
            nickname: seat.nickname.clone(),
            hidden: seat.hidden,
            key: seat.key,
            pasted: seat.pasted,
            answered: seat.answered,
            deleted: seat.deleted,
            runs: seat.runs.iter().map(|known| known.run.clone()).collect(),
        };
        KeptBoard {
            taken: self.taken,
            experiments: self.experiments,
            experiment: self.experiment.clone(),
            starts: self.starts,
            ended: self.ended.clone(),
            seats: self.seats.iter().map(seat).collect(),
        }
    }

    /// A board on which everybody's page is away.
    pub fn of(kept: KeptBoard) -> Self {
        let seat = |seat: KeptSeat| Seat {
            id: seat.id,
            nickname: seat.nickname,
            hidden: seat.hidden,
            key: seat.key,
            ready: None,
            connection: 0,
            line: None,
            away: None,
            runs: seat.runs.into_iter().map(BoardRun::of).collect(),
            pasted: seat.pasted,
            answered: seat.answered,
            deleted: seat.deleted,
        };
        Self {
            seats: kept.seats.into_iter().map(seat).collect(),
            taken: kept.taken,
            experiment: kept.experiment,
            experiments: kept.experiments,
            starts: kept.starts,
            ended: kept.ended,
            changes: 0,
        }
    }
}
