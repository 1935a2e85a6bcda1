//! Names under which the browser keeps pieces of files that came over the network, so that a second
//! visit needs none.
//!
//! The worker writes and reads pieces, the page counts and forgets them; both go by these names
//! alone. A piece's body is its checksum (four bytes, CRC-32, little end first) and then the bytes
//! of the file.

use std::collections::BTreeMap;

/// The browser's cache that holds them.
pub const CACHE: &str = "resnette-pictures-1";

/// A cache's key must be an address. Nobody answers at this one, and nobody is asked.
const HOST: &str = "https://kept.invalid/";

/// The key of the bytes from `start`, `length` of them, of the file at `url`.
pub fn piece(url: &str, start: u64, length: u64) -> String {
    format!("{HOST}{start}-{length}?{}", escape(url))
}

/// The key of what is known of the file: its length (eight bytes, little end first) and the
/// server's word for its version.
pub fn whole_length(url: &str) -> String {
    format!("{HOST}length?{}", escape(url))
}

/// Whether a key belongs to the file at `url`.
pub fn belongs(key: &str, url: &str) -> bool {
    key.strip_prefix(HOST)
        .and_then(|rest| rest.split_once('?'))
        .is_some_and(|(_, of)| of == escape(url))
}

/// Address and kept bytes of each file, from all keys.
pub fn sizes<'a>(keys: impl Iterator<Item = &'a str>) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::new();
    for key in keys {
        let Some((what, of)) = key.strip_prefix(HOST).and_then(|rest| rest.split_once('?')) else {
            continue;
        };
        let length = what
            .split_once('-')
            .and_then(|(_, length)| length.parse::<u64>().ok())
            .unwrap_or_default();
        *sizes.entry(unescape(of)).or_default() += length;
    }
    sizes
}

/// Bytes with their checksum before them.
pub fn seal(bytes: &[u8]) -> Vec<u8> {
    [&crc32fast::hash(bytes).to_le_bytes(), bytes].concat()
}

/// The bytes of a sealed piece; `None` if they are not what was sealed.
pub fn unseal(mut sealed: Vec<u8>) -> Option<Vec<u8>> {
    let (checksum, bytes) = sealed.split_first_chunk::<4>()?;
    if *checksum != crc32fast::hash(bytes).to_le_bytes() {
        return None;
    }
    sealed.drain(..4);
    Some(sealed)
}

/// Everything but letters and digits as `%XX`, so that the browser changes nothing in it.
fn escape(url: &str) -> String {
    url.bytes().fold(String::with_capacity(url.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(byte.into())
        } else {
            out.push_str(&format!("%{byte:02X}"))
        }
        out
    })
}

fn unescape(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_piece_is_found_out() {
        let sealed = seal(b"pictures");
        assert_eq!(unseal(sealed.clone()).as_deref(), Some(&b"pictures"[..]));
        for at in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] ^= 4;
            assert_eq!(unseal(damaged), None, "{at}");
        }
        assert_eq!(unseal(sealed[..sealed.len() - 1].to_vec()), None);
        assert_eq!(unseal(vec![0; 3]), None);
    }

    #[test]
    fn keys_say_whose_they_are_and_how_long() {
        let (one, two) = (
            "https://huggingface.co/a%2Fb/train/0000.parquet?x=1&y=é#z",
            "http://127.0.0.1:8080/data/0000.parquet",
        );
        let keys =
            [piece(one, 4, 100), piece(one, 1 << 40, 7), piece(two, 0, 5), whole_length(one)];
        assert!(keys[0].bytes().all(|byte| byte.is_ascii_graphic()), "{}", keys[0]);
        assert!(belongs(&keys[0], one) && belongs(&keys[3], one) && !belongs(&keys[2], one));
        let sizes = sizes(
            keys.iter().map(String::as_str).chain(["https://kept.invalid/nonsense", "other"]),
        );
        assert_eq!(
            sizes.into_iter().collect::<Vec<_>>(),
            [(two.to_string(), 5), (one.to_string(), 107)]
        );
    }
}
