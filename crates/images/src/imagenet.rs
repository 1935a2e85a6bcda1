//! ImageNet's thousand classes in label order, for networks that were trained on all of them.
//!
//! The list of names is torchvision's (`torchvision.models._meta`), BSD-3-Clause: see
//! `imagenet.LICENSE`.

/// The names, one a line.
const NAMES: &str = include_str!("imagenet.txt");
/// The classes' WordNet ids in the same order, one a line. They are in ascending order.
const IDS: &str = include_str!("wordnet.txt");

/// The names of ImageNet's thousand classes in label order.
pub fn imagenet_names() -> Vec<String> {
    NAMES.lines().map(String::from).collect()
}

/// The name of the class with a WordNet id such as `n01440764`; `None` if it is not one of the
/// thousand.
pub fn wordnet_name(id: &str) -> Option<&'static str> {
    NAMES.lines().nth(IDS.lines().position(|known| known == id)?)
}

/// The name by which a class folder is displayed: the class's name if the folder is named by a
/// WordNet id, and the folder's own name otherwise.
pub fn display_name(folder: &str) -> String {
    wordnet_name(folder).unwrap_or(folder).to_string()
}

#[cfg(test)]
mod tests {
    use resnette_picture::classes::{IMAGENETTE, imagenette_names};

    use super::*;

    #[test]
    fn the_ten_are_among_the_thousand_and_in_the_same_order() {
        let names = imagenet_names();
        assert_eq!(names.len(), 1000);
        let labels = [0, 217, 482, 491, 497, 566, 569, 571, 574, 701];
        assert_eq!(labels.map(|label| names[label].clone()).to_vec(), imagenette_names());
    }

    #[test]
    fn ids_become_names() {
        assert_eq!(IDS.lines().count(), 1000);
        assert!(IDS.lines().is_sorted());
        for (id, name) in IMAGENETTE {
            assert_eq!(wordnet_name(id), Some(name));
        }
        // Imagewoof's first and ImageNet's last.
        assert_eq!(
            [wordnet_name("n02086240"), wordnet_name("n15075141")],
            [Some("Shih-Tzu"), Some("toilet tissue")]
        );
        assert_eq!(
            (display_name("n02086240"), display_name("n00000000"), display_name("cat")),
            ("Shih-Tzu".into(), "n00000000".into(), "cat".into())
        );
    }
}
