//! A file's schema: a tree whose leaves are the columns that are stored.

use crate::metadata::SchemaElement;

/// The deepest schema that is read.
const MAX_DEPTH: usize = 32;
/// The most columns a file may have.
const MAX_COLUMNS: usize = 10_000;
/// The longest name of a column that is kept, in characters: no longer one is looked for.
const MAX_NAME: usize = 200;

/// Values of parquet.thrift's `Type`.
pub(super) const INT32: i64 = 1;
pub(super) const INT64: i64 = 2;
pub(super) const BYTE_ARRAY: i64 = 6;
/// parquet.thrift's `FieldRepetitionType.REQUIRED`.
const REQUIRED: i64 = 0;
/// parquet.thrift's `FieldRepetitionType.REPEATED`.
const REPEATED: i64 = 2;

/// A column as the schema describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LeafColumn {
    /// The name of the column, or of the outermost structure that it is a part of.
    pub name: String,
    /// Its name inside that structure; `None` if it is no part of one, or of a nested one.
    pub part: Option<String>,
    /// How many structures it lies in.
    pub depth: usize,
    /// parquet.thrift's `Type`.
    pub physical_type: i64,
    /// The maximum definition level.
    pub level: u8,
    /// Whether it or one of its ancestors is repeated, so that a row may hold several values.
    pub repeated: bool,
}

/// The columns of a schema, which are the leaves of a tree in depth-first order; `None` if it is
/// not a tree, is nested too deeply or has too many.
pub(super) fn leaf_columns(schema: &[SchemaElement]) -> Option<Vec<LeafColumn>> {
    /// An inner node of the tree some of whose children are still to come.
    struct OpenNode {
        children_left: usize,
        level: u8,
        repeated: bool,
    }

    let (root, mut rest) = schema.split_first()?;
    let children_left = usize::try_from(root.children).ok()?;
    let mut open = vec![OpenNode { children_left, level: 0, repeated: false }];
    let mut outermost = String::new();
    let mut columns = Vec::new();
    while let Some(parent) = open.last_mut() {
        if parent.children_left == 0 {
            open.pop();
            continue;
        }
        parent.children_left -= 1;
        let (element, after) = rest.split_first()?;
        rest = after;
        let level = parent.level.checked_add(u8::from(element.repetition != REQUIRED))?;
        let repeated = parent.repeated || element.repetition == REPEATED;
        let depth = open.len() - 1;
        let name: String = element.name.chars().take(MAX_NAME).collect();
        if depth == 0 {
            outermost.clone_from(&name);
        }
        if element.children > 0 {
            let children_left = usize::try_from(element.children).ok()?;
            open.push(OpenNode { children_left, level, repeated });
            if open.len() > MAX_DEPTH {
                return None;
            }
        } else {
            columns.push(LeafColumn {
                name: outermost.clone(),
                part: (depth == 1).then_some(name),
                depth,
                physical_type: element.physical_type,
                level,
                repeated,
            });
            if columns.len() > MAX_COLUMNS {
                return None;
            }
        }
    }
    Some(columns)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn element(name: &str, children: i64, repetition: i64) -> SchemaElement {
        SchemaElement { name: name.into(), physical_type: BYTE_ARRAY, repetition, children }
    }

    #[test]
    fn the_leaves_of_the_tree_are_columns() {
        let schema = [
            element("schema", 3, 0),
            element("image", 2, 1),
            element("bytes", 0, 1),
            element("path", 0, 0),
            element("boxes", 1, 1),
            element("list", 1, REPEATED),
            element("element", 0, 1),
            element("label", 0, 0),
        ];
        let columns = leaf_columns(&schema).unwrap();
        let told: Vec<_> = columns
            .iter()
            .map(|leaf| (leaf.name.as_str(), leaf.part.as_deref(), leaf.level, leaf.repeated))
            .collect();
        assert_eq!(
            told,
            [
                ("image", Some("bytes"), 2, false),
                ("image", Some("path"), 1, false),
                ("boxes", None, 3, true),
                ("label", None, 0, false),
            ]
        );
        assert_eq!(leaf_columns(&schema[..3]), None);
        assert_eq!(leaf_columns(&[]), None);
    }

    #[test]
    fn deep_and_wide_trees_are_refused() {
        let deep: Vec<_> = (0..100).map(|_| element("a", 1, 0)).collect();
        assert_eq!(leaf_columns(&deep), None);
        let mut wide: Vec<_> = (0..20_001).map(|_| element("a", 0, 0)).collect();
        wide[0].children = 20_000;
        assert_eq!(leaf_columns(&wide), None);
        // A long name above many columns must not be kept once for each.
        let mut long: Vec<_> = (0..5_002).map(|_| element("a", 0, 0)).collect();
        (long[0].children, long[1]) = (1, element(&"x".repeat(1 << 20), 5_000, 0));
        let kept = leaf_columns(&long).unwrap();
        assert_eq!((kept.len(), kept[0].name.len()), (5_000, MAX_NAME));
    }
}
