//! Files that are read in byte ranges, wherever they are stored.

use bytes::Bytes;

/// Why a file could not be read. Every message names the file and says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The server cannot be reached.
    #[error(
        "{name} could not be reached ({reason}); check the connection, or choose other pictures"
    )]
    Unreachable {
        /// The file's address or path.
        name: String,
        /// The error in the words of the browser or the operating system.
        reason: String,
    },
    /// A file on this computer cannot be read.
    #[error(
        "{name} could not be read ({reason}); it may have been moved or changed, open it again"
    )]
    Unreadable {
        /// The file's path.
        name: String,
        /// The error in the words of the browser or the operating system.
        reason: String,
    },
    /// The server refused the request.
    #[error("{name} was refused with status {status}{}; choose other pictures or try later", retry.map_or(String::new(), |s| format!(", try again in {s} seconds")))]
    Status {
        /// The file's address.
        name: String,
        /// The HTTP status code.
        status: u16,
        /// After how many seconds to try again; `None` if the server does not say.
        retry: Option<u32>,
    },
    /// The file ends before the requested range does.
    #[error(
        "{name} ends before byte {wanted}: the file is cut off; load it again or choose another"
    )]
    Short {
        /// The file's address or path.
        name: String,
        /// The end of the requested range.
        wanted: u64,
    },
    /// The file is no longer the one whose first part was read.
    #[error(
        "{name} has changed since its first part was loaded; what was kept of it is forgotten, load it again"
    )]
    Changed {
        /// The file's address.
        name: String,
    },
    /// The server sends the file as a whole, and it is too large for that, or has no end.
    #[error(
        "{name} is sent as a whole and not in parts, and more than {megabytes} MB of it would have \
         to be held in memory; put the files on a server that answers ranges, or choose other \
         pictures"
    )]
    Endless {
        /// The address.
        name: String,
        /// How much came, or would come, in megabytes.
        megabytes: u64,
    },
    /// The server answered with another part of the file than was asked for.
    #[error(
        "{name} was answered with another part of the file than was asked for; the server, or \
         something on the way to it, does not keep to ranges. Choose other pictures"
    )]
    OtherRange {
        /// The address.
        name: String,
    },
    /// The caller stopped the reading.
    #[error("loading was stopped")]
    Stopped,
}

/// A file whose byte ranges can be read in any order.
pub trait RangeSource {
    /// The file's address or path, for messages.
    fn name(&self) -> &str;

    /// The file's length in bytes.
    ///
    /// # Errors
    /// A [`SourceError`] if the length cannot be found out.
    fn length(&mut self) -> impl Future<Output = Result<u64, SourceError>>;

    /// Reads `length` bytes from the offset `start` on.
    ///
    /// # Errors
    /// A [`SourceError`] if they cannot be read, among them [`SourceError::Short`] if the file ends
    /// before they do.
    fn read(&mut self, start: u64, length: u64)
    -> impl Future<Output = Result<Bytes, SourceError>>;

    /// The number of bytes read so far, for displaying the progress.
    fn bytes_read(&self) -> u64;
}

/// A file whose bytes are in memory.
pub struct MemorySource {
    name: String,
    bytes: Bytes,
    read: u64,
}

impl MemorySource {
    /// Wraps the bytes of a file; `name` is its name in messages.
    pub fn new(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { name: name.into(), bytes: bytes.into(), read: 0 }
    }
}

impl RangeSource for MemorySource {
    fn name(&self) -> &str {
        &self.name
    }

    async fn length(&mut self) -> Result<u64, SourceError> {
        Ok(self.bytes.len() as u64)
    }

    async fn read(&mut self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        let end = start.saturating_add(length);
        if end > self.bytes.len() as u64 {
            return Err(SourceError::Short { name: self.name.clone(), wanted: end });
        }
        self.read += length;
        Ok(self.bytes.slice(start as usize..end as usize))
    }

    fn bytes_read(&self) -> u64 {
        self.read
    }
}
