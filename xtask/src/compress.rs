//! Files compressed ahead, for hosts that hand out `NAME.br` or `NAME.gz` to browsers that take them (nginx `brotli_static` and
//! `gzip_static`, and our own server).

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

/// One file and what became of it, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sizes {
    /// The file's name.
    pub name: String,
    /// As it is.
    pub plain: u64,
    /// `NAME.gz`.
    pub gzip: u64,
    /// `NAME.br`.
    pub brotli: u64,
}

/// Brotli's most thorough quality takes a minute for the WebGPU worker's 27 MB; what a first visit waits for is worth it.
const THOROUGH_UP_TO: usize = 4 << 20;

/// Writes `NAME.gz` and `NAME.br` beside every module, script and sheet of the folder, and returns their sizes.
///
/// # Errors
/// If the folder can't be read or written.
pub fn compress(dist: &Path) -> Result<Vec<Sizes>> {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(dist).with_context(|| format!("can't read {}", dist.display()))? {
        let path = entry?.path();
        let worthwhile = ["wasm", "js", "css", "html"].iter().any(|kind| path.extension().is_some_and(|extension| extension == *kind));
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| worthwhile) else { continue };
        let bytes = fs::read(&path)?;
        let (gzip, brotli) = (dist.join(format!("{name}.gz")), dist.join(format!("{name}.br")));
        let mut encoder = GzEncoder::new(File::create(&gzip)?, Compression::best());
        io::copy(&mut &bytes[..], &mut encoder)?;
        encoder.finish()?;
        write_brotli(&bytes, &brotli)?;
        let length = |path: &Path| fs::metadata(path).map(|found| found.len());
        sizes.push(Sizes { name: name.to_owned(), plain: bytes.len() as u64, gzip: length(&gzip)?, brotli: length(&brotli)? });
    }
    sizes.sort();
    Ok(sizes)
}

fn write_brotli(bytes: &[u8], path: &Path) -> Result<()> {
    let quality = if bytes.len() <= THOROUGH_UP_TO { 11 } else { 9 };
    let mut encoder = CompressorWriter::new(File::create(path)?, 1 << 16, quality, 24);
    encoder.write_all(bytes)?;
    // The writer ends the stream when it is taken apart.
    encoder.into_inner().flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let folder = std::env::temp_dir().join(format!("resnette-compress-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let text = "calm paper, sharp figures; ".repeat(1_000);
        fs::write(folder.join("style.css"), &text).unwrap();
        fs::write(folder.join("icon.png"), &text).unwrap();
        let sizes = compress(&folder).unwrap();
        assert_eq!(sizes.len(), 1, "pictures are compressed already: {sizes:?}");
        assert!(sizes[0].brotli < sizes[0].gzip && sizes[0].gzip < sizes[0].plain, "{sizes:?}");
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut File::open(folder.join("style.css.br")).unwrap(), &mut back).unwrap();
        assert_eq!(back, text.as_bytes());
        fs::remove_dir_all(&folder).unwrap();
    }
}
