//! Compiles the kernels of a run before they are needed. A GPU compiles each at its first use,
//! which takes longer than many training steps.

use burn::tensor::Device;
use resnette_spec::RunConfig;

use crate::train::random_run::RandomRun;

/// Submits one training step of a network like the run's, on blank pictures, and does not wait for
/// it: the GPU's process compiles while the caller goes on. The run itself is not involved.
/// `device` is plain (without autodiff).
pub fn warm_up(config: &RunConfig, device: &Device) {
    RandomRun::blank(config, device).step();
}

#[cfg(all(test, feature = "cpu"))]
mod tests {
    use super::*;

    /// The warm-up runs before the settings are checked, so it must not panic for a network that a
    /// learner refuses.
    #[test]
    fn grids_of_one_pixel_and_batches_of_one_picture_pass() {
        for (size, bs) in [(8, 1), (33, 3)] {
            let mut config = RunConfig::default();
            config.data.size = size;
            config.recipe.bs = bs;
            config.net.width = 4;
            warm_up(&config, &Device::flex());
        }
    }
}
