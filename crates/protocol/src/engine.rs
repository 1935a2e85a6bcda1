//! The engine, as the page names it.

use serde::{Deserialize, Serialize};

/// What computes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// `WebGPU` or `CPU`.
    pub kind: EngineKind,
    /// Adapter or instruction set, for people.
    pub device: String,
}

/// Memory that the engine holds, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Of the worker's WebAssembly, which grows and never shrinks.
    pub wasm: u64,
    /// Reserved on the GPU, by an engine that has one.
    pub gpu: Option<u64>,
}

/// What the engine's self-test found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    /// Largest relative difference from PyTorch's numbers.
    pub gap: f64,
    /// Largest that passes.
    pub allowed: f64,
}

impl SelfTest {
    /// Whether the engine computes right.
    pub fn passed(&self) -> bool {
        self.gap <= self.allowed
    }
}

/// Which of the two workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineKind {
    /// Burn on WebGPU.
    WebGpu,
    /// Burn Flex.
    Cpu,
}

impl EngineKind {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebGpu => "WebGPU",
            Self::Cpu => "CPU",
        }
    }
}
