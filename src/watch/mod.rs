//! Watch it learn: a part of Train that shows the network of the run after every epoch.
//!
//! [`state`] holds what was told, [`follow`] asks for it while the part is open. What draws comes
//! with Predict's module ([`crate::lesson::lazy`]): [`card`] is the part, [`map`] and [`guesses`]
//! are in it, and [`places`] has the geometry of the map.

pub mod card;
pub mod follow;
pub mod guesses;
pub mod map;
pub mod places;
pub mod state;
