//! A learning-rate search: one batch between two steps of whatever else is under way.

use std::sync::Arc;

use resnette_engine::train::lr_find::{LrFind, LrTick};
use resnette_images::dataset::Dataset;
use resnette_protocol::rates::Rates;
use resnette_protocol::{Event, Failure, Subsystem};
use resnette_spec::RunConfig;

use crate::host::{Engine, Host};
use crate::opened_model::OpenedModel;
use crate::ticket::Ticket;

/// The search under way, if there is one.
#[derive(Default)]
pub struct RateSearch {
    search: Option<LrFind>,
}

impl RateSearch {
    /// Whether a search is under way.
    pub fn is_busy(&self) -> bool {
        self.search.is_some()
    }

    /// Begins a search from the first weights of the run that `config` describes: a fine-tuning of
    /// `opened`, if there is one, with a new head and a frozen body. The network and the table of
    /// an earlier run stay.
    pub(crate) fn begin<H: Host>(
        &mut self,
        host: &H,
        engine: &Engine,
        config: RunConfig,
        set: Arc<Dataset>,
        opened: Option<&OpenedModel>,
        ticket: Ticket<H>,
    ) {
        let device = &engine.device;
        let search = match opened.map(|opened| opened.pretrained(device)).transpose() {
            Ok(Some(pretrained)) => LrFind::fine_tune(config, set, device, pretrained),
            Ok(None) => LrFind::new(config, set, device),
            Err(error) => return ticket.refused(Subsystem::Training, error),
        };
        match search {
            Ok(search) => {
                host.post(Event::Rates(Rates::Begun));
                self.search = Some(search);
                ticket.answered();
            }
            Err(error) => ticket.refused(Subsystem::Training, error),
        }
    }

    /// Tries one rate.
    pub async fn tick<H: Host>(&mut self, host: &H) {
        let Some(search) = self.search.as_mut() else { return };
        match search.tick().await {
            Ok(LrTick::Tried(point)) => host.post(Event::Rates(Rates::Tried(point))),
            Ok(LrTick::Done(found)) => {
                self.search = None;
                host.post(Event::Rates(Rates::Found(found)));
            }
            Err(error) => {
                self.search = None;
                let failure = Failure { during: Subsystem::Training, message: error.to_string() };
                host.post(Event::Failed(failure));
            }
        }
    }

    /// Ends a search, and says whether there was one.
    pub fn cancel<H: Host>(&mut self, host: &H) -> bool {
        let searching = self.search.take().is_some();
        if searching {
            host.post(Event::Rates(Rates::Cancelled));
        }
        searching
    }
}
