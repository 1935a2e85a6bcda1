//! Pictures from every source that needs no browser: parquet, archives, folders, loose files;
//! friendly and hostile.
//!
//! Tests on the shared photos (`../shared/imagenette`, or `RESNETTE_SHARED`) say so and pass where
//! the photos are absent.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod archives;
mod fixtures;
mod folders;
mod jpegs;
mod made;
mod mangled;
mod mangled_parquets;
mod parquet_tables;
mod parquets;
mod photos;
mod table;
