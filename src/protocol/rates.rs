//! Messages about the search for a learning rate.

use serde::{Deserialize, Serialize};

use crate::train::search::{Point, Suggestions};

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
