//! The chapter's networks.

pub mod summary;
