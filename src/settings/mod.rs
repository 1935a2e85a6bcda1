//! The settings of a run: their fields, presets, and what the network of the settings costs.
//!
//! The table that describes each setting is [`resnette_spec::settings`].

pub mod draft;
pub mod field;
pub mod locked_note;
pub mod memory_limit;
pub mod panel;
pub mod phone_memory;
pub mod presets;
pub mod short_run;
pub mod totals;
