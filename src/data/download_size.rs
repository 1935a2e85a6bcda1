//! The estimated size of a download before it begins.

use resnette_spec::{DataConfig, Photos};

/// Pictures in a row group, which is the smallest piece that can be fetched: Hugging Face's
/// converter writes 100 rows a group.
const GROUP: u32 = 100;
/// The number of Imagenette's classes. Below are the pictures of its two splits.
const CLASSES: u64 = 10;
const TRAIN: u64 = 9_469;
const VALID: u64 = 3_925;

/// The size in bytes of a download from Hugging Face: whole row groups, which hold one class each.
pub fn bytes(data: &DataConfig) -> u64 {
    let groups = |each: u32, all: u64| (u64::from(each.div_ceil(GROUP) * GROUP) * CLASSES).min(all);
    // The files of both sizes have 74.8 MB and 245.8 MB for 9,469 pictures.
    let each = match data.photos {
        Photos::Small => 7_900,
        Photos::Large => 25_960,
    };
    (groups(data.train, TRAIN) + groups(data.valid, VALID)) * each
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_grow_by_row_groups_and_stop_at_the_full_set() {
        let mut data = DataConfig::default();
        assert_eq!(bytes(&data), 3_000 * 7_900);
        (data.train, data.valid) = (101, 100);
        assert_eq!(bytes(&data), 3_000 * 7_900);
        (data.train, data.valid, data.photos) = (20_000, 20_000, Photos::Large);
        assert_eq!(bytes(&data), (9_469 + 3_925) * 25_960);
    }
}
