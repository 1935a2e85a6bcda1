//! Files compressed ahead, for hosts that hand out `NAME.br` or `NAME.gz` to browsers that take
//! them (nginx `brotli_static` and `gzip_static`, and our own server).

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::digest::name_of;

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

/// Brotli's most thorough quality takes a minute for the WebGPU worker's 27 MB: files from this
/// size on are not compressed twice.
const KEPT_FROM: usize = 1 << 20;
/// How many of them are kept.
const MOST_KEPT: usize = 8;

/// Writes `NAME.gz` and `NAME.br` beside every module, script and sheet of the folder, and returns
/// their sizes. Large files that were compressed before are taken from `kept`.
///
/// # Errors
/// If the folder can't be read or written.
pub fn compress(dist: &Path, kept: &Path) -> Result<Vec<Sizes>> {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(dist).with_context(|| format!("can't read {}", dist.display()))? {
        let path = entry?.path();
        let worthwhile = ["wasm", "js", "css", "html"]
            .iter()
            .any(|kind| path.extension().is_some_and(|extension| extension == *kind));
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| worthwhile)
        else {
            continue;
        };
        let bytes = fs::read(&path)?;
        let (gzip, brotli) = (dist.join(format!("{name}.gz")), dist.join(format!("{name}.br")));
        let mut encoder = GzEncoder::new(File::create(&gzip)?, Compression::best());
        io::copy(&mut &bytes[..], &mut encoder)?;
        encoder.finish()?;
        write_brotli(&bytes, &brotli, kept)?;
        let length = |path: &Path| fs::metadata(path).map(|found| found.len());
        sizes.push(Sizes {
            name: name.to_owned(),
            plain: bytes.len() as u64,
            gzip: length(&gzip)?,
            brotli: length(&brotli)?,
        });
    }
    sizes.sort();
    Ok(sizes)
}

fn write_brotli(bytes: &[u8], path: &Path, kept: &Path) -> Result<()> {
    let before = (bytes.len() >= KEPT_FROM).then(|| kept.join(format!("{}.br", name_of(bytes))));
    if let Some(before) = before.as_ref().filter(|before| before.is_file()) {
        fs::copy(before, path)?;
        return Ok(());
    }
    let mut encoder = CompressorWriter::new(File::create(path)?, 1 << 16, 11, 24);
    encoder.write_all(bytes)?;
    // The writer ends the stream when it is taken apart.
    encoder.into_inner().flush()?;
    if let Some(before) = before {
        fs::create_dir_all(kept)?;
        // Under another name first: a build that is cut off must not leave half a file for the next
        // one.
        let unfinished = before.with_extension(format!("{}", std::process::id()));
        fs::copy(path, &unfinished)?;
        fs::rename(unfinished, before)?;
        forget_the_oldest(kept)?;
    }
    Ok(())
}

fn forget_the_oldest(kept: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(kept)? {
        let entry = entry?;
        files.push((entry.metadata()?.modified()?, entry.path()));
    }
    files.sort();
    for (_, path) in files.iter().rev().skip(MOST_KEPT) {
        fs::remove_file(path)?;
    }
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
        let kept = folder.join("kept");
        let sizes = compress(&folder, &kept).unwrap();
        assert_eq!(sizes.len(), 1, "pictures are compressed already: {sizes:?}");
        assert!(sizes[0].brotli < sizes[0].gzip && sizes[0].gzip < sizes[0].plain, "{sizes:?}");
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut File::open(folder.join("style.css.br")).unwrap(), &mut back)
            .unwrap();
        assert_eq!(back, text.as_bytes());
        assert!(!kept.exists(), "small files are not kept");

        // A large one is compressed once: what is kept stands for it from then on.
        fs::write(folder.join("worker.wasm"), vec![7; KEPT_FROM]).unwrap();
        compress(&folder, &kept).unwrap();
        let file = fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
        assert_eq!(fs::read(folder.join("worker.wasm.br")).unwrap(), fs::read(&file).unwrap());
        fs::write(&file, b"as it was kept").unwrap();
        compress(&folder, &kept).unwrap();
        assert_eq!(fs::read(folder.join("worker.wasm.br")).unwrap(), b"as it was kept");
        for number in 0..20_u8 {
            fs::write(folder.join("worker.wasm"), vec![number; KEPT_FROM]).unwrap();
            compress(&folder, &kept).unwrap();
        }
        assert_eq!(fs::read_dir(&kept).unwrap().count(), MOST_KEPT);
        fs::remove_dir_all(&folder).unwrap();
    }
}
