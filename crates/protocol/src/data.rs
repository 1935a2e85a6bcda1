//! Messages about downloads. Reports about the pictures themselves are in
//! [`resnette_picture::report`].

use serde::{Deserialize, Serialize};

/// Why a download waits before its next attempt. The number counts down the seconds that are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waiting {
    /// The server answered that it is overloaded.
    Busy(u32),
    /// The connection was lost.
    Lost(u32),
}
