//! Pictures from every source that needs no browser: parquet, archives, folders, loose files;
//! friendly and hostile.
//!
//! Tests on the shared photos (`../shared/imagenette`, or `RESNETTE_SHARED`) say so and pass where
//! the photos are absent.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod archives;
mod corrections;
mod fixtures;
mod folders;
mod jpegs;
mod layout_files;
mod made;
mod mangled;
mod parquets;
mod photos;
mod table;
