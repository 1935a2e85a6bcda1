//! The folder that the other programs' pages are served from, and the sizes of ours.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use libtest_mimic::Failed;
use serde_json::{Map, Value, json};

/// A temporary folder, gone on drop.
pub struct Pages {
    pub path: PathBuf,
    /// TensorFlow.js is in it.
    pub tensorflow: bool,
    /// jax-js is in it.
    pub jax: bool,
}

impl Drop for Pages {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// `tests/bench/pages` with TensorFlow.js and jax-js beside it, where xtask could install them.
pub fn folder() -> Result<Pages, Failed> {
    let path = env::temp_dir().join(format!("resnette-bench-{}", std::process::id()));
    fs::create_dir_all(&path)?;
    let mut pages = Pages { path, tensorflow: false, jax: false };
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/pages"))? {
        let file = entry?.path();
        fs::copy(&file, pages.path.join(file.file_name().unwrap_or_default()))?;
    }
    if let Some(packages) = env::var_os("RESNETTE_BENCH_TFJS").map(PathBuf::from) {
        for script in ["tfjs/dist/tf.min.js", "tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js"] {
            let file = packages.join(script);
            fs::copy(&file, pages.path.join(file.file_name().unwrap_or_default()))?;
        }
        pages.tensorflow = true;
    }
    if let Some(modules) = env::var_os("RESNETTE_BENCH_JAXJS").map(PathBuf::from) {
        for entry in fs::read_dir(modules)? {
            let file = entry?.path();
            if file.extension().is_some_and(|extension| extension == "js") {
                // Its main module is `index.js`, which says too little beside the other pages.
                let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                fs::copy(&file, pages.path.join(if name == "index.js" { "jax.js" } else { name }))?;
            }
        }
        pages.jax = true;
    }
    Ok(pages)
}

/// Bytes of each built WebAssembly module: raw, as `gzip -9` has it, and of the Brotli file beside
/// it.
pub fn sizes(dist: &Path) -> Result<Value, Failed> {
    let mut sizes = Map::new();
    for entry in fs::read_dir(dist)? {
        let file = entry?.path();
        let Some(name) = file
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_suffix("_bg.wasm"))
        else {
            continue;
        };
        // "page-0123abcd…" is the page, whatever its hash.
        let name = name.split('-').next().unwrap_or(name).to_owned();
        let bytes = fs::read(&file)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&bytes)?;
        let brotli = fs::metadata(file.with_added_extension("br"))?.len();
        sizes.insert(name, json!({ "raw_bytes": bytes.len(), "gzip_bytes": gzip.finish()?.len(), "brotli_bytes": brotli }));
    }
    Ok(sizes.into())
}
