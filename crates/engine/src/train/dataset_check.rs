//! Recognises the pictures that a run was trained on.

use resnette_images::dataset::Dataset;
use resnette_images::outline::middle;
use resnette_protocol::saved::DatasetCheck;

/// A checksum that recognises a set of pictures, from the label, the size and a few bytes in the
/// middle of every picture.
pub(super) fn dataset_check(set: &Dataset) -> DatasetCheck {
    let mut hasher = crc32fast::Hasher::new();
    for sample in set.train.iter().chain(&set.valid) {
        hasher.update(&sample.label.to_le_bytes());
        hasher.update(&sample.picture.width.to_le_bytes());
        hasher.update(&sample.picture.height.to_le_bytes());
        hasher.update(middle(&sample.picture));
    }
    DatasetCheck {
        train: set.train.len() as u32,
        valid: set.valid.len() as u32,
        check: hasher.finalize(),
    }
}
