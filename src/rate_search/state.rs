//! The search for a learning rate.

use resnette_protocol::rates::Rates;
use resnette_spec::lr_curve::{LrPoint, LrSuggestions, STEPS};

/// Where a search is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Search {
    /// None was asked for yet, or the last one was ended early.
    #[default]
    Idle,
    /// It was asked for, and pictures or the engine are still to come.
    Waiting,
    /// Rates are being tried.
    Trying,
    /// It is over; nothing where the curve was too short to say.
    Over(Option<LrSuggestions>),
}

/// A search and its curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RatesState {
    /// Where it is.
    pub search: Search,
    /// The curve so far.
    pub points: Vec<LrPoint>,
    /// A search was asked for at least once: its card stays open.
    pub asked: bool,
}

impl RatesState {
    /// Whether the worker is at it.
    pub fn under_way(&self) -> bool {
        matches!(self.search, Search::Waiting | Search::Trying)
    }

    /// What happens, in words.
    pub fn words(&self) -> String {
        match self.search {
            Search::Idle => "Tries ever higher rates on a copy of the network, one batch each, and watches the loss.".into(),
            Search::Waiting => "Waiting for pictures and engine …".into(),
            Search::Trying => format!("Rate {} of {STEPS}", self.points.len()),
            Search::Over(Some(_)) => {
                "The loss falls fastest on the way down its longest slope, the valley: a good rate to start with.".into()
            }
            Search::Over(None) => "The loss blew up too soon to suggest a rate. Try more pictures a batch or another network.".into(),
        }
    }

    pub fn ask(&mut self) {
        *self = Self { search: Search::Waiting, points: Vec::new(), asked: true };
    }

    pub fn hear(&mut self, told: Rates) {
        match told {
            Rates::Begun => {
                *self = Self { search: Search::Trying, points: Vec::new(), asked: true }
            }
            Rates::Tried(point) => self.points.push(point),
            Rates::Found(found) => self.search = Search::Over(found),
            Rates::Cancelled => self.search = Search::Idle,
        }
    }

    /// The engine is gone, or what the search needs could not be had.
    pub fn give_up(&mut self) {
        if self.under_way() {
            self.search = Search::Idle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_goes_from_asking_to_a_suggestion() {
        let mut rates = RatesState::default();
        rates.ask();
        assert!(rates.under_way());
        rates.hear(Rates::Begun);
        rates.hear(Rates::Tried(LrPoint { lr: 1e-7, loss: 2.3, smooth: 2.3 }));
        assert_eq!(rates.words(), "Rate 1 of 100");
        let found = LrSuggestions { valley: 3e-3, minimum: 1e-2, steep: 4e-3, slide: 2e-2 };
        rates.hear(Rates::Found(Some(found)));
        rates.give_up();
        assert_eq!((rates.search, rates.points.len()), (Search::Over(Some(found)), 1));
        rates.ask();
        rates.give_up();
        assert_eq!((rates.search, rates.points.len()), (Search::Idle, 0));
    }
}
