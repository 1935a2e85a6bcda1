//! Names in archives that are not UTF-8: which encoding they are in, and what they say.
//!
//! Older tools write the bytes that their system used, and no archive says which those were. One
//! encoding is guessed from all such names of an archive.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, WINDOWS_1252};

/// The characters of DOS's code page 437 from 0x80 on. Of its letters, code page 850 has the ones
/// of Western European languages in the same places.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Collects the names of an archive that are not UTF-8.
pub struct NameDetector {
    detector: EncodingDetector,
    /// Whether names may be in code page 437.
    dos: bool,
    /// Letters that the names hold if they are in code page 437, less those if they are in
    /// windows-1252.
    dos_letters: i64,
}

impl NameDetector {
    /// A detector that has seen no names. Names in zip archives may be in DOS's encoding.
    pub fn new(dos: bool) -> Self {
        let detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        Self { detector, dos, dos_letters: 0 }
    }

    /// Adds a name. One that is UTF-8 says nothing about the others.
    pub fn add(&mut self, name: &[u8]) {
        if std::str::from_utf8(name).is_ok() {
            return;
        }
        self.detector.feed(name, false);
        self.detector.feed(b"\n", false);
        if self.dos {
            let (western, _) = WINDOWS_1252.decode_without_bom_handling(name);
            self.dos_letters += letters(&decode_cp437(name)) - letters(&western);
        }
    }

    /// The encoding that fits all names best.
    pub fn encoding(&self) -> NameEncoding {
        let encoding = self.detector.guess(None, Utf8Detection::Deny);
        if self.dos && encoding == WINDOWS_1252 && self.dos_letters > 0 {
            NameEncoding::Cp437
        } else {
            NameEncoding::Known(encoding)
        }
    }
}

/// The encoding of names that are not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameEncoding {
    /// Code page 437.
    Cp437,
    /// One of those that browsers know.
    Known(&'static Encoding),
}

impl NameEncoding {
    /// What it is called, with the languages that it was made for.
    pub fn label(self) -> String {
        let Self::Known(encoding) = self else { return "Western European (cp437)".into() };
        let languages = match encoding.name() {
            "windows-1252" => "Western European",
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
        format!("{languages} ({})", encoding.name())
    }

    /// What a name says; `None` unless it is written in this encoding, in the one way in which the
    /// encoding writes it. So no two names say the same.
    pub fn decode(self, name: &[u8]) -> Option<String> {
        match self {
            Self::Cp437 => Some(decode_cp437(name)),
            Self::Known(encoding) => {
                let text = encoding.decode_without_bom_handling_and_without_replacement(name)?;
                let (again, used, unmappable) = encoding.encode(&text);
                (!unmappable && used == encoding && *again == *name).then(|| text.into_owned())
            }
        }
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

fn decode_cp437(name: &[u8]) -> String {
    let upper = |byte: u8| CP437.chars().nth(usize::from(byte & 0x7f)).unwrap_or_default();
    name.iter().map(|&byte| if byte < 0x80 { char::from(byte) } else { upper(byte) }).collect()
}

/// Number of letters beyond ASCII.
fn letters(text: &str) -> i64 {
    text.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()).count() as i64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use encoding_rs::{BIG5, EUC_KR, GBK, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251};

    use super::*;

    fn detect(names: &[&[u8]], dos: bool) -> NameEncoding {
        let mut detector = NameDetector::new(dos);
        names.iter().for_each(|name| detector.add(name));
        detector.encoding()
    }

    #[test]
    fn encodings_are_recognised_and_decoded() {
        for (encoding, names) in [
            (WINDOWS_1252, &["tiere/Bär", "tiere/Bör", "tiere/Grünspecht"][..]),
            (WINDOWS_1251, &["собаки/щенок", "кошки/котёнок", "птицы"]),
            (WINDOWS_1250, &["zvířata/kočka", "zvířata/žába", "zvířata/lišák", "zvířata/člověk"]),
            (SHIFT_JIS, &["犬/しばいぬ", "猫/みけねこ", "ソファ/表"]),
            (GBK, &["小狗/图片", "小猫/照片", "汽车/测试"]),
            (BIG5, &["小狗/圖片", "小貓/照片", "汽車/測試"]),
            (EUC_KR, &["강아지/사진", "고양이/사진"]),
        ] {
            let bytes: Vec<_> = names.iter().map(|name| encoding.encode(name).0).collect();
            let slices: Vec<&[u8]> = bytes.iter().map(|name| &name[..]).collect();
            let found = detect(&slices, true);
            assert_eq!(found, NameEncoding::Known(encoding));
            for (bytes, name) in bytes.iter().zip(names) {
                assert_eq!(found.decode(bytes).as_deref(), Some(*name));
            }
        }
    }

    #[test]
    fn windows_writes_names_as_dos_did() {
        let names: [&[u8]; 3] = [b"B\x84r", b"B\x94r", b"Gr\x81n"];
        let found = detect(&names, true);
        assert_eq!(found, NameEncoding::Cp437);
        assert_eq!(found.decode(names[0]).as_deref(), Some("Bär"));
        assert_eq!(detect(&[b"B\xe4r", b"B\xf6r"], true), NameEncoding::Known(WINDOWS_1252));
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(CP437.chars().collect::<BTreeSet<_>>().len(), 128);
    }

    #[test]
    fn no_two_names_say_the_same() {
        let pairs = (0x80..=0xff).flat_map(|first| (0..=0xff).map(move |second| [first, second]));
        let names: Vec<[u8; 2]> = pairs.collect();
        for encoding in [WINDOWS_1252, SHIFT_JIS, GBK, BIG5, EUC_KR] {
            let known = NameEncoding::Known(encoding);
            let texts: Vec<_> = names.iter().filter_map(|name| known.decode(name)).collect();
            assert!(texts.len() > 5_000, "{}", encoding.name());
            let different: BTreeSet<_> = texts.iter().collect();
            assert_eq!(different.len(), texts.len(), "{}", encoding.name());
        }
        let escaped: BTreeSet<_> = names.iter().map(|name| escape(name)).collect();
        assert_eq!(escaped.len(), names.len());
        assert_eq!(escape(b"B\xe4r \xc3\xa4"), "B<E4>r ä");
    }
}
