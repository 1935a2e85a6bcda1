//! The state of the search for a learning rate.

use resnette_protocol::rates::Rates;
use resnette_spec::lr_curve::{LrPoint, LrSuggestions, STEPS, falls};

/// How far a search is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Search {
    /// None was requested yet, or the last one was ended early.
    #[default]
    Idle,
    /// It was requested, and pictures or the engine are still to come.
    Waiting,
    /// Rates are being tried.
    Trying,
    /// It has ended; `None` if the curve was too short for a suggestion.
    Over(Option<LrSuggestions>),
}

/// The search for a learning rate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RateSearchState {
    /// How far the search is.
    pub search: Search,
    /// The curve so far.
    pub points: Vec<LrPoint>,
    /// Whether a search was requested at least once: its card stays open.
    pub asked: bool,
}

impl RateSearchState {
    /// Whether the worker is busy with a search.
    pub fn under_way(&self) -> bool {
        matches!(self.search, Search::Waiting | Search::Trying)
    }

    /// The state of the search as a sentence.
    pub fn words(&self) -> String {
        match self.search {
            Search::Idle => {
                "Tries ever higher rates on a copy of the network, one batch each, and \
                             watches the loss."
                    .into()
            }
            Search::Waiting => "Waiting for pictures and engine …".into(),
            Search::Trying => format!("Rate {} of {STEPS}", self.points.len()),
            Search::Over(Some(_)) if !falls(&self.points) => {
                "The loss hardly falls at any rate, so this curve allows no answer. Try more \
                 pictures a batch, or more classes and pictures."
                    .into()
            }
            Search::Over(Some(_)) => {
                "These rates are good ones to begin with, and a search of a hundred batches cannot \
                 say which is best for a run. A higher one than the valley's may do better: try \
                 it, and compare."
                    .into()
            }
            Search::Over(None) => "The loss blew up too soon to suggest a rate. Try more pictures \
                                   a batch or another network."
                .into(),
        }
    }

    /// A search was requested.
    pub fn ask(&mut self) {
        *self = Self { search: Search::Waiting, points: Vec::new(), asked: true };
    }

    /// Takes what the worker reports about the search.
    pub fn on_event(&mut self, event: Rates) {
        match event {
            Rates::Begun => {
                *self = Self { search: Search::Trying, points: Vec::new(), asked: true }
            }
            Rates::Tried(point) => self.points.push(point),
            Rates::Found(found) => self.search = Search::Over(found),
            Rates::Cancelled => self.search = Search::Idle,
        }
    }

    /// The engine is gone, or what the search needs could not be loaded.
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
        let mut rates = RateSearchState::default();
        rates.ask();
        assert!(rates.under_way());
        rates.on_event(Rates::Begun);
        rates.on_event(Rates::Tried(LrPoint { lr: 1e-7, loss: 2.3, smooth: 2.3 }));
        assert_eq!(rates.words(), "Rate 1 of 100");
        let found = LrSuggestions { valley: 3e-3, minimum: 1e-2, steep: 4e-3, slide: 2e-2 };
        rates.on_event(Rates::Found(Some(found)));
        assert!(rates.words().contains("allows no answer"), "one point does not fall");
        rates.give_up();
        assert_eq!((rates.search, rates.points.len()), (Search::Over(Some(found)), 1));
        rates.ask();
        rates.give_up();
        assert_eq!((rates.search, rates.points.len()), (Search::Idle, 0));
    }
}
