//! Parquet files: columns, encodings, labels and damage.

use super::Row;

/// The rows.
pub fn rows() -> Vec<Row> {
    Vec::new()
}
