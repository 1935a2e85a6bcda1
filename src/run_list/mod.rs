//! All runs of this browser: to compare, rename, delete, or repeat with one setting changed.

pub mod action;
pub mod storage;
pub mod table;
