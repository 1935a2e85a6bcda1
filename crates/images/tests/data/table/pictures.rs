//! Picture files: formats, kinds of JPEG, and damage.

use super::Row;

/// The rows.
pub fn rows() -> Vec<Row> {
    Vec::new()
}
