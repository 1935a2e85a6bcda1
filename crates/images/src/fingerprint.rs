//! A number for a set's contents: equal for the same pictures with the same labels, whichever way
//! they came.

use crate::set::{DataSet, Sample};

/// FNV-1a, 64 bits: the same on every machine and in every version.
pub fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

/// The set's number. Order does not count: a file and a folder list the same pictures differently.
pub fn of(set: &DataSet) -> u64 {
    let part = |samples: &[Sample], name: &str| {
        samples.iter().fold(0_u64, |sum, Sample { picture, label }| {
            let class = set.classes.get(*label as usize).map_or("", String::as_str);
            let head = format!("{name}/{class}/{}x{}/", picture.width, picture.height);
            sum.wrapping_add(hash(head.bytes().chain(picture.rgb.iter().copied())))
        })
    };
    part(&set.train, "train").wrapping_add(part(&set.valid, "valid"))
}

#[cfg(test)]
mod tests {
    use resnette_picture::Picture;

    use super::*;

    #[test]
    fn order_does_not_count_and_everything_else_does() {
        let sample = |colour, label| Sample { picture: Picture::filled(3, 2, [colour; 3]), label };
        let classes = vec!["a".to_string(), "b".to_string()];
        let set = DataSet {
            classes,
            train: vec![sample(1, 0), sample(2, 1)],
            valid: vec![sample(3, 0)],
            ..DataSet::default()
        };
        let mut turned = set.clone();
        turned.train.reverse();
        assert_eq!(of(&turned), of(&set));
        turned.train[0].label = 0;
        assert_ne!(of(&turned), of(&set));
        let mut moved = set.clone();
        moved.valid.extend(moved.train.pop());
        assert_ne!(of(&moved), of(&set));
        let mut painted = set.clone();
        painted.valid[0].picture.rgb[5] ^= 1;
        assert_ne!(of(&painted), of(&set));
    }
}
