//! How much an archive may unpack to.

/// Photos are compressed already, so an archive of photos expands to hardly more than its own size.
/// One that expands to more than this many times its size, and by more than [`FREE_BYTES`], is a
/// decompression bomb.
const MAX_RATIO: u64 = 20;
/// Bytes that an archive may expand to in any case.
const FREE_BYTES: u64 = 64 << 20;

/// Counts the bytes that an archive unpacks to.
#[derive(Debug, Default)]
pub struct RatioLimit {
    unpacked: u64,
}

impl RatioLimit {
    /// Counts some unpacked bytes, and returns whether there may be so many of an archive of this
    /// many bytes.
    pub fn allows(&mut self, unpacked: usize, packed: u64) -> bool {
        self.unpacked = self.unpacked.saturating_add(unpacked as u64);
        self.unpacked <= FREE_BYTES.saturating_add(packed.saturating_mul(MAX_RATIO))
    }
}
