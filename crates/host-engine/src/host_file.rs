//! The pictures that the teacher has given to the host.

use std::rc::Rc;

use bytes::Bytes;
use resnette_image_parquet::source::{RangeSource, SourceError};
use resnette_images::load::disk::DiskFile;
use resnette_images::load::open_file::OpenFile;
use resnette_session::HeldFile;

/// A file of the host's folder. It was listed when the host was started, and all seats have the
/// same.
#[derive(Clone, Debug)]
pub(crate) struct HostFile(Rc<DiskFile>);

impl HostFile {
    pub(crate) fn new(file: DiskFile) -> Self {
        Self(Rc::new(file))
    }
}

impl OpenFile for HostFile {
    fn path(&self) -> &str {
        self.0.path()
    }

    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, start: u64, length: u64) -> Result<Bytes, SourceError> {
        self.0.read_at(start, length)
    }
}

impl HeldFile for HostFile {
    fn last_modified(&self) -> u64 {
        0
    }
}

/// A file behind an address, which the host does not fetch.
pub(crate) struct Unfetched(pub(crate) String);

impl Unfetched {
    fn refused(&self) -> SourceError {
        let reason = "the class's host fetches nothing".into();
        SourceError::Unreachable { name: self.0.clone(), reason }
    }
}

impl RangeSource for Unfetched {
    fn name(&self) -> &str {
        &self.0
    }

    async fn length(&mut self) -> Result<u64, SourceError> {
        Err(self.refused())
    }

    async fn read(&mut self, _: u64, _: u64) -> Result<Bytes, SourceError> {
        Err(self.refused())
    }

    fn bytes_read(&self) -> u64 {
        0
    }
}
