//! Tells the files of pictures apart by their bytes.

use std::hash::{DefaultHasher, Hasher};

/// A hash of a picture's file: the same for the same bytes, and with its 128 bits another for any
/// others. It is never kept beyond a visit, since another version of Rust may hash otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileHash([u64; 2]);

impl FileHash {
    /// The hash of a file with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self([0_u8, 1].map(|start| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u8(start);
            hasher.write(bytes);
            hasher.finish()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_counts() {
        let file: Vec<u8> = (0..100).collect();
        let whole = FileHash::of(&file);
        assert_eq!(FileHash::of(&file), whole);
        assert_ne!(whole.0[0], whole.0[1]);
        for at in 0..file.len() {
            let mut other = file.clone();
            other[at] ^= 1;
            let (changed, cut) = (FileHash::of(&other), FileHash::of(&file[..at]));
            assert!((0..2).all(|half| changed.0[half] != whole.0[half]), "{at}");
            assert!((0..2).all(|half| cut.0[half] != whole.0[half]), "{at}");
        }
    }
}
