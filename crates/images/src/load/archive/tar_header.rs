//! The headers of tar entries: blocks of 512 bytes.

use std::io;

use tar::{EntryType, Header};

/// Length of a block: a header is one, and contents are padded to whole ones.
pub const BLOCK: usize = 512;
/// Where the sum of a header's bytes stands in it.
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// A header whose checksum is right.
pub struct TarHeader {
    header: Header,
}

impl TarHeader {
    /// Reads a block as a header; `None` if its checksum is wrong.
    ///
    /// The checksum is all that tar's first version (v7) has; later ones add a magic number.
    pub fn parse(block: &[u8; BLOCK]) -> Option<Self> {
        let mut header = Header::new_old();
        header.as_mut_bytes().copy_from_slice(block);
        let claimed = i64::from(header.cksum().ok()?);
        // Some old systems added the bytes up as signed numbers. The sum's own bytes count as
        // spaces.
        let (mut unsigned, mut signed) = (0, 0);
        for (at, &byte) in block.iter().enumerate() {
            let byte = if CHECKSUM.contains(&at) { b' ' } else { byte };
            unsigned += i64::from(byte);
            signed += i64::from(byte.cast_signed());
        }
        (claimed == unsigned || claimed == signed).then_some(Self { header })
    }

    /// What the entry is.
    pub fn kind(&self) -> EntryType {
        self.header.entry_type()
    }

    /// The length of the entry's contents. GNU tar leaves it blank where there are none, as for an
    /// archive's label.
    ///
    /// # Errors
    /// If the length is no number.
    pub fn size(&self) -> io::Result<u64> {
        if self.header.as_old().size.iter().all(|byte| matches!(byte, 0 | b' ')) {
            return Ok(0);
        }
        self.header.entry_size()
    }

    /// The path, of which this header may hold the beginning only.
    pub fn path(&self) -> Vec<u8> {
        self.header.path_bytes().into_owned()
    }

    /// Whether the path fills its field, so that the rest of it may be missing.
    pub fn path_is_full(&self) -> bool {
        let name = &self.header.as_old().name;
        name.iter().take(name.len() - 1).all(|byte| *byte != 0)
    }

    /// Whether more headers of a file with holes follow, in GNU tar's old format.
    pub fn is_extended(&self) -> bool {
        self.header.as_gnu().is_some_and(tar::GnuHeader::is_extended)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn block(change: impl Fn(&mut Header)) -> [u8; BLOCK] {
        let mut header = Header::new_old();
        header.as_old_mut().name[..3].copy_from_slice(b"a/b");
        header.set_size(7);
        change(&mut header);
        header.set_cksum();
        *header.as_bytes()
    }

    #[test]
    fn a_header_is_known_by_its_checksum() {
        let good = block(|_| {});
        let header = TarHeader::parse(&good).unwrap();
        assert_eq!((header.path(), header.size().unwrap()), (b"a/b".to_vec(), 7));
        assert!(!header.path_is_full() && header.kind().is_file());
        for at in [0, 99, 124, 148, 256, 511] {
            let mut bad = good;
            bad[at] ^= 1;
            assert!(TarHeader::parse(&bad).is_none(), "{at}");
        }
        assert!(TarHeader::parse(&[0; BLOCK]).is_none());
        assert!(TarHeader::parse(&[b'0'; BLOCK]).is_none());
    }

    #[test]
    fn sums_of_signed_bytes_count_too() {
        let mut old = block(|header| header.as_old_mut().name[0] = 0xe4);
        assert!(TarHeader::parse(&old).is_some());
        let signed: i64 = old
            .iter()
            .enumerate()
            .map(|(at, byte)| {
                i64::from(if CHECKSUM.contains(&at) { 32 } else { byte.cast_signed() })
            })
            .sum();
        old[CHECKSUM].copy_from_slice(format!("{signed:06o}\0 ").as_bytes());
        assert!(TarHeader::parse(&old).is_some());
    }

    #[test]
    fn a_full_name_may_be_cut() {
        let full = block(|header| header.as_old_mut().name = [b'a'; 100]);
        assert!(TarHeader::parse(&full).unwrap().path_is_full());
    }
}
