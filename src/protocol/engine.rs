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
