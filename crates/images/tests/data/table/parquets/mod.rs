//! Parquet files: columns, encodings, labels and damage.

mod columns;
mod damage;
mod encodings;
mod labels;
mod names;
mod parts;
mod refusals;

use super::{Expected, Row};
use crate::made::Held;
use crate::parquet_tables::Table;

const PETS: [&str; 3] = ["cat", "dog", "fox"];
/// Ten pictures a class, one in five of which validates.
const EVEN: [(&str, u32, u32); 3] = [("cat", 8, 2), ("dog", 8, 2), ("fox", 8, 2)];
/// Ten pictures a class in each part.
const GIVEN: [(&str, u32, u32); 3] = [("cat", 10, 10), ("dog", 10, 10), ("fox", 10, 10)];
const NUMBERED: [(&str, u32, u32); 3] = [("class 0", 8, 2), ("class 1", 8, 2), ("class 2", 8, 2)];

/// What is told where the same pictures train and validate.
fn copies(files: usize, told: &str) -> String {
    format!(
        "{files} opened files: {told} validation pictures are training pictures too, byte for byte, so the accuracy is too high; leave one of the copies out"
    )
}

/// The rows.
pub fn rows() -> Vec<Row> {
    [
        columns::rows(),
        encodings::rows(),
        labels::rows(),
        damage::rows(),
        parts::rows(),
        names::rows(),
        refusals::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn row(opened: &'static str, outcome: &'static str, files: Vec<Held>, expected: Expected) -> Row {
    Row::new(opened, outcome, files, expected)
}

/// Thirty pictures of three named classes.
fn pets() -> Table {
    Table::new(3).named(&PETS)
}

fn alone(table: &Table) -> Vec<Held> {
    vec![table.file("pets.parquet")]
}
