//! The address bar: settings and place are read from the link and written back to it.

pub mod action;
pub mod hash;
pub mod link;
pub mod problems;
