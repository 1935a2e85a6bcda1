//! Gzip streams, also several in a row, as `cat a.tgz b.tgz` makes them.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use crate::load::archive::file_window::FileWindow;
use crate::load::archive::ratio_limit::RatioLimit;
use crate::load::open_file::OpenFile;

/// What a gzip stream begins with.
pub const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What a file of gzip streams unpacks to. Unpacking to too much of a multiple of its size fails
/// with [`io::ErrorKind::QuotaExceeded`].
pub struct GzipStreams<'a, F> {
    /// The stream that is being unpacked; `None` at the end.
    stream: Option<GzDecoder<FileWindow<'a, F>>>,
    limit: RatioLimit,
    /// Where the last stream ended.
    ended_at: u64,
    /// Whether something else follows the last stream.
    pub junk_follows: bool,
}

impl<'a, F: OpenFile> GzipStreams<'a, F> {
    /// Starts at the beginning of a file.
    pub fn new(file: &'a F) -> Self {
        Self {
            stream: Some(GzDecoder::new(FileWindow::new(file, 0))),
            limit: RatioLimit::default(),
            ended_at: 0,
            junk_follows: false,
        }
    }

    /// Offset in the file of the first byte that has not been unpacked yet.
    pub fn position(&self) -> u64 {
        self.stream.as_ref().map_or(self.ended_at, |stream| stream.get_ref().position())
    }

    /// Goes to the next stream. Zeros before it are passed over: some tools fill up with them.
    fn next_stream(&mut self) -> io::Result<()> {
        let Some(stream) = self.stream.take() else { return Ok(()) };
        let mut window = stream.into_inner();
        window.skip_zeros()?;
        let next = window.fill_buf()?.first().copied();
        self.ended_at = window.position();
        if next == Some(GZIP_MAGIC[0]) {
            self.stream = Some(GzDecoder::new(window));
        } else {
            self.junk_follows = next.is_some();
        }
        Ok(())
    }
}

impl<F: OpenFile> Read for GzipStreams<'_, F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while let Some(stream) = &mut self.stream {
            let length = stream.read(out)?;
            if length > 0 {
                return if self.limit.allows(length, self.position()) {
                    Ok(length)
                } else {
                    Err(io::ErrorKind::QuotaExceeded.into())
                };
            }
            self.next_stream()?;
        }
        Ok(0)
    }
}
