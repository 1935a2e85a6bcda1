//! Which columns of a file hold pictures and labels.
//!
//! Published sets name them in many ways. Pictures are in a column of encoded files, or in a
//! structure with such a column called `bytes`; labels are in a column of whole numbers or of text.

use crate::features::Features;
use crate::schema::{BYTE_ARRAY, INT32, INT64, LeafColumn};

/// Names of columns of pictures, in the order in which they are preferred.
const PICTURE_NAMES: [&str; 17] = [
    "image",
    "img",
    "picture",
    "photo",
    "pixel_values",
    "images",
    "pictures",
    "photos",
    "image_bytes",
    "img_bytes",
    "image_data",
    "jpg",
    "jpeg",
    "png",
    "webp",
    "bytes",
    "content",
];

/// Names of columns of labels, in the order in which they are preferred. Of CIFAR-100's two the
/// finer one comes first.
const LABEL_NAMES: [&str; 23] = [
    "label",
    "labels",
    "fine_label",
    "fine_labels",
    "class",
    "class_label",
    "class_name",
    "classname",
    "label_name",
    "label_text",
    "category",
    "category_name",
    "target",
    "species",
    "breed",
    "y",
    "cls",
    "class_id",
    "class_idx",
    "label_id",
    "category_id",
    "coarse_label",
    "coarse_labels",
];

/// The most columns of labels that a reader may choose from.
const MAX_LABEL_COLUMNS: usize = 16;

/// A column of labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelColumn {
    /// The column's name.
    pub name: String,
    /// What it holds.
    pub kind: LabelKind,
    /// The names of the classes in the order of their numbers, if the file tells them.
    pub class_names: Option<Vec<String>>,
    /// Its place among the stored columns.
    pub(super) index: usize,
    /// The definition level of a label that is not null.
    pub(super) level: u8,
}

/// What a column of labels holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelKind {
    /// Whole numbers of 8 to 32 bits, which are stored alike.
    Int32,
    /// Whole numbers of 64 bits.
    Int64,
    /// Text, which is the name of the class.
    Text,
}

impl LabelKind {
    fn of(column: &LeafColumn) -> Option<Self> {
        match column.physical_type {
            _ if column.repeated || column.depth > 0 => None,
            INT32 => Some(Self::Int32),
            INT64 => Some(Self::Int64),
            BYTE_ARRAY => Some(Self::Text),
            _ => None,
        }
    }
}

/// Where pictures are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PictureColumn {
    /// The column's name.
    pub name: String,
    /// Its place among the stored columns.
    pub index: usize,
    /// The definition level of a picture that is not null.
    pub level: u8,
    /// Whether a column of paths lies beside it.
    pub has_paths: bool,
}

/// Why a file has no column of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPictures {
    /// There is none.
    Missing,
    /// There are paths of pictures, and no pictures.
    PathsOnly,
}

/// The column of pictures: one that is noted to hold pictures, else the first of the usual names,
/// else the only structure of `bytes` and `path`.
pub(super) fn find_pictures(
    columns: &[LeafColumn],
    features: &Features,
) -> Result<PictureColumn, NoPictures> {
    let rank = |column: &LeafColumn| {
        let usual = rank(&PICTURE_NAMES, &column.name);
        if features.is_image(&column.name) {
            return Some((0, usual.unwrap_or(PICTURE_NAMES.len())));
        }
        usual.map(|rank| (1, rank))
    };
    let is_part = |column: &LeafColumn, part: &str| column.part.as_deref() == Some(part);
    let has_paths =
        |name: &str| columns.iter().any(|column| column.name == name && is_part(column, "path"));
    let holds_pictures = |column: &LeafColumn| {
        column.physical_type == BYTE_ARRAY
            && !column.repeated
            && (column.depth == 0 || is_part(column, "bytes"))
    };
    let named = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| holds_pictures(column))
        .filter_map(|(index, column)| Some((rank(column)?, index)))
        .min();
    let mut unnamed = columns.iter().enumerate().filter(|(_, column)| {
        column.depth == 1 && holds_pictures(column) && has_paths(&column.name)
    });
    let found = match (named, unnamed.next(), unnamed.next()) {
        (Some((_, index)), _, _) => Some(index),
        (None, Some((index, _)), None) => Some(index),
        _ => None,
    };
    match found.and_then(|index| Some((index, columns.get(index)?))) {
        Some((index, column)) => Ok(PictureColumn {
            name: column.name.clone(),
            index,
            level: column.level,
            has_paths: column.depth == 1 && has_paths(&column.name),
        }),
        None if columns.iter().any(|column| rank(column).is_some() && is_part(column, "path")) => {
            Err(NoPictures::PathsOnly)
        }
        None => Err(NoPictures::Missing),
    }
}

/// The columns of labels. The first one is used unless another is chosen: columns that are noted
/// to hold the numbers of named classes come first, then columns of text, then plain numbers, and
/// among each of these the usual names in their order.
pub(super) fn find_labels(
    columns: &[LeafColumn],
    features: &Features,
    pictures: &PictureColumn,
) -> Vec<LabelColumn> {
    let mut found: Vec<_> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.name != pictures.name)
        .filter_map(|(index, column)| {
            let kind = LabelKind::of(column)?;
            let noted = features.is_class_label(&column.name);
            let rank = match rank(&LABEL_NAMES, &column.name) {
                Some(rank) => rank,
                None if noted => LABEL_NAMES.len(),
                None => return None,
            };
            // Text is a name already.
            let class_names =
                if kind == LabelKind::Text { None } else { features.class_names(&column.name) };
            let order = match (&class_names, kind) {
                (Some(_), _) => 0,
                (None, LabelKind::Text) => 1,
                (None, _) => 2,
            };
            let (name, level) = (column.name.clone(), column.level);
            Some(((order, rank, index), LabelColumn { name, kind, class_names, index, level }))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.truncate(MAX_LABEL_COLUMNS);
    found.into_iter().map(|(_, column)| column).collect()
}

fn rank(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| known.eq_ignore_ascii_case(name))
}

/// The columns of a file in a few words, for messages.
pub(super) fn column_list(columns: &[LeafColumn]) -> String {
    /// The most columns and the longest name that are told.
    const MAX: (usize, usize) = (8, 40);
    let mut names: Vec<String> = Vec::new();
    for column in columns.iter().take(1_000) {
        let name: String = column.name.chars().filter(|c| !c.is_control()).take(MAX.1).collect();
        let name = match column.physical_type {
            _ if column.repeated => format!("{name} (lists)"),
            _ if column.depth > 0 => name,
            0 => format!("{name} (true or false)"),
            INT32 | INT64 => format!("{name} (whole numbers)"),
            4 | 5 => format!("{name} (fractions)"),
            _ => name,
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(MAX.0);
    names.truncate(MAX.0);
    match (names.len(), more) {
        (0, _) => "none".into(),
        (_, 0) => names.join(", "),
        (_, more) => format!("{} and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn leaf(name: &str, part: Option<&str>, physical_type: i64) -> LeafColumn {
        LeafColumn {
            name: name.into(),
            part: part.map(String::from),
            depth: part.map_or(0, |_| 1),
            physical_type,
            level: 1,
            repeated: false,
        }
    }

    fn noted(columns: &[(&str, &str)]) -> Features {
        let about = columns.iter().map(|(name, kind)| {
            format!("\"{name}\": {{\"_type\": \"{kind}\", \"names\": [\"a\", \"b\"]}}")
        });
        let about = about.collect::<Vec<_>>().join(", ");
        Features::parse(&format!("{{\"info\": {{\"features\": {{{about}}}}}}}"))
    }

    #[test]
    fn the_column_that_is_noted_to_hold_pictures_counts_most() {
        let columns = [
            leaf("mask", Some("bytes"), BYTE_ARRAY),
            leaf("img", Some("bytes"), BYTE_ARRAY),
            leaf("IMAGE", None, BYTE_ARRAY),
            leaf("picture", None, INT64),
        ];
        let found = |features: &Features| find_pictures(&columns, features).unwrap().name;
        assert_eq!(found(&noted(&[])), "IMAGE");
        assert_eq!(found(&noted(&[("mask", "Image")])), "mask");
        assert_eq!(found(&noted(&[("mask", "Image"), ("img", "Image")])), "img");
        let paths = [leaf("image", Some("path"), BYTE_ARRAY)];
        assert_eq!(find_pictures(&paths, &noted(&[])), Err(NoPictures::PathsOnly));
        assert_eq!(find_pictures(&columns[3..], &noted(&[])), Err(NoPictures::Missing));
    }

    #[test]
    fn labels_with_names_come_before_text_and_text_before_numbers() {
        let mut lists = leaf("labels", None, INT64);
        lists.repeated = true;
        let columns = [
            leaf("image", Some("bytes"), BYTE_ARRAY),
            leaf("label", None, INT64),
            leaf("coarse_label", None, INT32),
            leaf("fine_label", None, INT32),
            leaf("class", None, BYTE_ARRAY),
            leaf("kind of bird", None, INT64),
            leaf("target", None, 5),
            leaf("caption", None, BYTE_ARRAY),
            lists,
        ];
        let found = |features: &[(&str, &str)]| {
            let features = noted(features);
            let pictures = find_pictures(&columns, &features).unwrap();
            let labels = find_labels(&columns, &features, &pictures);
            labels.into_iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(found(&[]), ["class", "label", "fine_label", "coarse_label"]);
        assert_eq!(
            found(&[("coarse_label", "ClassLabel"), ("kind of bird", "ClassLabel")]),
            ["coarse_label", "kind of bird", "class", "label", "fine_label"]
        );
    }
}
