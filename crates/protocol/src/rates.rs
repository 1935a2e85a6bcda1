//! Messages about the search for a learning rate.

use resnette_spec::lr_curve::{LrPoint, LrSuggestions};
use serde::{Deserialize, Serialize};

/// What the worker reports about a search.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rates {
    /// A search has begun.
    Begun,
    /// A learning rate has been tried on a batch.
    Tried(LrPoint),
    /// The search is complete. There are no suggestions if the curve is too short.
    Found(Option<LrSuggestions>),
    /// The search was cancelled.
    Cancelled,
}
