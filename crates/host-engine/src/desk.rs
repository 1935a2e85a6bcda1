//! Which key opens which seat. Sockets ask here, and the engine's thread comes by between two
//! rounds.

use std::time::Instant;

use resnette_class::{EngineRefusal, Token};
use resnette_class_host::engine_line::EngineEnd;
use subtle::ConstantTimeEq;

use crate::limits::MAX_SEATS;
use crate::seat_host::tell_elsewhere;

/// A page that has come, and the seat that is its.
pub(crate) struct Arrival {
    pub(crate) id: u32,
    pub(crate) key: Token,
    pub(crate) line: EngineEnd,
}

struct Known {
    id: u32,
    key: Token,
    /// Since when its page is gone, as the engine has seen it last.
    away: Option<Instant>,
}

/// The seats by their keys, and pages that the engine has not seen yet.
#[derive(Default)]
pub(crate) struct Desk {
    known: Vec<Known>,
    arrivals: Vec<Arrival>,
    last: u32,
}

impl Desk {
    /// Gives a page a seat: the one that this key opens, or a new one with the key `new_key`. If
    /// all are taken, the one whose page has been gone longest makes room.
    ///
    /// # Errors
    /// [`EngineRefusal::Full`], and nothing is changed.
    pub(crate) fn take(
        &mut self,
        had: Option<Token>,
        new_key: Token,
        line: EngineEnd,
    ) -> Result<Token, EngineRefusal> {
        let known = had.and_then(|key| {
            self.known.iter().position(|seat| bool::from(seat.key.0[..].ct_eq(&key.0[..])))
        });
        let at = match known {
            Some(at) => at,
            None => self.new_seat(new_key)?,
        };
        let seat = &mut self.known[at];
        seat.away = None;
        let (id, key) = (seat.id, seat.key);
        // While a step is under way one page may come again and again, with a socket each time.
        for earlier in self.arrivals.extract_if(.., |arrival| arrival.id == id) {
            tell_elsewhere(&earlier.line);
        }
        self.arrivals.push(Arrival { id, key, line });
        Ok(key)
    }

    /// Takes up a seat of last time, whose page is gone since `now`.
    pub(crate) fn take_up(&mut self, id: u32, key: Token, now: Instant) {
        self.known.push(Known { id, key, away: Some(now) });
        self.count_from(id);
    }

    /// No new seat has a number up to this one.
    pub(crate) fn count_from(&mut self, id: u32) {
        self.last = self.last.max(id);
    }

    fn new_seat(&mut self, key: Token) -> Result<usize, EngineRefusal> {
        if self.known.len() >= MAX_SEATS {
            let aways = self.known.iter().zip(0..).filter_map(|(seat, at)| Some((seat.away?, at)));
            let (_, longest) = aways.min().ok_or(EngineRefusal::Full)?;
            self.known.remove(longest);
        }
        self.last += 1;
        self.known.push(Known { id: self.last, key, away: None });
        Ok(self.known.len() - 1)
    }

    /// The pages that have come since this was asked last.
    pub(crate) fn arrivals(&mut self) -> Vec<Arrival> {
        std::mem::take(&mut self.arrivals)
    }

    /// Whether a key opens this seat.
    pub(crate) fn knows(&self, id: u32) -> bool {
        self.known.iter().any(|seat| seat.id == id)
    }

    /// Takes over how the seats stand. Those that have ended are not known any more, unless a page
    /// is on its way to them.
    pub(crate) fn update(&mut self, standing: &[(u32, Option<Instant>)]) {
        let Self { known, arrivals, .. } = self;
        known.retain_mut(|seat| {
            let is_awaited = arrivals.iter().any(|arrival| arrival.id == seat.id);
            let found = standing.iter().find(|(id, _)| *id == seat.id);
            seat.away = found.and_then(|(_, away)| *away).filter(|_| !is_awaited);
            found.is_some() || is_awaited
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;
    use std::time::Duration;

    use futures::executor::block_on;
    use resnette_class_host::engine_line::engine_line;
    use resnette_protocol::{Event, decode};

    use super::*;

    fn line() -> EngineEnd {
        engine_line(Arc::new(|| {})).1
    }

    fn key(number: u8) -> Token {
        Token([number; 16])
    }

    #[test]
    fn a_key_opens_its_seat_and_no_other() {
        let mut desk = Desk::default();
        assert_eq!(desk.take(None, key(1), line()), Ok(key(1)));
        assert_eq!(desk.take(Some(key(9)), key(2), line()), Ok(key(2)), "an unknown key");
        assert_eq!(desk.take(Some(key(1)), key(3), line()), Ok(key(1)));
        let ids: Vec<u32> = desk.arrivals().iter().map(|arrival| arrival.id).collect();
        assert_eq!(ids, [2, 1], "the newest page of a seat alone");
        assert!(desk.arrivals().is_empty());
    }

    /// However often a page comes while the engine is at a step, one connection waits, and the ones
    /// before are told that they have lost the seat.
    #[test]
    fn only_the_newest_page_of_a_seat_waits() {
        let mut desk = Desk::default();
        desk.take(None, key(1), line()).unwrap();
        desk.arrivals();
        let (mut first, end) = engine_line(Arc::new(|| {}));
        desk.take(Some(key(1)), key(2), end).unwrap();
        for _ in 0..100 {
            desk.take(Some(key(1)), key(2), line()).unwrap();
        }
        assert_eq!(desk.arrivals().len(), 1);
        let told = block_on(first.event()).unwrap();
        let told = decode::<Event>(&told).unwrap();
        assert!(matches!(told, Event::Failed(why) if why.message.contains("another tab")));
        assert_eq!(block_on(first.event()), None, "the connection has ended");
    }

    #[test]
    fn the_seat_whose_page_is_gone_longest_makes_room() {
        let mut desk = Desk::default();
        for number in 0..MAX_SEATS as u8 {
            assert!(desk.take(None, key(number), line()).is_ok());
        }
        desk.arrivals();
        assert_eq!(desk.take(None, key(200), line()), Err(EngineRefusal::Full));
        let start = Instant::now();
        let standing: Vec<(u32, Option<Instant>)> = (1..=MAX_SEATS as u32)
            .map(|id| match id {
                5 => (id, Some(start)),
                9 => (id, Some(start + Duration::from_secs(3))),
                _ => (id, None),
            })
            .collect();
        desk.update(&standing);
        assert_eq!(desk.take(None, key(200), line()), Ok(key(200)));
        assert!(!desk.knows(5) && desk.knows(9));
        // Seat 5 is gone for its page too, which gets the next that is free.
        assert_eq!(desk.take(Some(key(4)), key(201), line()), Ok(key(201)));
        assert!(!desk.knows(9));
    }

    #[test]
    fn a_seat_that_has_ended_is_forgotten_unless_its_page_comes() {
        let mut desk = Desk::default();
        desk.take(None, key(1), line()).unwrap();
        desk.take(None, key(2), line()).unwrap();
        desk.arrivals();
        desk.take(Some(key(2)), key(3), line()).unwrap();
        desk.update(&[]);
        assert!(!desk.knows(1) && desk.knows(2));
    }
}
