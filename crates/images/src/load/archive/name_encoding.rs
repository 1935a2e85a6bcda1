//! Names in archives that are not UTF-8.
//!
//! Which encoding they are in, and what they say, is worked out by a [`NameCodec`]: on this
//! computer the crate `resnette-name-encodings`, in a browser the same as a module of its own.

use std::cell::RefCell;
use std::rc::Rc;

/// The most bytes of names that the guess at their encoding is made from.
const MAX_BYTES: usize = 4_000_000;

/// Recognises encodings and decodes names.
pub trait NameCodec {
    /// The name of the encoding that fits names best which are separated by line feeds; `None` if
    /// the codec could not be had. Names in zip archives may be in DOS's encoding.
    fn detect(&self, names: &[u8], dos: bool) -> Option<String>;

    /// What a name says in an encoding; `None` if it is not written in it.
    fn decode(&self, encoding: &str, name: &[u8]) -> Option<String>;
}

thread_local! {
    static CODEC: RefCell<Option<Rc<dyn NameCodec>>> = RefCell::new(own());
}

/// Sets what decodes names on this thread. Without it a browser's worker shows names that are not
/// UTF-8 with their bytes as numbers.
pub fn use_name_codec(codec: Rc<dyn NameCodec>) {
    CODEC.set(Some(codec));
}

fn codec() -> Option<Rc<dyn NameCodec>> {
    CODEC.with_borrow(Clone::clone)
}

#[cfg(target_family = "wasm")]
fn own() -> Option<Rc<dyn NameCodec>> {
    None
}

#[cfg(not(target_family = "wasm"))]
fn own() -> Option<Rc<dyn NameCodec>> {
    struct Own;
    impl NameCodec for Own {
        fn detect(&self, names: &[u8], dos: bool) -> Option<String> {
            Some(resnette_name_encodings::detect(names, dos).into())
        }

        fn decode(&self, encoding: &str, name: &[u8]) -> Option<String> {
            resnette_name_encodings::decode(encoding, name)
        }
    }
    Some(Rc::new(Own))
}

/// Collects the names of an archive that are not UTF-8.
pub struct NameDetector {
    /// The names, each with a line feed behind it.
    names: Vec<u8>,
    /// Whether names may be in DOS's code page.
    dos: bool,
}

impl NameDetector {
    /// A detector that has seen no names. Names in zip archives may be in DOS's encoding.
    pub fn new(dos: bool) -> Self {
        Self { names: Vec::new(), dos }
    }

    /// Adds a name. One that is UTF-8 says nothing about the others.
    pub fn add(&mut self, name: &[u8]) {
        if std::str::from_utf8(name).is_err() && self.names.len() + name.len() < MAX_BYTES {
            self.names.extend_from_slice(name);
            self.names.push(b'\n');
        }
    }

    /// The encoding that fits all names best.
    pub fn encoding(&self) -> NameEncoding {
        let names = self.names.strip_suffix(b"\n").unwrap_or(&self.names);
        NameEncoding(codec().and_then(|codec| codec.detect(names, self.dos)))
    }
}

/// The encoding of names that are not UTF-8, by its name; `None` if there is nothing to decode them
/// with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameEncoding(Option<String>);

impl NameEncoding {
    /// What it is called, with the languages that it was made for.
    pub fn label(&self) -> String {
        let Some(name) = &self.0 else { return "an unknown encoding".into() };
        let languages = match name.as_str() {
            "cp437" | "windows-1252" => "Western European",
            "windows-1250" | "ISO-8859-2" => "Central European",
            "windows-1251" | "IBM866" | "KOI8-U" | "ISO-8859-5" => "Cyrillic",
            "windows-1253" | "ISO-8859-7" => "Greek",
            "windows-1254" => "Turkish",
            "windows-1255" | "ISO-8859-8" => "Hebrew",
            "windows-1256" | "ISO-8859-6" => "Arabic",
            "windows-1257" | "ISO-8859-4" | "ISO-8859-13" => "Baltic",
            "windows-1258" => "Vietnamese",
            "windows-874" => "Thai",
            "Shift_JIS" | "EUC-JP" => "Japanese",
            "GBK" | "gb18030" => "Chinese, simplified",
            "Big5" => "Chinese, traditional",
            "EUC-KR" => "Korean",
            name => return name.into(),
        };
        format!("{languages} ({name})")
    }

    /// Whether there is nothing to recognise and decode names with, so that it is no fault of the
    /// names that they cannot be read: the codec could not be fetched.
    pub fn lacks_codec(&self) -> bool {
        self.0.is_none()
    }

    /// What a name says; `None` unless it is written in this encoding, in the one way in which the
    /// encoding writes it. So no two names say the same.
    pub fn decode(&self, name: &[u8]) -> Option<String> {
        codec()?.decode(self.0.as_deref()?, name)
    }
}

/// A name that is in no known encoding, with the bytes that are no text as numbers: `B<E4>r`. So no
/// two names come to look the same.
pub fn escape(name: &[u8]) -> String {
    let mut out = String::new();
    for chunk in name.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("<{byte:02X}>"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_encoding_of_an_archives_names_is_told() {
        let mut detector = NameDetector::new(false);
        for name in [&b"tiere/B\xe4r"[..], b"plain", b"tiere/Gr\xfcnspecht"] {
            detector.add(name);
        }
        let found = detector.encoding();
        assert_eq!(found.label(), "Western European (windows-1252)");
        assert_eq!(found.decode(b"B\xe4r").as_deref(), Some("Bär"));
    }

    #[test]
    fn without_a_codec_names_are_told_by_their_bytes() {
        struct Missing;
        impl NameCodec for Missing {
            fn detect(&self, _: &[u8], _: bool) -> Option<String> {
                None
            }

            fn decode(&self, _: &str, _: &[u8]) -> Option<String> {
                None
            }
        }
        use_name_codec(Rc::new(Missing));
        let mut detector = NameDetector::new(true);
        detector.add(b"B\xe4r");
        assert_eq!(detector.encoding().decode(b"B\xe4r"), None);
    }

    #[test]
    fn no_two_escaped_names_are_the_same() {
        let pairs = (0x80..=0xff_u8).flat_map(|first| (0..=0xff_u8).map(move |b| [first, b]));
        let names: Vec<[u8; 2]> = pairs.collect();
        let escaped: BTreeSet<_> = names.iter().map(|name| escape(name)).collect();
        assert_eq!(escaped.len(), names.len());
        assert_eq!(escape(b"B\xe4r \xc3\xa4"), "B<E4>r ä");
    }
}
