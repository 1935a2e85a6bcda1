//! Training steps of a network on one made-up batch: what measurements and the warm-up of a GPU
//! train.

use std::hint::black_box;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use rand::Rng;
use resnette_spec::architecture::Architecture;
use resnette_spec::random::{Purpose, stream};
use resnette_spec::schedule::StepHyperParams;
use resnette_spec::{RunConfig, schedule};

use crate::model::ResNet;
use crate::train::adam::Adam;
use crate::train::learner::LearnerError;
use crate::train::loss::{soft_cross_entropy, targets};

/// As many classes as Imagenette has. With another number only the kernels of the head differ.
const CLASSES: usize = 10;

/// A network, its optimiser, and the batch that it trains on again and again.
pub(super) struct RandomRun {
    model: ResNet,
    adam: Adam,
    /// `[bs, 3, size, size]`
    images: Tensor<4>,
    labels: Vec<u32>,
    smoothing: f64,
    hyper: StepHyperParams,
    device: Device,
}

impl RandomRun {
    /// The network of `config` with its first weights and a batch of random pictures, on a plain
    /// device.
    pub(super) fn new(config: &RunConfig, device: &Device) -> Self {
        let (bs, side) = (config.recipe.bs as usize, config.data.size as usize);
        let mut rng = stream(config.seed, Purpose::Augment, 0);
        let pixels: Vec<f32> =
            (0..bs * 3 * side * side).map(|_| rng.random_range(-2.0..2.0)).collect();
        let device = device.clone().autodiff();
        let images = Tensor::<4>::from_data(TensorData::new(pixels, [bs, 3, side, side]), &device);
        let labels: Vec<u32> = (0..bs).map(|_| rng.random_range(0..CLASSES as u32)).collect();
        Self::on(config, images, labels, device)
    }

    /// The same with a batch of blank pictures, which nobody has to draw.
    pub(super) fn blank(config: &RunConfig, device: &Device) -> Self {
        let (bs, side) = (config.recipe.bs as usize, config.data.size as usize);
        let device = device.clone().autodiff();
        let images = Tensor::<4>::zeros([bs, 3, side, side], &device);
        Self::on(config, images, vec![0; bs], device)
    }

    fn on(config: &RunConfig, images: Tensor<4>, labels: Vec<u32>, device: Device) -> Self {
        let architecture = Architecture::new(&config.net, CLASSES as u32);
        Self {
            model: ResNet::new(&architecture, stream(config.seed, Purpose::Init, 0), &device),
            adam: Adam::of(&config.recipe),
            images,
            labels,
            smoothing: config.recipe.smoothing,
            hyper: schedule::of_recipe(&config.recipe, 0.0),
            device,
        }
    }

    /// Hands a training step to the engine: forward pass, loss, backward pass and Adam.
    pub(super) fn step(mut self) -> Self {
        let wanted = targets(&self.labels, CLASSES, self.smoothing, None, &self.device);
        let loss = soft_cross_entropy(self.model.forward(self.images.clone()), wanted);
        let mut grads = loss.backward();
        self.model = self.adam.step(self.model, &mut grads, self.hyper, |_| 1.0);
        self
    }

    /// Waits until the steps so far are done.
    ///
    /// # Errors
    /// [`LearnerError::Engine`] if the device fails.
    pub(super) async fn finish(&self) -> Result<(), LearnerError> {
        // The last tensor of the head is the last one that the optimiser writes, so reading it
        // waits until the whole step is done.
        let head = &self.model.head;
        match &head.bias {
            Some(bias) => wait_for(bias.val().inner()).await,
            None => wait_for(head.weight.val().inner()).await,
        }
    }

    /// Answers the batch as validation does, and waits for the answer.
    ///
    /// # Errors
    /// [`LearnerError::Engine`] if the device fails.
    pub(super) async fn validate(&self) -> Result<(), LearnerError> {
        let images = self.images.clone().inner();
        wait_for(self.model.valid().forward(images)).await
    }
}

/// Waits until the device has computed a tensor.
///
/// # Errors
/// [`LearnerError::Engine`] if the device fails.
pub(super) async fn wait_for<const D: usize>(tensor: Tensor<D>) -> Result<(), LearnerError> {
    let data = tensor.into_data_async().await?;
    // Natively a GPU's numbers are still on their way: Burn fetches them when they are looked at.
    black_box(data.iter::<f32>().next());
    Ok(())
}
