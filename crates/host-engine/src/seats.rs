//! Whose turn it is: all seats, one after another, a unit of work each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::desk::Arrival;
use crate::kept_runs::KeptSeat;
use crate::limits::KEPT_FOR;
use crate::seat::{Seat, Shared};

/// The seats.
pub(crate) struct Seats {
    shared: Shared,
    seats: Vec<Seat>,
    /// Turns in which a seat has done something.
    pub(crate) turns: u64,
}

impl Seats {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared, seats: Vec::new(), turns: 0 }
    }

    /// Makes a seat as it was when the host ended, without a page. A run that was under way goes
    /// on.
    pub(crate) fn take_up(&mut self, kept: KeptSeat, now: Instant) {
        let others = self.seats.iter().map(Seat::held).sum();
        self.seats.push(Seat::take_up(kept, &self.shared, others, now));
    }

    /// A page has come to a seat, which is made if it is not there.
    pub(crate) fn arrive(&mut self, Arrival { id, key, line }: Arrival) {
        match self.seats.iter_mut().find(|seat| seat.id == id) {
            Some(seat) => seat.arrive(line),
            None => {
                let mut seat = Seat::new(id, key, &self.shared);
                seat.arrive(line);
                self.seats.push(seat);
            }
        }
    }

    /// Gives every seat that has something to do a turn, and returns whether there was one. A seat
    /// whose work panics ends, and no other notices.
    pub(crate) fn round(&mut self, now: Instant) -> bool {
        let mut has_worked = false;
        let mut broken = Vec::new();
        let mut held: u64 = self.seats.iter().map(Seat::held).sum();
        for seat in &mut self.seats {
            let others = held - seat.held();
            // What the panic leaves half done is this seat's alone, and goes with it.
            match catch_unwind(AssertUnwindSafe(|| seat.turn(&self.shared, others, now))) {
                Ok(worked) => {
                    has_worked |= worked;
                    self.turns += u64::from(worked);
                }
                Err(_) => broken.push(seat.id),
            }
            held = others + seat.held();
        }
        for id in broken {
            has_worked = true;
            if let Some(seat) = self.seats.iter().find(|seat| seat.id == id) {
                seat.broke();
            }
            self.end(|seat| seat.id == id);
        }
        has_worked
    }

    /// Ends the seats whose pages have been gone for too long.
    pub(crate) fn expire(&mut self, now: Instant) {
        self.end(|seat| {
            seat.away.is_some_and(|since| now.saturating_duration_since(since) >= KEPT_FOR)
        });
    }

    /// Ends all seats of which this is true.
    pub(crate) fn end(&mut self, ends: impl Fn(&Seat) -> bool) {
        let ended: Vec<Seat> = self.seats.extract_if(.., |seat| ends(seat)).collect();
        for seat in ended {
            seat.forget();
            // Dropping what broke may break again.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(seat)));
        }
    }

    /// Number and absence of each seat.
    pub(crate) fn standing(&self) -> impl Iterator<Item = (u32, Option<Instant>)> {
        self.seats.iter().map(|seat| (seat.id, seat.away))
    }

    /// How long nothing happens by itself; `None` if nothing ever does.
    pub(crate) fn until_next_end(&self, now: Instant) -> Option<Duration> {
        let aways = self.seats.iter().filter_map(|seat| seat.away);
        aways.map(|since| (since + KEPT_FOR).saturating_duration_since(now)).min()
    }
}

#[cfg(test)]
mod tests;
