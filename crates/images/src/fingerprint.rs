//! A hash of a data set's contents.

use crate::dataset::{Dataset, Sample};
use crate::hash::fnv1a;

/// A hash of a data set's pictures, their labels and the split they belong to.
///
/// It does not depend on the order of the pictures, since an archive and a folder list the same
/// pictures differently.
pub fn fingerprint(dataset: &Dataset) -> u64 {
    let split = |samples: &[Sample], name: &str| {
        samples.iter().fold(0_u64, |sum, Sample { picture, label, .. }| {
            let class = dataset.classes.get(*label as usize).map_or("", String::as_str);
            let head = format!("{name}/{class}/{}x{}/", picture.width, picture.height);
            sum.wrapping_add(fnv1a(head.bytes().chain(picture.rgb.iter().copied())))
        })
    };
    split(&dataset.train, "train").wrapping_add(split(&dataset.valid, "valid"))
}

#[cfg(test)]
mod tests {
    use resnette_picture::Picture;

    use super::*;

    #[test]
    fn order_does_not_count_and_everything_else_does() {
        let sample = |colour, label| Sample::train(Picture::filled(3, 2, [colour; 3]), label);
        let classes = vec!["a".to_string(), "b".to_string()];
        let dataset = Dataset {
            classes,
            train: vec![sample(1, 0), sample(2, 1)],
            valid: vec![sample(3, 0)],
            ..Dataset::default()
        };
        let mut reversed = dataset.clone();
        reversed.train.reverse();
        assert_eq!(fingerprint(&reversed), fingerprint(&dataset));
        reversed.train[0].label = 0;
        assert_ne!(fingerprint(&reversed), fingerprint(&dataset));
        let mut moved = dataset.clone();
        moved.valid.extend(moved.train.pop());
        assert_ne!(fingerprint(&moved), fingerprint(&dataset));
        let mut painted = dataset.clone();
        painted.valid[0].picture.rgb[5] ^= 1;
        assert_ne!(fingerprint(&painted), fingerprint(&dataset));
    }
}
