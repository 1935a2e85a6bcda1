//! ImageNet's thousand classes, in the order of their labels, for networks that were trained on all
//! of it.
//!
//! The list is torchvision's (`torchvision.models._meta`), BSD-3-Clause: see `imagenet.LICENSE`.

const NAMES: &str = include_str!("imagenet.txt");
/// The classes' WordNet ids in the same order, which is the order of the ids themselves.
const IDS: &str = include_str!("wordnet.txt");

/// The thousand names.
pub fn imagenet_names() -> Vec<String> {
    NAMES.lines().map(String::from).collect()
}

/// What a WordNet id stands for, where it is one of the thousand.
pub fn name_of(id: &str) -> Option<&'static str> {
    NAMES.lines().nth(IDS.lines().position(|known| known == id)?)
}

/// The name of a WordNet id, or the text itself where it is none.
pub fn readable_name(folder: &str) -> String {
    name_of(folder).unwrap_or(folder).to_string()
}

#[cfg(test)]
mod tests {
    use resnette_picture::classes::{IMAGENETTE, imagenette_names};

    use super::*;

    #[test]
    fn the_ten_are_among_the_thousand_and_in_the_same_order() {
        let names = imagenet_names();
        assert_eq!(names.len(), 1000);
        let places = [0, 217, 482, 491, 497, 566, 569, 571, 574, 701];
        assert_eq!(places.map(|place| names[place].clone()).to_vec(), imagenette_names());
    }

    #[test]
    fn ids_become_names() {
        assert_eq!(IDS.lines().count(), 1000);
        assert!(IDS.lines().is_sorted());
        for (id, name) in IMAGENETTE {
            assert_eq!(name_of(id), Some(name));
        }
        // Imagewoof's first and ImageNet's last.
        assert_eq!(
            [name_of("n02086240"), name_of("n15075141")],
            [Some("Shih-Tzu"), Some("toilet tissue")]
        );
        assert_eq!(
            (readable_name("n02086240"), readable_name("n00000000"), readable_name("cat")),
            ("Shih-Tzu".into(), "n00000000".into(), "cat".into())
        );
    }
}
