//! What Hugging Face's converter notes about the columns of a data set: JSON of the form
//! `{"info": {"features": {"label": {"names": […], "_type": "ClassLabel"}}}}` under the key
//! `huggingface` in the footer.

use serde_json::{Map, Value};

/// The most names of classes that are read. A set of ten thousand species may have pictures of a
/// few of them only.
const MAX_NAMES: usize = 20_000;
/// The longest name of a class that is read, in bytes. Longer ones are not names.
const MAX_NAME_BYTES: usize = 4_096;

/// What is noted about the columns; nothing if the file was not written by Hugging Face's
/// converter.
#[derive(Default)]
pub(super) struct Features(Map<String, Value>);

impl Features {
    /// Reads the JSON. What makes no sense counts as not there: names are of use, but no file
    /// needs them.
    pub fn parse(json: &str) -> Self {
        let parsed: Option<Value> = serde_json::from_str(json).ok();
        match parsed.as_ref().and_then(|json| json.pointer("/info/features")) {
            Some(Value::Object(features)) => Self(features.clone()),
            _ => Self::default(),
        }
    }

    /// Whether a column is noted to hold pictures.
    pub fn is_image(&self, column: &str) -> bool {
        self.kind(column) == Some("Image")
    }

    /// Whether a column is noted to hold the numbers of classes.
    pub fn is_class_label(&self, column: &str) -> bool {
        self.kind(column) == Some("ClassLabel")
    }

    fn kind(&self, column: &str) -> Option<&str> {
        self.0.get(column)?.get("_type")?.as_str()
    }

    /// The names of a column's classes in the order of their numbers.
    pub fn class_names(&self, column: &str) -> Option<Vec<String>> {
        let names = self.0.get(column)?.get("names")?.as_array()?;
        if !(1..=MAX_NAMES).contains(&names.len()) {
            return None;
        }
        names
            .iter()
            .map(|name| {
                let name = name.as_str()?;
                (name.len() <= MAX_NAME_BYTES).then(|| name.to_owned())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_belong_to_their_column() {
        let features = Features::parse(
            r#"{"info": {"features": {
                "img": {"_type": "Image"},
                "fine_label": {"_type": "ClassLabel", "names": ["apple", "crane", "crane"]},
                "coarse_label": {"_type": "ClassLabel", "names": ["fruit", 7]}}}}"#,
        );
        assert!(features.is_image("img") && !features.is_image("fine_label"));
        assert!(features.is_class_label("coarse_label"));
        assert_eq!(features.class_names("fine_label").unwrap(), ["apple", "crane", "crane"]);
        assert_eq!(features.class_names("coarse_label"), None);
        assert_eq!(features.class_names("label"), None);
    }

    #[test]
    fn nonsense_counts_as_not_there() {
        for json in ["", "[]", "{\"info\": 7}", "{\"info\": {\"features\": []}}"] {
            assert!(!Features::parse(json).is_image("image"), "{json}");
        }
        let long = "x".repeat(5_000);
        let json = format!(
            "{{\"info\": {{\"features\": {{\"label\": {{\"names\": [\"a\", \"{long}\"]}}}}}}}}"
        );
        assert_eq!(Features::parse(&json).class_names("label"), None);
    }
}
