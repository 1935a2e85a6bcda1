//! Names in archives that are not UTF-8: which encoding they are in, and what they say.
//!
//! Older tools write the bytes that their system used, and no archive says which those were. One
//! encoding is guessed from all such names of an archive.
//!
//! On this computer these are functions; in a browser the same functions are in a WebAssembly
//! module of their own, which is fetched when it is first needed (the module `exports`).

#[cfg(target_arch = "wasm32")]
mod exports;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, WINDOWS_1252};

/// The name here of DOS's code page 437. The others have the names that browsers use.
pub const CP437_NAME: &str = "cp437";

/// The characters of DOS's code page 437 from 0x80 on. Of its letters, code page 850 has the ones
/// of Western European languages in the same places.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// The name of the encoding that fits all names best. They are separated by line feeds; those that
/// are UTF-8 are to be left out, since they say nothing about the others. Names in zip archives may
/// be in DOS's encoding (`dos`).
pub fn detect(names: &[u8], dos: bool) -> &'static str {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    // Letters that the names hold if they are in code page 437, less those if they are in
    // windows-1252.
    let mut dos_letters = 0;
    for name in names.split(|byte| *byte == b'\n') {
        detector.feed(name, false);
        detector.feed(b"\n", false);
        if dos {
            let (western, _) = WINDOWS_1252.decode_without_bom_handling(name);
            dos_letters += letters(&decode_cp437(name)) - letters(&western);
        }
    }
    let encoding = detector.guess(None, Utf8Detection::Deny);
    if dos && encoding == WINDOWS_1252 && dos_letters > 0 { CP437_NAME } else { encoding.name() }
}

/// What a name says; `None` unless it is written in this encoding, in the one way in which the
/// encoding writes it. So no two names say the same.
pub fn decode(encoding: &str, name: &[u8]) -> Option<String> {
    if encoding == CP437_NAME {
        return Some(decode_cp437(name));
    }
    let encoding = Encoding::for_label(encoding.as_bytes())?;
    let text = encoding.decode_without_bom_handling_and_without_replacement(name)?;
    let (again, used, unmappable) = encoding.encode(&text);
    (!unmappable && used == encoding && *again == *name).then(|| text.into_owned())
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
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use encoding_rs::{BIG5, EUC_KR, GBK, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251};

    use super::*;

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
            let found = detect(&bytes.join(&b'\n'), true);
            assert_eq!(found, encoding.name());
            for (bytes, name) in bytes.iter().zip(names) {
                assert_eq!(decode(found, bytes).as_deref(), Some(*name));
            }
        }
    }

    #[test]
    fn windows_writes_names_as_dos_did() {
        assert_eq!(detect(b"B\x84r\nB\x94r\nGr\x81n", true), CP437_NAME);
        assert_eq!(decode(CP437_NAME, b"B\x84r").as_deref(), Some("Bär"));
        assert_eq!(detect(b"B\xe4r\nB\xf6r", true), "windows-1252");
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(CP437.chars().collect::<BTreeSet<_>>().len(), 128);
    }

    #[test]
    fn no_two_names_say_the_same() {
        let pairs = (0x80..=0xff).flat_map(|first| (0..=0xff).map(move |second| [first, second]));
        let names: Vec<[u8; 2]> = pairs.collect();
        for encoding in [WINDOWS_1252, SHIFT_JIS, GBK, BIG5, EUC_KR] {
            let known = encoding.name();
            let texts: Vec<_> = names.iter().filter_map(|name| decode(known, name)).collect();
            assert!(texts.len() > 5_000, "{known}");
            let different: BTreeSet<_> = texts.iter().collect();
            assert_eq!(different.len(), texts.len(), "{known}");
        }
    }
}
