//! A benchmark of the engine in this browser.

use resnette_spec::RunConfig;
use resnette_spec::statistics::median;
use serde::{Deserialize, Serialize};

use crate::engine::Memory;

/// Most steps that can be asked for.
pub const MOST_STEPS: u32 = 200;

/// What to measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// Network, size and batch.
    pub config: RunConfig,
    /// Measured steps, after two that are not.
    pub steps: u32,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// `WebGPU` or `CPU`.
    pub engine: String,
    /// Adapter or instruction set.
    pub device: String,
    /// Side of a picture, in pixels.
    pub size: u32,
    /// Pictures a batch.
    pub bs: u32,
    /// Of the network.
    pub parameters: u64,
    /// Of one picture forward; a training step is reckoned as three times that.
    pub multiply_adds: u64,
    /// The first step, in which kernels are compiled.
    pub first_step_ms: f64,
    /// Each measured step.
    pub steps_ms: Vec<f64>,
    /// Of each: until the work was handed over.
    pub enqueue_ms: Vec<f64>,
    /// Kernels started a step, on a GPU.
    pub dispatches_per_step: Option<f64>,
    /// Held after the last step.
    pub memory: Memory,
}

impl Benchmark {
    /// Median milliseconds a step.
    pub fn ms_per_step(&self) -> f64 {
        median(&self.steps_ms)
    }

    /// Median milliseconds until a step's work is handed over.
    pub fn ms_to_enqueue(&self) -> f64 {
        median(&self.enqueue_ms)
    }

    /// Pictures a second, by the median.
    pub fn pictures_per_second(&self) -> f64 {
        f64::from(self.bs) / self.ms_per_step() * 1e3
    }

    /// Arithmetic a second, in 10⁹ operations: a multiply-add is two, and a step is a forward pass
    /// and twice that back.
    pub fn gflops(&self) -> f64 {
        6.0 * self.multiply_adds as f64 * f64::from(self.bs) / self.ms_per_step() / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_follow_the_median() {
        let told = Benchmark {
            engine: "CPU".into(),
            device: String::new(),
            size: 64,
            bs: 16,
            parameters: 1,
            multiply_adds: 5_000_000,
            first_step_ms: 900.0,
            steps_ms: vec![100.0, 500.0, 90.0],
            enqueue_ms: vec![1.0],
            dispatches_per_step: None,
            memory: Memory { wasm: 0, gpu: None },
        };
        assert_eq!(told.pictures_per_second(), 160.0);
        // 16 pictures × 5 million × 2 × 3 in a tenth of a second.
        assert!((told.gflops() - 4.8).abs() < 1e-9);
    }
}
