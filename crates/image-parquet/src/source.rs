//! Files that are read in pieces, wherever they lie.

use bytes::Bytes;

/// Why a file could not be read. Messages name the file and say what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Nothing answers.
    #[error(
        "{name} could not be reached ({reason}); check the connection, or choose other pictures"
    )]
    Unreachable {
        /// Address or path.
        name: String,
        /// In the browser's or system's words.
        reason: String,
    },
    /// A file on this computer cannot be read.
    #[error(
        "{name} could not be read ({reason}); it may have been moved or changed, open it again"
    )]
    Unreadable {
        /// Path.
        name: String,
        /// In the browser's or system's words.
        reason: String,
    },
    /// Something answers, but no.
    #[error("{name} was refused with status {status}{}; choose other pictures or try later", retry.map_or(String::new(), |s| format!(", try again in {s} seconds")))]
    Status {
        /// Address.
        name: String,
        /// HTTP status.
        status: u16,
        /// Seconds, where the server says.
        retry: Option<u32>,
    },
    /// The file ends early.
    #[error(
        "{name} ends before byte {wanted}: the file is cut off; load it again or choose another"
    )]
    Short {
        /// Address or path.
        name: String,
        /// Where reading should have ended.
        wanted: u64,
    },
    /// The file is another one than before.
    #[error(
        "{name} has changed since its first part was loaded; what was kept of it is forgotten, load it again"
    )]
    Changed {
        /// Address.
        name: String,
    },
    /// The caller gave up.
    #[error("loading was stopped")]
    Stopped,
}

/// A file that can be read at any place.
pub trait RangeSource {
    /// Address or path, for messages.
    fn name(&self) -> &str;

    /// Length in bytes.
    fn length(&mut self) -> impl Future<Output = Result<u64, SourceError>>;

    /// The bytes from `start`, `length` of them.
    fn read(&mut self, start: u64, length: u64)
    -> impl Future<Output = Result<Bytes, SourceError>>;

    /// Bytes that have come so far, for the progress line.
    fn bytes_read(&self) -> u64;
}

/// A file in memory.
pub struct MemorySource {
    name: String,
    bytes: Bytes,
    read: u64,
}

impl MemorySource {
    /// Wraps bytes.
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
