//! When a server that refused wants to be asked again.

/// Seconds, from the header `Retry-After` or else from `RateLimit`, which Hugging Face sends (`"api";r=0;t=55`).
///
/// A date in `Retry-After` is not read: no server of parquet files was seen to send one.
pub fn seconds(retry_after: Option<&str>, rate_limit: Option<&str>) -> Option<u32> {
    let number = |text: &str| text.trim().parse().ok();
    let reset = |text: &str| text.split([';', ',']).find_map(|part| number(part.trim().strip_prefix("t=")?));
    retry_after.and_then(number).or_else(|| rate_limit.and_then(reset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_headers_are_understood() {
        assert_eq!(seconds(Some(" 12 "), None), Some(12));
        assert_eq!(seconds(Some("3"), Some("\"resolvers\";r=0;t=55")), Some(3));
        assert_eq!(seconds(None, Some("\"resolvers\";r=0; t=55")), Some(55));
        for nonsense in ["", "soon", "-1", "4294967296", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            assert_eq!(seconds(Some(nonsense), Some("r=0;t=")), None, "{nonsense}");
        }
    }
}
