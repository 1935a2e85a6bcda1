//! Messages about the engine: which one it is, its self-test and its memory.

use serde::{Deserialize, Serialize};

/// The engine that is running, for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// Which of the engines it is.
    pub kind: EngineKind,
    /// Name of the GPU adapter, or of the CPU's instruction set.
    pub device: String,
}

/// Memory that the engine occupies, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Size of the worker's WebAssembly memory, which grows and never shrinks.
    pub wasm: u64,
    /// Memory reserved on the GPU, or `None` if the engine does not use a GPU.
    pub gpu: Option<u64>,
}

/// Result of the engine's self-test, which compares it with numbers from PyTorch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    /// The largest relative difference from PyTorch's numbers.
    pub gap: f64,
    /// The largest difference that passes.
    pub allowed: f64,
}

impl SelfTest {
    /// Whether the engine's results agree with PyTorch's.
    pub fn passed(&self) -> bool {
        self.gap <= self.allowed
    }
}

/// The engines: two workers, and the class's host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineKind {
    /// Burn on the GPU, through WebGPU.
    WebGpu,
    /// Burn on the CPU, with its Flex back end.
    Cpu,
    /// The same on another computer, which serves the page to a class.
    Host,
}

impl EngineKind {
    /// The engine's name as the page shows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebGpu => "WebGPU",
            Self::Cpu => "CPU",
            Self::Host => "Host",
        }
    }
}
