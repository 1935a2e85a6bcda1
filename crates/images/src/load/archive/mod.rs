//! Reads archives, `.tar`, `.tgz` and `.zip`, with at most one entry in memory.
//!
//! Nothing is written to disk, so no path in an archive can do harm. [`open_archive`] goes by an
//! archive's first bytes, not by its name. A format's own reader ([`tar`], [`zip`], [`zip_scan`])
//! gives entries with their names as bytes; [`named`] reads the names.

mod file_window;
mod gzip;
mod name_encoding;
mod named;
mod open;
mod pax;
mod ratio_limit;
mod raw;
mod tar;
mod tar_header;
mod zip;
mod zip_directory;
mod zip_entry;
mod zip_left_out;
mod zip_scan;
mod zip_unpack;

#[cfg(test)]
mod tests;

pub use name_encoding::{NameCodec, use_name_codec};
pub use open::open_archive;
