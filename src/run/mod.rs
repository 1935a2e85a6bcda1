//! The place Train, and the run of which it shows everything.
//!
//! [`state`] follows a run from the press on Train to its end, and [`status`] puts that into words
//! and shares. [`view`] lays out the place; the other files are its parts.

pub mod advanced;
pub mod book_runs;
pub mod book_table;
pub mod commands;
pub mod curves;
pub mod epoch_export;
pub mod epoch_table;
pub mod first_steps;
pub mod guard;
pub mod kept_focus;
pub mod outcome;
pub mod outcome_card;
pub mod projector;
pub mod race;
pub mod race_card;
pub mod recorded_run;
pub mod report;
mod rival;
pub mod run_bar;
pub mod state;
pub mod status;
pub mod table_notes;
pub mod view;
