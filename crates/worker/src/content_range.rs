//! The header `Content-Range` of an answer with a part of a file (RFC 9110, section 14.4).

/// Which part of a file an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    /// The first byte, counted from 0.
    pub start: u64,
    /// Length of the whole file in bytes; `None` if the server does not know it.
    pub total: Option<u64>,
}

impl ContentRange {
    /// Reads `bytes FIRST-LAST/TOTAL`, where the total may be `*`; `None` if the text is anything
    /// else, or says that the part ends before it starts or beyond the file.
    pub fn parse(text: &str) -> Option<Self> {
        let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.trim().split_once('-')?;
        let (start, last) = (first.parse::<u64>().ok()?, last.parse::<u64>().ok()?);
        let total = match total.trim() {
            "*" => None,
            total => Some(total.parse::<u64>().ok()?),
        };
        let fits = start <= last && total.is_none_or(|total| last < total);
        fits.then_some(Self { start, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_says_where_it_starts_and_how_long_the_file_is() {
        let whole = Some(ContentRange { start: 4, total: Some(1000) });
        assert_eq!(ContentRange::parse("bytes 4-99/1000"), whole);
        let open = Some(ContentRange { start: 0, total: None });
        assert_eq!(ContentRange::parse("bytes 0-99/*"), open);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "bytes",
            "bytes */1000",
            "bytes 9-4/1000",
            "bytes 4-1000/1000",
            "4-99/1000",
            "bytes -4-99/1000",
            "bytes 4-99",
            "bytes a-b/c",
            "items 4-99/1000",
        ] {
            assert_eq!(ContentRange::parse(text), None, "{text}");
        }
    }
}
