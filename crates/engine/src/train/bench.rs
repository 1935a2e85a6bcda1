//! Training steps by the clock: forward, loss, backward, Adam, on one batch of random pictures.
//! Serves `resnette bench`, the page's "Benchmark this browser" and through it `cargo xtask bench`.

use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use resnette_spec::architecture::Plan;
use resnette_spec::random::{Purpose, stream};
use resnette_spec::{RunConfig, schedule};
use web_time::Instant;

use crate::model::ResNet;
use crate::train::adam::Adam;
use crate::train::learner::LearnerError;
use crate::train::loss::{soft_cross_entropy, targets};

/// Imagenette's.
const CLASSES: usize = 10;

/// What was measured, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// The very first step, in which kernels are compiled.
    pub first_ms: f64,
    /// Each measured step, until its last kernel is done.
    pub steps_ms: Vec<f64>,
    /// Of each measured step: until all its work is handed to the engine. For an engine without a
    /// queue that is nearly the step itself.
    pub enqueue_ms: Vec<f64>,
}

/// Trains `warm_up` steps (at least one) unmeasured and `steps` measured ones, with the batch, size
/// and network of `config`. `at_start` is called between the two.
///
/// # Errors
/// What the engine fails with.
pub async fn measure(
    config: &RunConfig,
    device: &Device,
    warm_up: u32,
    steps: u32,
    mut at_start: impl FnMut(),
) -> Result<Steps, LearnerError> {
    let device = device.clone().autodiff();
    let mut model = ResNet::new(
        &Plan::new(&config.net, CLASSES as u32),
        stream(config.seed, Purpose::Init, 0),
        &device,
    );
    let mut adam = Adam::new(config.recipe.wd);
    let (bs, side) = (config.recipe.bs as usize, config.data.size as usize);
    let mut rng = stream(config.seed, Purpose::Augment, 0);
    let pixels: Vec<f32> = (0..bs * 3 * side * side).map(|_| rng.random_range(-2.0..2.0)).collect();
    let images = Tensor::<4>::from_data(TensorData::new(pixels, [bs, 3, side, side]), &device);
    let labels: Vec<u32> = (0..bs).map(|_| rng.random_range(0..CLASSES as u32)).collect();
    let hyper = schedule::at(config.recipe.schedule, config.recipe.lr, 0.0);
    let warm_up = warm_up.max(1);
    let mut told = Steps::default();
    for step in 0..warm_up + steps {
        if step == warm_up {
            at_start();
        }
        let began = Instant::now();
        let wanted = targets(&labels, CLASSES, config.recipe.smoothing, None, &device);
        let loss = soft_cross_entropy(model.forward(images.clone()), wanted);
        let mut grads = loss.backward();
        model = adam.step(model, &mut grads, hyper, |_| 1.0);
        let enqueued = milliseconds(began);
        // The last tensor that the optimiser writes: with it the whole step is done.
        model.head.bias.val().inner().into_data_async().await?;
        let took = milliseconds(began);
        if step == 0 {
            told.first_ms = took;
        }
        if step >= warm_up {
            told.enqueue_ms.push(enqueued);
            told.steps_ms.push(took);
        }
    }
    Ok(told)
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

#[cfg(all(test, feature = "cpu"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn every_measured_step_has_its_times_and_the_start_is_told_once() {
        let mut config = RunConfig::default();
        config.data.size = 32;
        config.recipe.bs = 4;
        config.net.layers = vec![1];
        config.net.width = 4;
        let mut starts = 0;
        let steps = block_on(measure(&config, &Device::flex(), 2, 3, || starts += 1)).unwrap();
        assert_eq!((starts, steps.steps_ms.len(), steps.enqueue_ms.len()), (1, 3, 3));
        assert!(steps.first_ms > 0.0);
        assert!(
            steps
                .enqueue_ms
                .iter()
                .zip(&steps.steps_ms)
                .all(|(enqueue, whole)| *enqueue > 0.0 && enqueue <= whole)
        );
    }
}
