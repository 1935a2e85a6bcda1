//! Messages about the search for a learning rate.

use resnette_spec::lr_curve::{LrPoint, LrSuggestions};
use serde::{Deserialize, Serialize};

/// Worker → page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rates {
    /// A search begins.
    Begun,
    /// A rate was tried on a batch.
    Tried(LrPoint),
    /// The search is over; nothing where the curve is too short to say.
    Found(Option<LrSuggestions>),
    /// The search was ended early.
    Cancelled,
}
