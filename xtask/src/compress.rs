//! Files compressed ahead, for hosts that hand out `NAME.gz` to browsers that take it (nginx `gzip_static`, and our own server).

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Writes `NAME.gz` beside every module, script and sheet of the folder, and returns name and size of each pair.
///
/// # Errors
/// If the folder can't be read or written.
pub fn compress(dist: &Path) -> Result<Vec<(String, u64, u64)>> {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(dist).with_context(|| format!("can't read {}", dist.display()))? {
        let path = entry?.path();
        let worthwhile = ["wasm", "js", "css", "html"].iter().any(|kind| path.extension().is_some_and(|extension| extension == *kind));
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| worthwhile) else { continue };
        let bytes = fs::read(&path)?;
        let target = dist.join(format!("{name}.gz"));
        let mut encoder = GzEncoder::new(File::create(&target)?, Compression::best());
        std::io::copy(&mut &bytes[..], &mut encoder)?;
        encoder.finish()?;
        sizes.push((name.to_string(), bytes.len() as u64, fs::metadata(&target)?.len()));
    }
    sizes.sort();
    Ok(sizes)
}
