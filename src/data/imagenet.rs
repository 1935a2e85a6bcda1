//! ImageNet's thousand classes, in the order of their labels, for networks that were trained on all of it.
//!
//! The list is torchvision's (`torchvision.models._meta`), BSD-3-Clause: see `imagenet.LICENSE`.

const NAMES: &str = include_str!("imagenet.txt");

/// The thousand names.
pub fn imagenet_names() -> Vec<String> {
    NAMES.lines().map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::classes::imagenette_names;

    #[test]
    fn the_ten_are_among_the_thousand_and_in_the_same_order() {
        let names = imagenet_names();
        assert_eq!(names.len(), 1000);
        let places = [0, 217, 482, 491, 497, 566, 569, 571, 574, 701];
        assert_eq!(places.map(|place| names[place].clone()).to_vec(), imagenette_names());
    }
}
