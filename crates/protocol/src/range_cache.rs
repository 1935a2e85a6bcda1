//! Keys and entries of the browser cache that keeps byte ranges of downloaded files, so that a
//! second visit does not download them again.
//!
//! The worker writes and reads entries; the page counts and deletes them. They agree on the keys
//! below and on nothing else. An entry is a checksum (CRC-32, four bytes, little-endian) followed
//! by the bytes of the file.
//!
//! ```
//! use resnette_protocol::range_cache::{cached_bytes, is_key_of, piece_key};
//!
//! let url = "https://example.org/train.parquet";
//! let key = piece_key(url, 4096, 1000);
//! assert_eq!(key, "https://kept.invalid/4096-1000?https%3A%2F%2Fexample%2Eorg%2Ftrain%2Eparquet");
//! assert!(is_key_of(&key, url));
//! assert_eq!(cached_bytes([key.as_str()].into_iter())[url], 1000);
//! ```

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The name of the cache in earlier versions of the page, where all copies of the page shared it.
pub const EARLIER_CACHE: &str = "resnette-pictures-1";

/// The name of a page's cache in the browser's cache storage. For `page` see
/// [`page_name`](crate::page_path::page_name).
pub fn cache_name(page: &str) -> String {
    format!("resnette-pictures-2-{page}")
}

/// The beginning of all keys. Cache storage wants a URL as a key; no request is ever sent to this
/// one, whose top-level domain is reserved for names that do not exist (RFC 2606).
const HOST: &str = "https://kept.invalid/";

/// The key of the `length` bytes of the file at `url` that begin at offset `start`.
pub fn piece_key(url: &str, start: u64, length: u64) -> String {
    format!("{HOST}{start}-{length}?{}", escape(url))
}

/// The key of what is known about the file at `url` as a whole: its length (eight bytes,
/// little-endian), followed by the server's validator for its version.
pub fn length_key(url: &str) -> String {
    format!("{HOST}length?{}", escape(url))
}

/// Whether `key` is a key of the file at `url`.
pub fn is_key_of(key: &str, url: &str) -> bool {
    key.strip_prefix(HOST)
        .and_then(|rest| rest.split_once('?'))
        .is_some_and(|(_, of)| of == escape(url))
}

/// The number of cached bytes of each file, by its URL, added up from the keys of all entries.
/// Keys of any other form are ignored.
pub fn cached_bytes<'a>(keys: impl Iterator<Item = &'a str>) -> BTreeMap<String, u64> {
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

/// The cache entry for some bytes: their checksum, then the bytes.
pub fn encode_entry(bytes: &[u8]) -> Vec<u8> {
    [&crc32fast::hash(bytes).to_le_bytes(), bytes].concat()
}

/// The bytes of a cache entry, or `None` if the entry is damaged.
pub fn decode_entry(mut entry: Vec<u8>) -> Option<Vec<u8>> {
    let (checksum, bytes) = entry.split_first_chunk::<4>()?;
    if *checksum != crc32fast::hash(bytes).to_le_bytes() {
        return None;
    }
    entry.drain(..4);
    Some(entry)
}

/// Writes everything but ASCII letters and digits as `%XX`, so that the browser has nothing left to
/// normalise in the URL.
fn escape(url: &str) -> String {
    utf8_percent_encode(url, NON_ALPHANUMERIC).to_string()
}

fn unescape(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_entry_is_refused() {
        let entry = encode_entry(b"pictures");
        assert_eq!(decode_entry(entry.clone()).as_deref(), Some(&b"pictures"[..]));
        for at in 0..entry.len() {
            let mut damaged = entry.clone();
            damaged[at] ^= 4;
            assert_eq!(decode_entry(damaged), None, "{at}");
        }
        assert_eq!(decode_entry(entry[..entry.len() - 1].to_vec()), None);
        assert_eq!(decode_entry(vec![0; 3]), None);
    }

    #[test]
    fn a_key_gives_back_its_url_and_only_hexadecimal_digits_are_decoded() {
        for url in ["https://a.b/c d?x=1&y=é#z", "https://a.b/%+f%-1%2F%", "日本"] {
            assert_eq!(unescape(&escape(url)), url);
        }
        assert_eq!(unescape("a%+fb%2Fc%2fd%"), "a%+fb/c/d%");
    }

    #[test]
    fn keys_say_whose_they_are_and_how_long() {
        let (one, two) = (
            "https://huggingface.co/a%2Fb/train/0000.parquet?x=1&y=é#z",
            "http://127.0.0.1:8080/data/0000.parquet",
        );
        let keys = [
            piece_key(one, 4, 100),
            piece_key(one, 1 << 40, 7),
            piece_key(two, 0, 5),
            length_key(one),
        ];
        assert!(keys[0].bytes().all(|byte| byte.is_ascii_graphic()), "{}", keys[0]);
        assert!(is_key_of(&keys[0], one) && is_key_of(&keys[3], one) && !is_key_of(&keys[2], one));
        let sizes = cached_bytes(
            keys.iter().map(String::as_str).chain(["https://kept.invalid/nonsense", "other"]),
        );
        assert_eq!(
            sizes.into_iter().collect::<Vec<_>>(),
            [(two.to_string(), 5), (one.to_string(), 107)]
        );
    }
}
