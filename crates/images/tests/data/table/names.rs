//! Class names, and what keeps them apart.

use super::{Row, loaded};
use crate::fixtures::folder;
use crate::made::held;

/// The rows.
pub fn rows() -> Vec<Row> {
    vec![Row {
        opened: "two class folders, `cat` and `dog`",
        outcome: "two classes; one in five pictures validates",
        files: held(&folder("pets", &["cat", "dog"], 10)),
        expected: loaded(&[("cat", 8, 2), ("dog", 8, 2)], 0xf8d1_826e_c6b4_2cb4),
    }]
}
