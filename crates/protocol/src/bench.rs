//! Messages about the benchmark: training steps of the engine, measured in this browser.

use resnette_spec::RunConfig;
use resnette_spec::statistics::median;
use serde::{Deserialize, Serialize};

use crate::engine::Memory;

/// Maximum number of steps that can be requested.
pub const MAX_STEPS: u32 = 200;

/// Asks the engine to measure training steps on random pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchmarkRequest {
    /// The settings; network, picture size and batch size matter.
    pub config: RunConfig,
    /// Number of measured steps that are each waited for. Two more are taken before them to warm
    /// up, and as many again (at most ten) after them, with one read.
    pub steps: u32,
}

/// The measurements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benchmark {
    /// The engine's name: `WebGPU` or `CPU`.
    pub engine: String,
    /// Name of the GPU adapter, or of the CPU's instruction set.
    pub device: String,
    /// Side of the square pictures, in pixels.
    pub size: u32,
    /// The batch size.
    pub bs: u32,
    /// Number of trainable parameters of the network.
    pub parameters: u64,
    /// Multiply-adds of the forward pass for one picture.
    pub multiply_adds: u64,
    /// Milliseconds of the very first step, during which kernels are compiled.
    pub first_step_ms: f64,
    /// Milliseconds of each measured step, which was waited for: on a GPU the way there and back is
    /// in them.
    pub steps_ms: Vec<f64>,
    /// Milliseconds of each measured step until all its work was enqueued on the device.
    pub enqueue_ms: Vec<f64>,
    /// Number of steps that were then handed over one after another and waited for together, as in
    /// a run.
    pub queued_steps: u32,
    /// Milliseconds of one of these: the time of all, divided by their number.
    pub queued_ms: f64,
    /// Number of kernels dispatched per step, or `None` if the engine does not use a GPU.
    pub dispatches_per_step: Option<f64>,
    /// How the GPU's kernels cut their work: name of the row in the table of adapters, with its
    /// numbers. `None` if the engine does not use a GPU.
    pub kernels: Option<String>,
    /// Billions of floating-point operations per second of a plain matrix product on this GPU, or
    /// `None` if the engine does not use one.
    pub product_gflops: Option<f64>,
    /// Memory occupied after the last step.
    pub memory: Memory,
}

impl Benchmark {
    /// The median duration of a step, in milliseconds.
    pub fn ms_per_step(&self) -> f64 {
        median(&self.steps_ms)
    }

    /// The median time until a step's work is enqueued on the device, in milliseconds.
    pub fn ms_to_enqueue(&self) -> f64 {
        median(&self.enqueue_ms)
    }

    /// Pictures per second, computed from the median step.
    pub fn pictures_per_second(&self) -> f64 {
        f64::from(self.bs) / self.ms_per_step() * 1e3
    }

    /// Billions of floating-point operations per second of the median step. A multiply-add counts
    /// as two operations, and the backward pass as twice the work of the forward pass.
    pub fn gflops(&self) -> f64 {
        self.gflop_per_step() / self.ms_per_step() * 1e3
    }

    /// The same of the steps that were waited for together.
    pub fn queued_gflops(&self) -> f64 {
        self.gflop_per_step() / self.queued_ms * 1e3
    }

    /// [`Self::queued_gflops`] as a share of the matrix product's; `None` without a GPU.
    pub fn share_of_product(&self) -> Option<f64> {
        self.product_gflops.map(|product| self.queued_gflops() / product)
    }

    /// Billions of floating-point operations of a step.
    fn gflop_per_step(&self) -> f64 {
        6.0 * self.multiply_adds as f64 * f64::from(self.bs) / 1e9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_follow_the_median() {
        let benchmark = Benchmark {
            engine: "CPU".into(),
            device: String::new(),
            size: 64,
            bs: 16,
            parameters: 1,
            multiply_adds: 5_000_000,
            first_step_ms: 900.0,
            steps_ms: vec![100.0, 500.0, 90.0],
            enqueue_ms: vec![1.0],
            queued_steps: 3,
            queued_ms: 80.0,
            dispatches_per_step: None,
            kernels: None,
            product_gflops: None,
            memory: Memory { wasm: 0, gpu: None },
        };
        assert_eq!(benchmark.pictures_per_second(), 160.0);
        // 16 pictures × 5 million × 2 × 3 in a tenth of a second.
        assert!((benchmark.gflops() - 4.8).abs() < 1e-9);
        assert!((benchmark.queued_gflops() - 6.0).abs() < 1e-9);
        assert_eq!(benchmark.share_of_product(), None);
        let on_gpu = Benchmark { product_gflops: Some(24.0), ..benchmark };
        assert!((on_gpu.share_of_product().unwrap_or_default() - 0.25).abs() < 1e-9);
    }
}
