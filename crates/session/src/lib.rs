//! What a worker has and does for one page: requests in, events out, and the engine in between.
//!
//! A [`Session`] is a loop over components that know nothing of a browser: [`DataStore`] has the
//! pictures, [`Trainer`] the run, [`Predictor`] the network that answers, [`ModelFetcher`] a
//! download from the Hub, [`RateSearch`] a learning-rate search, [`Estimator`] how long a run would
//! take, [`Watcher`] what the page shows of a network that learns, and the engine's experiment
//! runner the lesson's experiments. What it needs from outside (files, the network, storage, a
//! clock) is a [`Host`]: the browser's worker is one, a seat at the class's host another, a test's
//! fake a third.
//! Where several sessions run in one place, they share their pictures ([`SharedSets`]).
//!
//! Every request carries an id and ends exactly once: answered, refused or cancelled. A
//! [`Ticket`] holds that by construction.

mod data_store;
mod estimator;
mod evaluation;
mod host;
mod inbox;
mod late_losses;
mod measurements;
mod model_fetcher;
mod model_files;
mod opened_model;
mod pace;
mod predictor;
mod race;
mod rate_search;
mod rival;
mod saved_runs;
mod session;
mod shared_sets;
mod shown;
mod ticket;
mod trainer;
mod wanted;
mod watcher;

pub use data_store::DataStore;
pub use estimator::Estimator;
pub use host::{Engine, HeldFile, Host};
pub use inbox::Inbox;
pub use model_fetcher::ModelFetcher;
pub use predictor::Predictor;
pub use rate_search::RateSearch;
pub use session::Session;
pub use shared_sets::SharedSets;
pub use ticket::Ticket;
pub use trainer::Trainer;
pub use watcher::Watcher;
