//! Compiles the kernels of a run before they are needed. A GPU compiles each at its first use,
//! which takes longer than many training steps.

use burn::tensor::{Device, Tensor};
use resnette_spec::architecture::Architecture;
use resnette_spec::random::{Purpose, stream};
use resnette_spec::{RunConfig, schedule};

use crate::model::ResNet;
use crate::train::adam::Adam;
use crate::train::loss::{soft_cross_entropy, targets};

/// As many classes as Imagenette has. With another number only the kernels of the head differ.
const CLASSES: usize = 10;

/// Submits one training step of a network like the run's, on blank pictures, and does not wait for
/// it: the GPU's process compiles while the caller goes on. The run itself is not involved.
/// `device` is plain (without autodiff).
pub fn warm_up(config: &RunConfig, device: &Device) {
    let device = device.clone().autodiff();
    let model = ResNet::new(
        &Architecture::new(&config.net, CLASSES as u32),
        stream(config.seed, Purpose::Init, 0),
        &device,
    );
    let (bs, side) = (config.recipe.bs as usize, config.data.size as usize);
    let images = Tensor::<4>::zeros([bs, 3, side, side], &device);
    let wanted = targets(&vec![0; bs], CLASSES, config.recipe.smoothing, None, &device);
    let mut grads = soft_cross_entropy(model.forward(images), wanted).backward();
    let hyper = schedule::at(config.recipe.schedule, config.recipe.lr, 0.0);
    Adam::new(config.recipe.wd).step(model, &mut grads, hyper, |_| 1.0);
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
