//! fastai's `lr_find`: a mock training whose learning rate rises with every batch.
//!
//! The search trains a copy of the network, so that there is nothing to restore when it ends.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Device;
use resnette_images::batch;
use resnette_images::dataset::Dataset;
use resnette_spec::RunConfig;
use resnette_spec::fine_tune::FineTunePhase;
use resnette_spec::lr_curve::{LrPoint, LrSearch, LrSuggestions};
use resnette_spec::schedule::StepHyperParams;
use resnette_spec::short_run::full_batches;

use crate::model::Network;
use crate::train::accumulate::Accumulator;
use crate::train::adam::Adam;
use crate::train::batch_loss::batch_loss;
use crate::train::class_weights::ClassWeights;
use crate::train::learner::{Learner, LearnerError};
use crate::train::pretrained::Pretrained;

/// What a tick did.
#[derive(Clone, Debug, PartialEq)]
pub enum LrTick {
    /// Tried a learning rate.
    Tried(LrPoint),
    /// The search is over. `None` if the curve is too short to suggest a learning rate.
    Done(Option<LrSuggestions>),
}

/// A learning rate search under way, one batch at a time like a [`Learner`].
pub struct LrFind {
    config: RunConfig,
    data: Arc<Dataset>,
    class_weights: ClassWeights,
    model: Network,
    adam: Adam,
    gradients: Accumulator,
    device: Device,
    size: u32,
    order: Vec<usize>,
    step: u32,
    search: LrSearch,
    /// The phase of the fine-tuning that it is about; `None` if it is about no fine-tuning.
    phase: Option<FineTunePhase>,
}

impl LrFind {
    /// A search from the first weights of a run, on a plain device (without autodiff).
    ///
    /// # Errors
    /// Those of [`Learner::new`].
    pub fn new(
        config: RunConfig,
        data: Arc<Dataset>,
        device: &Device,
    ) -> Result<Self, LearnerError> {
        Ok(Self::of(&Learner::new(config, data, device, 1)?))
    }

    /// A search for the rate of a fine-tuning, from its first weights: the head is new and the body
    /// frozen, as it is after fastai's `vision_learner`.
    ///
    /// # Errors
    /// Those of [`Learner::fine_tune`].
    pub fn fine_tune(
        config: RunConfig,
        data: Arc<Dataset>,
        device: &Device,
        pretrained: Pretrained,
    ) -> Result<Self, LearnerError> {
        Ok(Self::of(&Learner::fine_tune(config, data, device, 1, pretrained)?))
    }

    /// A search from the weights that a run has now. The run itself is not changed. What is frozen
    /// in a fine-tuning is frozen in the search too.
    pub fn of(learner: &Learner) -> Self {
        let config = learner.config.clone();
        Self {
            data: learner.data.clone(),
            class_weights: learner.class_weights.clone(),
            // A clone of a network shares its running statistics. Moving the network to the inner
            // device and back makes a copy of its own.
            model: learner.model.valid().train(),
            adam: Adam::of(&config.recipe),
            gradients: Accumulator::new(config.recipe.accumulate),
            device: learner.device().clone(),
            size: learner.size(),
            order: Vec::new(),
            step: 0,
            search: LrSearch::default(),
            phase: learner.is_fine_tuning.then(|| FineTunePhase::of(learner.epoch)),
            config,
        }
    }

    /// The network as the rates so far have left it, on the device with autodiff.
    pub fn model(&self) -> &Network {
        &self.model
    }

    /// The curve so far.
    pub fn search(&self) -> &LrSearch {
        &self.search
    }

    /// Tries one learning rate on one batch.
    ///
    /// # Errors
    /// [`LearnerError::Engine`] if the device fails. A loss that is not finite is no error, but
    /// ends the search.
    pub async fn tick(&mut self) -> Result<LrTick, LearnerError> {
        if self.search.is_done() {
            return Ok(LrTick::Done(self.search.suggest()));
        }
        let batches = full_batches(self.data.train.len(), self.config.recipe.bs);
        let (epoch, index) = (self.step / batches, self.step % batches);
        if index == 0 {
            self.order = batch::epoch_order(self.data.train.len(), self.config.seed, epoch);
        }
        let views =
            batch::plan_train_batch(&self.data, &self.config, &self.order, epoch, index, self.size);
        let loss = batch_loss(
            &self.model,
            views,
            &self.class_weights,
            &self.config,
            self.step,
            &self.device,
        );
        // fastai's `lr_find` moves only the learning rate and leaves the optimiser's momentum.
        let mom = self.config.recipe.opt.mom();
        let hyper_params = StepHyperParams { lr: self.search.lr(), mom };
        if let Some(mut grads) = self.gradients.push(&self.model, loss.backward()) {
            let (phase, stages) = (self.phase, self.model.stages());
            // The rates of all groups are the one that is tried: fastai's `LRFinder` sets one
            // number for all of them.
            let lr_factor = |name: &str| match phase {
                Some(phase) if phase.is_frozen(name, stages) => 0.0,
                _ => 1.0,
            };
            self.model = self.adam.step(self.model.clone(), &mut grads, hyper_params, lr_factor);
        }
        self.step += 1;
        let data = loss.inner().into_data_async().await?;
        self.search.push(data.iter::<f32>().next().map_or(f64::NAN, f64::from));
        match self.search.points().last() {
            Some(&point) if point.lr == hyper_params.lr => Ok(LrTick::Tried(point)),
            _ => Ok(LrTick::Done(self.search.suggest())),
        }
    }
}
