//! Archives as other tools make them, and as nobody should: every byte of a header may be chosen.

use std::io::Write;

use crate::fixtures::raw_entry;

/// The zeros that a tar archive ends with.
pub fn end_mark() -> Vec<u8> {
    vec![0; 1024]
}

/// A tar archive whose names are any bytes. Headers of the first version (v7) have no magic number.
pub fn byte_tar(files: &[(Vec<u8>, Vec<u8>)], v7: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files {
        let mut header = if v7 { tar::Header::new_old() } else { tar::Header::new_ustar() };
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        if v7 {
            header.as_old_mut().linkflag = [0];
        }
        header.set_cksum();
        out.extend(header.as_bytes());
        out.extend(bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.extend(end_mark());
    out
}

/// Files with names as bytes.
pub fn in_bytes(files: &[(String, Vec<u8>)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    files.iter().map(|(name, bytes)| (name.clone().into_bytes(), bytes.clone())).collect()
}

/// A record of a pax header.
pub fn pax_record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = [b" ", key.as_bytes(), b"=", value, b"\n"].concat();
    let length = (1..9)
        .map(|digits| rest.len() + digits)
        .find(|length| length.to_string().len() + rest.len() == *length)
        .unwrap();
    [length.to_string().as_bytes(), &rest].concat()
}

/// A tar archive with pax headers: the path stands in them, and what else is wanted.
pub fn pax_tar(files: &[(String, Vec<u8>)], more: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (path, bytes) in files {
        let records = [more, &pax_record("path", path.as_bytes())].concat();
        let kind = tar::EntryType::XHeader;
        out.extend(raw_entry("PaxHeader/x", kind, records.len() as u64, &records));
        out.extend(raw_entry("x", tar::EntryType::Regular, bytes.len() as u64, bytes));
    }
    out.extend(end_mark());
    out
}

/// An entry of a zip archive.
#[derive(Clone)]
pub struct ZipItem {
    pub name: Vec<u8>,
    pub bytes: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    pub extra: Vec<u8>,
    /// The system that made it: 0 DOS, 3 Unix.
    pub host: u8,
    pub attributes: u32,
    /// The checksum that it claims; the right one if `None`.
    pub crc: Option<u32>,
    /// Whether its lengths stand in fields of 64 bits.
    pub zip64: bool,
}

impl ZipItem {
    /// A deflated file, made on Unix.
    pub fn new(name: impl Into<Vec<u8>>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
            method: 8,
            flags: 0,
            extra: Vec::new(),
            host: 3,
            attributes: 0o100_644 << 16,
            crc: None,
            zip64: false,
        }
    }

    fn packed(&self) -> Vec<u8> {
        if self.method != 8 {
            return self.bytes.clone();
        }
        let mut out =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(&self.bytes).unwrap();
        out.finish().unwrap()
    }
}

/// Entries of a zip archive, one for each file.
pub fn zip_items(files: &[(String, Vec<u8>)]) -> Vec<ZipItem> {
    files.iter().map(|(name, bytes)| ZipItem::new(name.as_bytes(), bytes.clone())).collect()
}

/// A zip archive of files, deflated.
pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    zip_of(&zip_items(files))
}

/// CRC-32.
pub fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A zip archive. Entries with bit 3 of the flags have their lengths after their contents.
pub fn zip_of(items: &[ZipItem]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let zip64 = items.iter().any(|item| item.zip64);
    for item in items {
        let offset = out.len();
        let packed = item.packed();
        let crc = item.crc.unwrap_or_else(|| crc(&item.bytes));
        let lengths = [packed.len(), item.bytes.len()];
        let later = item.flags & 8 != 0;
        let large = |offset: Option<usize>| -> Vec<u8> {
            if !item.zip64 {
                return Vec::new();
            }
            // The order is the other way round here: the unpacked length comes first.
            let numbers: Vec<u8> = [lengths[1], lengths[0]]
                .into_iter()
                .chain(offset)
                .flat_map(|number| (number as u64).to_le_bytes())
                .collect();
            [&[1, 0, numbers.len() as u8, 0][..], &numbers].concat()
        };
        let common = |lengths_there: bool, extra: usize| {
            let number = |value: usize| {
                let value = if item.zip64 { u32::MAX } else { value as u32 };
                (if lengths_there { value } else { 0 }).to_le_bytes()
            };
            [
                &item.flags.to_le_bytes()[..],
                &item.method.to_le_bytes(),
                &[0, 0, 0x21, 0x5a],
                &(if lengths_there { crc } else { 0 }).to_le_bytes(),
                &number(lengths[0]),
                &number(lengths[1]),
                &(item.name.len() as u16).to_le_bytes(),
                &(extra as u16).to_le_bytes(),
            ]
            .concat()
        };
        let local_extra = [&item.extra[..], &if later { vec![] } else { large(None) }].concat();
        out.extend(b"PK\x03\x04\x14\0");
        out.extend(common(!later, local_extra.len()));
        out.extend(&item.name);
        out.extend(&local_extra);
        out.extend(&packed);
        if later {
            out.extend(b"PK\x07\x08");
            out.extend(crc.to_le_bytes());
            out.extend(lengths.into_iter().flat_map(|length| (length as u32).to_le_bytes()));
        }
        let extra = [&item.extra[..], &large(Some(offset))].concat();
        directory.extend([b'P', b'K', 1, 2, 0x14, item.host, 0x14, 0]);
        directory.extend(common(true, extra.len()));
        directory.extend([0; 6]);
        directory.extend(item.attributes.to_le_bytes());
        directory.extend(if item.zip64 { u32::MAX } else { offset as u32 }.to_le_bytes());
        directory.extend(&item.name);
        directory.extend(&extra);
    }
    let start = out.len();
    out.extend(&directory);
    if zip64 {
        let end64 = out.len() as u64;
        out.extend(b"PK\x06\x06");
        out.extend(44_u64.to_le_bytes());
        out.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [items.len(), items.len(), directory.len(), start] {
            out.extend((number as u64).to_le_bytes());
        }
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(end64.to_le_bytes());
        out.extend([1, 0, 0, 0]);
    }
    out.extend(b"PK\x05\x06\0\0\0\0");
    let count = if zip64 { u16::MAX } else { items.len() as u16 };
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    for number in [directory.len(), start] {
        out.extend(if zip64 { u32::MAX } else { number as u32 }.to_le_bytes());
    }
    out.extend([0, 0]);
    out
}

/// The extra field with a path in UTF-8 for a name in another encoding.
pub fn unicode_path(name: &[u8], path: &str) -> Vec<u8> {
    let field = [&[1][..], &crc(name).to_le_bytes(), path.as_bytes()].concat();
    [&[0x75, 0x70][..], &(field.len() as u16).to_le_bytes(), &field].concat()
}
