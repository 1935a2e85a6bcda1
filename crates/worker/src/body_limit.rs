//! How much of an answer with a whole file is read: an answer need not come to an end.

/// The most bytes of a file whose server keeps to no ranges and does not say how long it is.
pub const LONGEST: u64 = 512 << 20;

/// The most bytes to read of an answer with a whole file, one more than a sound answer has: who has
/// read as many knows that the answer is not sound. `length` is the header `Content-Length`, and
/// `known` the length of the file that was told before.
///
/// # Errors
/// The length in bytes, if the answer says itself that it is longer than any that is read.
pub fn most(length: Option<&str>, known: Option<u64>) -> Result<u64, u64> {
    let told = length.and_then(|length| length.trim().parse::<u64>().ok());
    // What was told before counts: a file that has grown is another one.
    match known.or(told) {
        Some(length) if length > LONGEST => Err(length),
        Some(length) => Ok(length + 1),
        None => Ok(LONGEST + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_one_byte_after_its_length() {
        assert_eq!(most(Some("1000"), None), Ok(1001));
        assert_eq!(most(Some(" 1000 "), None), Ok(1001));
        assert_eq!(most(None, Some(70)), Ok(71));
        assert_eq!(most(Some("9999999999"), Some(70)), Ok(71), "told otherwise before");
        for nothing in [None, Some(""), Some("many"), Some("-1")] {
            assert_eq!(most(nothing, None), Ok(LONGEST + 1));
        }
        assert_eq!(most(Some("600000000"), None), Err(600_000_000));
        assert_eq!(most(Some(&LONGEST.to_string()), None), Ok(LONGEST + 1));
    }
}
