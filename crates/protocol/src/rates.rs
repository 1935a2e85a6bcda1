//! Messages about the search for a learning rate.

use resnette_spec::lr_curve::{Point, Suggestions};
use serde::{Deserialize, Serialize};

/// Worker → page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rates {
    /// A search begins.
    Begun,
    /// A rate was tried on a batch.
    Tried(Point),
    /// The search is over; nothing where the curve is too short to say.
    Found(Option<Suggestions>),
    /// The search was ended early.
    Cancelled,
}
