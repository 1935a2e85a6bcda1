//! Which pictures a run uses, and which engine.

use super::keys::choices;

/// Where pictures come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Source {
    /// Imagenette 160 px, read from Hugging Face in the visitor's browser.
    #[default]
    HuggingFace,
    /// A base address that holds `train/0000.parquet` and `validation/0000.parquet`.
    Url,
    /// Ten classes drawn by [`crate::data::drawn`]; needs no network.
    Drawn,
    /// Files that the reader opened.
    Files,
}

choices!(Source { HuggingFace => "huggingface", Url => "url", Drawn => "drawn", Files => "files" });

/// Which engine trains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Backend {
    /// WebGPU on a real adapter with `timestamp-query`, else the CPU.
    #[default]
    Auto,
    /// WebGPU, a software adapter too.
    WebGpu,
    /// Burn Flex with SIMD.
    Cpu,
}

choices!(Backend { Auto => "auto", WebGpu => "webgpu", Cpu => "cpu" });

/// Which pictures, how many, how large.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DataConfig {
    /// Where they come from.
    pub source: Source,
    /// Base address for [`Source::Url`]; empty otherwise.
    pub base: String,
    /// Training pictures a class.
    pub train: u32,
    /// Validation pictures a class.
    pub valid: u32,
    /// Side of the square that the network sees, in pixels.
    pub size: u32,
}

impl Default for DataConfig {
    fn default() -> Self {
        Self { source: Source::default(), base: String::new(), train: 150, valid: 50, size: 64 }
    }
}
