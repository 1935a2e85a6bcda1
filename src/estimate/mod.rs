//! How long a run would take on this computer, before it begins, and settings that fit into a
//! lesson where it would take too long.
//!
//! [`ask`] asks the engine to measure a few training steps while it has nothing else to do,
//! [`state`] keeps the answer, [`reading`] multiplies it with what the settings say, [`words`] says
//! it, and [`offer`] proposes faster settings.

pub mod ask;
pub mod offer;
pub mod pictures;
pub mod reading;
pub mod state;
pub mod words;
