//! The session's search for a learning rate: one batch between two steps of whatever else is under
//! way.

use resnette_engine::train::lr_find::{LrFind, LrTick};
use resnette_protocol::rates::Rates;
use resnette_protocol::{Event, Stage};
use resnette_spec::RunConfig;

use crate::files::HeldFile;
use crate::post;
use crate::session::{Session, fail};

impl Session {
    /// Loads what is not there yet, and begins a search from the first weights of the run that
    /// `config` describes. The network and the table of an earlier run stay.
    pub(super) async fn find_rate(&mut self, config: RunConfig, files: &[HeldFile]) {
        self.finder = None;
        let Some(set) = self.load(&config.data, config.seed, files).await else { return };
        match LrFind::new(config, set, &self.engine.device) {
            Ok(finder) => {
                post(&Event::Rates(Rates::Begun));
                self.finder = Some(finder);
            }
            Err(error) => fail(Stage::Training, error),
        }
    }

    /// Tries one rate.
    pub(super) async fn try_rate(&mut self) {
        let Some(finder) = self.finder.as_mut() else { return };
        match finder.tick().await {
            Ok(LrTick::Tried(point)) => post(&Event::Rates(Rates::Tried(point))),
            Ok(LrTick::Done(found)) => {
                self.finder = None;
                post(&Event::Rates(Rates::Found(found)));
            }
            Err(error) => {
                self.finder = None;
                fail(Stage::Training, error);
            }
        }
    }

    /// Ends a search, and says whether there was one.
    pub(super) fn cancel_search(&mut self) -> bool {
        let searching = self.finder.take().is_some();
        if searching {
            post(&Event::Rates(Rates::Cancelled));
        }
        searching
    }
}
