//! The headers of zip entries, in the table of contents and before each entry.

/// What an entry before its contents begins with.
pub const LOCAL_MAGIC: [u8; 4] = *b"PK\x03\x04";
/// What an entry of the table of contents begins with.
pub const CENTRAL_MAGIC: [u8; 4] = *b"PK\x01\x02";
/// Length of a header before an entry's contents, without name and extra fields.
pub const LOCAL_LENGTH: usize = 30;
/// Length of a header in the table of contents, without name, extra fields and comment.
pub const CENTRAL_LENGTH: usize = 46;

/// Bit of the flags: the contents are encrypted.
const ENCRYPTED: u16 = 1;
/// Bit of the flags: lengths and checksum follow the contents.
const LENGTHS_FOLLOW: u16 = 1 << 3;
/// Length and offset that stand in a field of their own, being too large for this one.
const IN_ZIP64: u64 = 0xffff_ffff;

/// A number in a header, stored with its lowest byte first; 0 where the header ends before it.
pub fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    let digits = bytes.get(at..at + length).unwrap_or_default();
    digits.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// What a header says about an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipEntry {
    /// The path as it stands in the archive.
    pub name: Vec<u8>,
    /// How the contents are packed.
    pub method: u16,
    /// Length of the packed contents.
    pub packed: u64,
    /// Length of the contents.
    pub size: u64,
    /// CRC-32 of the contents.
    pub crc: u32,
    /// Whether a password is needed.
    pub encrypted: bool,
    /// Whether lengths and checksum follow the contents. In the table of contents, they stand all
    /// the same.
    pub lengths_follow: bool,
    /// Offset of the header before the contents. In that header itself, 0.
    pub offset: u64,
    /// Whether it is a symbolic link, as far as it is known.
    pub link: bool,
    /// Whether it is a folder.
    pub folder: bool,
    /// Whether `\` separates folders.
    pub backslashes: bool,
}

impl ZipEntry {
    /// Reads a header of the table of contents: its fixed part, its name and its extra fields.
    pub fn from_central(header: &[u8], name: Vec<u8>, extra: &[u8]) -> Self {
        let host = header.get(5).copied().unwrap_or_default();
        let attributes = number(header, 38, 4);
        let mut entry = Self::new(&header[header.len().min(8)..], name, extra, host);
        let before = [20, 24].map(|at| number(header, at, 4) == IN_ZIP64);
        entry.offset = zip64_or(number(header, 42, 4), extra, &before);
        // The file's kind in Unix's words, where the archive was made on Unix or macOS.
        entry.link = matches!(host, 3 | 19) && attributes >> 28 == 0xa;
        // DOS's attribute for folders.
        entry.folder |=
            matches!(host, 0 | 10 | 11 | 14) && attributes & 0x10 != 0 && entry.size == 0;
        entry
    }

    /// Reads a header before an entry's contents: its fixed part, its name and its extra fields.
    pub fn from_local(header: &[u8], name: Vec<u8>, extra: &[u8]) -> Self {
        // Which system made the archive does not stand here; Unix promises the least.
        Self::new(&header[header.len().min(6)..], name, extra, 3)
    }

    /// Reads what both headers have in common, from the flags on.
    fn new(common: &[u8], name: Vec<u8>, extra: &[u8], host: u8) -> Self {
        let flags = number(common, 0, 2) as u16;
        let (packed, size) = (number(common, 12, 4), number(common, 16, 4));
        let name = unicode_path(&name, extra).unwrap_or(name);
        // The format asks for `/`. Some programs on Windows write `\` all the same; on Unix, it
        // may be a part of a name.
        let backslashes = matches!(host, 0 | 10 | 11 | 14) || !name.contains(&b'/');
        Self {
            folder: name.ends_with(b"/") || (backslashes && name.ends_with(b"\\")),
            name,
            method: number(common, 2, 2) as u16,
            packed: zip64_or(packed, extra, &[size == IN_ZIP64]),
            size: zip64_or(size, extra, &[]),
            crc: number(common, 8, 4) as u32,
            encrypted: flags & ENCRYPTED != 0,
            lengths_follow: flags & LENGTHS_FOLLOW != 0,
            offset: 0,
            link: false,
            backslashes,
        }
    }
}

/// The value of a field, which stands in the extra field for zip64 if it is too large. That field
/// holds only the values that are too large, so it depends on those `before` where this one is.
fn zip64_or(value: u64, extra: &[u8], before: &[bool]) -> u64 {
    if value != IN_ZIP64 {
        return value;
    }
    let at = before.iter().filter(|is_there| **is_there).count() * 8;
    match extra_field(extra, 0x0001) {
        Some(field) if field.len() >= at + 8 => number(field, at, 8),
        _ => value,
    }
}

/// The path in UTF-8 that Info-ZIP and WinRAR write beside one in an old encoding, if it belongs
/// to that one.
fn unicode_path(name: &[u8], extra: &[u8]) -> Option<Vec<u8>> {
    let field = extra_field(extra, 0x7075)?;
    let path = field.get(5..)?;
    let mut crc = flate2::Crc::new();
    crc.update(name);
    let belongs = field.first() == Some(&1) && number(field, 1, 4) == u64::from(crc.sum());
    (belongs && !path.is_empty() && std::str::from_utf8(path).is_ok()).then(|| path.to_vec())
}

/// The extra field with an id.
fn extra_field(mut extra: &[u8], id: u64) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let length = number(extra, 2, 2) as usize;
        let field = extra.get(4..4 + length)?;
        if number(extra, 0, 2) == id {
            return Some(field);
        }
        extra = extra.get(4 + length..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn central(change: impl Fn(&mut [u8])) -> Vec<u8> {
        let mut header = vec![0; CENTRAL_LENGTH];
        header[..4].copy_from_slice(&CENTRAL_MAGIC);
        header[20] = 5;
        header[24] = 6;
        header[42] = 7;
        change(&mut header);
        header
    }

    #[test]
    fn large_numbers_stand_in_a_field_of_their_own() {
        let entry = ZipEntry::from_central(&central(|_| {}), b"a/b".to_vec(), &[]);
        assert_eq!((entry.packed, entry.size, entry.offset), (5, 6, 7));
        let extra = [&[1, 0, 16, 0][..], &9_u64.to_le_bytes(), &8_u64.to_le_bytes()].concat();
        let both = central(|header| {
            header[24..28].fill(0xff);
            header[42..46].fill(0xff);
        });
        let entry = ZipEntry::from_central(&both, b"a/b".to_vec(), &extra);
        assert_eq!((entry.packed, entry.size, entry.offset), (5, 9, 8));
        let entry = ZipEntry::from_central(&both, b"a/b".to_vec(), &extra[..10]);
        assert_eq!((entry.size, entry.offset), (IN_ZIP64, IN_ZIP64));
    }

    #[test]
    fn a_path_in_utf_8_counts_if_it_belongs_to_the_name() {
        let mut crc = flate2::Crc::new();
        crc.update(b"B\x84r");
        let field = [&[1][..], &crc.sum().to_le_bytes(), "Bär".as_bytes()].concat();
        let extra = [&[0x75, 0x70, field.len() as u8, 0][..], &field].concat();
        let name =
            |name: &[u8]| ZipEntry::from_central(&central(|_| {}), name.to_vec(), &extra).name;
        assert_eq!(name(b"B\x84r"), "Bär".as_bytes());
        assert_eq!(name(b"B\x94r"), b"B\x94r");
    }

    #[test]
    fn folders_links_and_separators() {
        let entry = |host: u8, attributes: u32, name: &[u8]| {
            let header = central(|header| {
                header[5] = host;
                header[24] = 0;
                header[38..42].copy_from_slice(&attributes.to_le_bytes());
            });
            ZipEntry::from_central(&header, name.to_vec(), &[])
        };
        assert!(entry(3, 0xa1ff_0000, b"a/b").link);
        assert!(!entry(0, 0xa1ff_0000, b"a/b").link);
        assert!(entry(3, 0, b"a/").folder && entry(0, 0, b"a\\b\\").folder);
        assert!(entry(0, 0x10, b"a").folder);
        assert!(entry(0, 0, b"a\\b").backslashes && !entry(3, 0, b"a/b\\c").backslashes);
    }
}
