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

/// The most columns of pictures, and of labels, that a reader may choose from.
const MAX_COLUMNS: usize = 16;

/// The columns that a reader chose, by their names; `None` where the usual one is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnChoice<'a> {
    /// The column of labels, which may have any name.
    pub labels: Option<&'a str>,
    /// The column of pictures, which may have any name.
    pub pictures: Option<&'a str>,
}

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
    /// The column that was chosen holds none, or is not there.
    NotChosen,
}

/// The columns of pictures, the preferred one first: those that are noted to hold pictures, then
/// those of the usual names, then structures of `bytes` and `path`. One of these alone is enough,
/// but of several without a usual name nobody knows which is meant. If a column is chosen, whatever
/// its name is, it comes first.
pub(super) fn find_pictures(
    columns: &[LeafColumn],
    features: &Features,
    chosen: Option<&str>,
) -> Result<Vec<PictureColumn>, NoPictures> {
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
    let usable = || columns.iter().enumerate().filter(|(_, column)| holds_pictures(column));
    let mut named: Vec<_> =
        usable().filter_map(|(index, column)| Some((rank(column)?, index))).collect();
    named.sort_unstable();
    let unnamed = usable().filter(|(_, column)| {
        rank(column).is_none() && column.depth == 1 && has_paths(&column.name)
    });
    let unnamed: Vec<usize> = unnamed.map(|(index, _)| index).collect();
    let is_known = !named.is_empty() || unnamed.len() == 1;
    let mut found: Vec<usize> = named.into_iter().map(|(_, index)| index).collect();
    found.extend(unnamed);
    found.truncate(MAX_COLUMNS);
    match chosen {
        Some(chosen) => {
            let mut own = usable().filter(|(_, column)| column.name == chosen);
            let (own, _) = own.next().ok_or(NoPictures::NotChosen)?;
            found.retain(|index| *index != own);
            found.insert(0, own);
        }
        None if is_known => {}
        None if columns.iter().any(|column| rank(column).is_some() && is_part(column, "path")) => {
            return Err(NoPictures::PathsOnly);
        }
        None => return Err(NoPictures::Missing),
    }
    let column = |index: usize| {
        let column = columns.get(index)?;
        let has_paths = column.depth == 1 && has_paths(&column.name);
        Some(PictureColumn { name: column.name.clone(), index, level: column.level, has_paths })
    };
    Ok(found.into_iter().filter_map(column).collect())
}

/// The columns of labels. The first one is used unless another is chosen: columns that are noted
/// to hold the numbers of named classes come first, then columns of text, then plain numbers, and
/// among each of these the usual names in their order. A column that is chosen, whatever its name
/// is, is one of them if it can hold labels.
pub(super) fn find_labels(
    columns: &[LeafColumn],
    features: &Features,
    pictures: &PictureColumn,
    chosen: Option<&str>,
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
                None if chosen == Some(column.name.as_str()) => LABEL_NAMES.len() + 1,
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
    let mut found: Vec<LabelColumn> = found.into_iter().map(|(_, column)| column).collect();
    let own = found.iter().position(|column| chosen == Some(column.name.as_str()));
    if let Some(own) = own.filter(|own| *own >= MAX_COLUMNS) {
        found.swap(own, MAX_COLUMNS - 1);
    }
    found.truncate(MAX_COLUMNS);
    found
}

fn rank(names: &[&str], name: &str) -> Option<usize> {
    names.iter().position(|known| known.eq_ignore_ascii_case(name))
}

/// The name in the file of a column that a reader chose: the one that is spelled so, else the only
/// one that differs from it in capital letters alone; the chosen name itself if there is neither.
pub(super) fn resolve<'a>(columns: &'a [LeafColumn], chosen: &'a str) -> &'a str {
    let names = || columns.iter().map(|column| column.name.as_str());
    if names().any(|name| name == chosen) {
        return chosen;
    }
    let lower = chosen.to_lowercase();
    let mut alike: Vec<&str> = names().filter(|name| name.to_lowercase() == lower).collect();
    // A structure has a column for each of its parts.
    alike.dedup();
    if let [only] = alike[..] { only } else { chosen }
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
        let found =
            |features: &Features| find_pictures(&columns, features, None).unwrap()[0].name.clone();
        assert_eq!(found(&noted(&[])), "IMAGE");
        assert_eq!(found(&noted(&[("mask", "Image")])), "mask");
        assert_eq!(found(&noted(&[("mask", "Image"), ("img", "Image")])), "img");
        let paths = [leaf("image", Some("path"), BYTE_ARRAY)];
        assert_eq!(find_pictures(&paths, &noted(&[]), None), Err(NoPictures::PathsOnly));
        assert_eq!(find_pictures(&columns[3..], &noted(&[]), None), Err(NoPictures::Missing));
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
            let pictures = find_pictures(&columns, &features, None).unwrap();
            let labels = find_labels(&columns, &features, &pictures[0], None);
            labels.into_iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(found(&[]), ["class", "label", "fine_label", "coarse_label"]);
        assert_eq!(
            found(&[("coarse_label", "ClassLabel"), ("kind of bird", "ClassLabel")]),
            ["coarse_label", "kind of bird", "class", "label", "fine_label"]
        );
    }

    #[test]
    fn a_chosen_name_need_not_have_the_same_capitals() {
        let columns = [
            leaf("Image", Some("bytes"), BYTE_ARRAY),
            leaf("Image", Some("path"), BYTE_ARRAY),
            leaf("Label", None, INT64),
            leaf("KIND", None, INT64),
            leaf("Kind", None, INT64),
            leaf("\u{c9}tat", None, INT64),
        ];
        for (chosen, found) in [
            ("label", "Label"),
            ("LABEL", "Label"),
            ("Label", "Label"),
            ("image", "Image"),
            ("\u{e9}tat", "\u{c9}tat"),
            ("Kind", "Kind"),
            ("KIND", "KIND"),
            // Either could be meant.
            ("kind", "kind"),
            ("elsewhere", "elsewhere"),
        ] {
            assert_eq!(resolve(&columns, chosen), found, "{chosen}");
        }
    }

    #[test]
    fn a_column_that_is_chosen_may_have_any_name() {
        let mut columns: Vec<LeafColumn> =
            LABEL_NAMES.iter().map(|name| leaf(name, None, INT64)).collect();
        columns.extend([
            leaf("image", Some("bytes"), BYTE_ARRAY),
            leaf("thumb", None, BYTE_ARRAY),
            leaf("kind of bird", None, BYTE_ARRAY),
            leaf("weight", None, 5),
        ]);
        let features = noted(&[]);
        let pictures = |chosen| {
            find_pictures(&columns, &features, chosen)
                .map(|found| found.into_iter().map(|column| column.name).collect::<Vec<_>>())
        };
        assert_eq!(pictures(None).unwrap(), ["image"]);
        assert_eq!(pictures(Some("thumb")).unwrap(), ["thumb", "image"]);
        assert_eq!(pictures(Some("image")).unwrap(), ["image"]);
        for nothing in ["label", "weight", "elsewhere"] {
            assert_eq!(pictures(Some(nothing)), Err(NoPictures::NotChosen), "{nothing}");
        }
        let image = find_pictures(&columns, &features, None).unwrap().remove(0);
        let labels = |chosen| {
            let found = find_labels(&columns, &features, &image, chosen);
            found.into_iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(labels(None).len(), MAX_COLUMNS);
        for chosen in ["coarse_labels", "kind of bird", "label"] {
            let found = labels(Some(chosen));
            assert!(found.len() == MAX_COLUMNS && found.iter().any(|name| name == chosen));
        }
        assert_eq!(labels(Some("weight")), labels(None));
    }
}
