//! The place Data: where pictures come from, what was loaded of them, and what the network sees.
//!
//! [`state`] is what the page knows about the loaded pictures and [`view`] draws the place.
//! [`own`] holds the classes that a reader makes out of files, drops and camera pictures.

pub mod classes;
pub mod column_choice;
pub mod commands;
mod correction_outcome;
pub mod correction_panel;
mod correction_words;
pub mod corrections;
pub mod download_size;
pub mod kept_downloads;
pub mod loads;
pub mod opener;
pub mod own;
pub mod range_cache;
pub mod refused;
pub mod state;
pub mod terms;
pub mod terms_notice;
pub mod view;
