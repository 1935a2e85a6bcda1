//! Archives: formats, and what is odd in them.

use super::Row;

/// The rows.
pub fn rows() -> Vec<Row> {
    Vec::new()
}
