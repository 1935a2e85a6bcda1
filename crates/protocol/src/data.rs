//! Messages about pictures; what they report is in `resnette_picture::report`.

use serde::{Deserialize, Serialize};

/// Why a download waits, and for how many seconds more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waiting {
    /// The server has too much to do.
    Busy(u32),
    /// The connection was lost.
    Lost(u32),
}
