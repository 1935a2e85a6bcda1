//! fastai's `lr_find`: a mock training whose learning rate rises with every batch.
//!
//! The search trains a copy of the network, so that there is nothing to restore when it ends.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Device;
use resnette_images::batch;
use resnette_images::dataset::Dataset;
use resnette_spec::RunConfig;
use resnette_spec::lr_curve::{LrPoint, LrSearch, LrSuggestions};
use resnette_spec::schedule::{MOM, StepHyperParams};

use crate::model::Network;
use crate::train::accumulate::Accumulator;
use crate::train::adam::Adam;
use crate::train::batch_loss::batch_loss;
use crate::train::learner::{Learner, LearnerError};

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
    model: Network,
    adam: Adam,
    gradients: Accumulator,
    device: Device,
    size: u32,
    order: Vec<usize>,
    step: u32,
    search: LrSearch,
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

    /// A search from the weights that a run has now. The run itself is not changed.
    pub fn of(learner: &Learner) -> Self {
        let config = learner.config.clone();
        Self {
            data: learner.data.clone(),
            // A clone of a network shares its running statistics. Moving the network to the inner
            // device and back makes a copy of its own.
            model: learner.model.valid().train(),
            adam: Adam::new(config.recipe.wd),
            gradients: Accumulator::new(config.recipe.accumulate),
            device: learner.device().clone(),
            size: learner.size(),
            order: Vec::new(),
            step: 0,
            search: LrSearch::default(),
            config,
        }
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
        let batches = batch::full_batches(self.data.train.len(), self.config.recipe.bs);
        let (epoch, index) = (self.step / batches, self.step % batches);
        if index == 0 {
            self.order = batch::epoch_order(self.data.train.len(), self.config.seed, epoch);
        }
        let views =
            batch::plan_train_batch(&self.data, &self.config, &self.order, epoch, index, self.size);
        let loss = batch_loss(
            &self.model,
            views,
            self.data.classes.len(),
            &self.config,
            self.step,
            &self.device,
        );
        // fastai's `lr_find` moves only the learning rate and leaves Adam's default momentum.
        let hyper_params = StepHyperParams { lr: self.search.lr(), mom: MOM };
        if let Some(mut grads) = self.gradients.push(&self.model, loss.backward()) {
            self.model = self.adam.step(self.model.clone(), &mut grads, hyper_params, |_| 1.0);
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
