//! Hashes for integrity attributes and for file names.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// The SHA-256 hash in base64, as `integrity` attributes and content security policies use it (W3C
/// Subresource Integrity).
pub fn sha256(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(bytes))
}

/// Sixteen hexadecimal digits of the SHA-256 hash, for a file name that changes with the content.
pub fn name_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nothing_is_the_known_one() {
        assert_eq!(sha256(b""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(name_of(b""), "e3b0c44298fc1c14");
    }
}
