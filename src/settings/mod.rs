//! The settings of a run: the table that describes them, their fields, presets and totals.

pub mod draft;
pub mod field;
pub mod memory_limit;
pub mod panel;
pub mod presets;
pub mod totals;
