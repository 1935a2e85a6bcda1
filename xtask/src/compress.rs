//! Compresses files in advance, for hosts that send `NAME.br` or `NAME.gz` to browsers that accept
//! them (nginx with `brotli_static` and `gzip_static`, and our own server).

use std::fs::{self, File};
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use brotli::CompressorWriter;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::digest::name_of;

/// The sizes in bytes of a file and of its compressed versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sizes {
    /// The name of the file.
    pub name: String,
    /// Size of the file itself.
    pub plain: u64,
    /// Size of `NAME.gz`.
    pub gzip: u64,
    /// Size of `NAME.br`.
    pub brotli: u64,
}

/// Size in bytes from which on the result of Brotli is cached. Its highest quality takes a minute
/// for the 27 MB of the WebGPU worker.
const CACHED_FROM_BYTES: usize = 1 << 20;
/// Maximum number of cached results.
const MAX_CACHED: usize = 8;

/// Held by whoever reads or changes the cache: several files are compressed at the same time.
static CACHE: Mutex<()> = Mutex::new(());

/// Writes `NAME.gz` and `NAME.br` next to every WebAssembly module, script, style sheet and HTML
/// file of a folder, and returns their sizes. `cache` is the folder for the results of large files.
/// On every core a file is compressed, the largest first: the others are done before it is.
///
/// # Errors
/// If a folder cannot be read or written.
pub fn compress(dist: &Path, cache: &Path) -> Result<Vec<Sizes>> {
    let files = Mutex::new(by_size(dist)?);
    let lanes = thread::available_parallelism().map_or(1, |cores| cores.get());
    let compressed: Result<Vec<_>> = thread::scope(|scope| {
        let lane = || -> Result<Vec<Sizes>> {
            let mut sizes = Vec::new();
            while let Some(file) = next(&files) {
                sizes.push(compress_file(&file, cache)?);
            }
            Ok(sizes)
        };
        let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(lane)).collect();
        let ended = lanes.into_iter().map(|lane| match lane.join() {
            Ok(sizes) => sizes,
            Err(panic) => resume_unwind(panic),
        });
        ended.collect()
    });
    let mut sizes: Vec<_> = compressed?.into_iter().flatten().collect();
    sizes.sort();
    Ok(sizes)
}

/// The files of a folder that are worth it, the largest last.
fn by_size(dist: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dist).with_context(|| format!("can't read {}", dist.display()))? {
        let entry = entry?;
        let path = entry.path();
        let worthwhile = ["wasm", "js", "css", "html"]
            .iter()
            .any(|kind| path.extension().is_some_and(|extension| extension == *kind));
        if worthwhile {
            files.push((entry.metadata()?.len(), path));
        }
    }
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

/// The largest file that is left.
fn next(files: &Mutex<Vec<PathBuf>>) -> Option<PathBuf> {
    files.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn compress_file(path: &Path, cache: &Path) -> Result<Sizes> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let bytes = fs::read(path)?;
    let beside = |kind: &str| path.with_file_name(format!("{name}.{kind}"));
    let (gzip, brotli) = (beside("gz"), beside("br"));
    let mut encoder = GzEncoder::new(File::create(&gzip)?, Compression::best());
    io::copy(&mut &bytes[..], &mut encoder)?;
    encoder.finish()?;
    write_brotli(&bytes, &brotli, cache)?;
    let length = |path: &Path| fs::metadata(path).map(|found| found.len());
    let (gzip, brotli) = (length(&gzip)?, length(&brotli)?);
    Ok(Sizes { name, plain: bytes.len() as u64, gzip, brotli })
}

fn write_brotli(bytes: &[u8], path: &Path, cache: &Path) -> Result<()> {
    let cached =
        (bytes.len() >= CACHED_FROM_BYTES).then(|| cache.join(format!("{}.br", name_of(bytes))));
    let in_cache = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cached) = &cached {
        let _cache = in_cache();
        if cached.is_file() {
            fs::copy(cached, path)?;
            return Ok(());
        }
    }
    let mut encoder = CompressorWriter::new(File::create(path)?, 1 << 16, 11, 24);
    encoder.write_all(bytes)?;
    // The writer finishes the stream when it is taken apart.
    encoder.into_inner().flush()?;
    if let Some(cached) = cached {
        let _cache = in_cache();
        fs::create_dir_all(cache)?;
        // The file gets its name once it is complete, so that a build that is interrupted does not
        // leave half a file for the next one.
        let unfinished = cached.with_extension(format!("{}", std::process::id()));
        fs::copy(path, &unfinished)?;
        fs::rename(unfinished, cached)?;
        delete_oldest(cache)?;
    }
    Ok(())
}

fn delete_oldest(cache: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(cache)? {
        let entry = entry?;
        files.push((entry.metadata()?.modified()?, entry.path()));
    }
    files.sort();
    for (_, path) in files.iter().rev().skip(MAX_CACHED) {
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
        let cache = folder.join("cache");
        let sizes = compress(&folder, &cache).unwrap();
        assert_eq!(sizes.len(), 1, "pictures are compressed already: {sizes:?}");
        assert!(sizes[0].brotli < sizes[0].gzip && sizes[0].gzip < sizes[0].plain, "{sizes:?}");
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut File::open(folder.join("style.css.br")).unwrap(), &mut back)
            .unwrap();
        assert_eq!(back, text.as_bytes());
        assert!(!cache.exists(), "small files are not cached");

        // A large file is compressed only once. After that, the cached result is used.
        fs::write(folder.join("worker.wasm"), vec![7; CACHED_FROM_BYTES]).unwrap();
        compress(&folder, &cache).unwrap();
        let file = fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
        assert_eq!(fs::read(folder.join("worker.wasm.br")).unwrap(), fs::read(&file).unwrap());
        fs::write(&file, b"as it was cached").unwrap();
        compress(&folder, &cache).unwrap();
        assert_eq!(fs::read(folder.join("worker.wasm.br")).unwrap(), b"as it was cached");
        for number in 0..20_u8 {
            fs::write(folder.join("worker.wasm"), vec![number; CACHED_FROM_BYTES]).unwrap();
            compress(&folder, &cache).unwrap();
        }
        assert_eq!(fs::read_dir(&cache).unwrap().count(), MAX_CACHED);
        fs::remove_dir_all(&folder).unwrap();
    }
}
