//! Pictures from every source that needs no browser: parquet, archives, folders, loose files;
//! friendly and hostile.
//!
//! Tests on the shared photos (`../shared/imagenette`, or `RESNETTE_SHARED`) say so and pass where
//! the photos are absent.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod archive_fixtures;
mod archives;
mod bounds;
mod choices;
mod copies;
mod corrections;
mod encoded;
mod fixtures;
mod folders;
mod jpeg_grid;
mod jpegs;
mod layout_files;
mod made;
mod mangled;
mod mangled_parquets;
mod odd_pictures;
mod parquet_tables;
mod parquets;
mod photos;
mod streamed;
mod table;
#[cfg(feature = "rayon")]
mod threads;
mod told;
mod zips;
