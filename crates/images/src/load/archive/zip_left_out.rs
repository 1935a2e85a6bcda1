//! Files of a zip archive that cannot be unpacked here, counted by the reason.

use std::collections::BTreeMap;

use crate::load::archive::raw::is_hidden;
use crate::load::archive::zip_entry::ZipEntry;

/// Contents as they are.
pub const STORED: u16 = 0;
/// Contents compressed with deflate.
pub const DEFLATED: u16 = 8;
/// Method of an entry that is encrypted with AES.
const AES: u16 = 99;

/// How many files are left out for which reason.
#[derive(Debug, Default)]
pub struct LeftOut {
    locked: u64,
    /// By the name of the method.
    methods: BTreeMap<&'static str, u64>,
}

impl LeftOut {
    /// Counts an entry that cannot be unpacked, and returns whether it is one.
    pub fn counts(&mut self, entry: &ZipEntry) -> bool {
        let count = if entry.encrypted || entry.method == AES {
            &mut self.locked
        } else if matches!(entry.method, STORED | DEFLATED) {
            return false;
        } else {
            self.methods.entry(method_name(entry.method)).or_default()
        };
        if !is_hidden(&entry.name) {
            *count += 1;
        }
        true
    }

    /// What is to be told, each as a sentence.
    pub fn notices(&self) -> Vec<String> {
        let files = |count: u64| match count {
            1 => "1 file in it is".to_owned(),
            count => format!("{count} files in it are"),
        };
        let mut notices = Vec::new();
        if self.locked > 0 {
            notices.push(format!(
                "{} locked with a password and left out; unpack it with the password, and open the folder",
                files(self.locked)
            ));
        }
        for (method, count) in self.methods.iter().filter(|(_, count)| **count > 0) {
            notices.push(format!(
                "{} packed with {method}, which is not read here, and left out; unpack it and open the folder, or pack it again as an ordinary .zip (Deflate)",
                files(*count)
            ));
        }
        notices
    }
}

fn method_name(method: u16) -> &'static str {
    match method {
        1 => "Shrink",
        2..=5 => "Reduce",
        6 => "Implode",
        9 => "Deflate64",
        12 => "BZip2",
        14 => "LZMA",
        20 | 93 => "Zstandard",
        95 => "XZ",
        98 => "PPMd",
        _ => "a method without a known name",
    }
}
