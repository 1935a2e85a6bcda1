//! fastai's `lr_find`: a mock training with an ever higher learning rate.
//!
//! The search works on a copy of the network, so nothing has to be put back when it ends.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Device;
use resnette_images::batch;
use resnette_images::set::DataSet;
use resnette_spec::RunConfig;
use resnette_spec::lr_curve::{Point, Search, Suggestions};
use resnette_spec::schedule::{Hyper, MOM};

use crate::model::Network;
use crate::train::accumulate::Accumulator;
use crate::train::adam::Adam;
use crate::train::learner::{Learner, LearnerError, batch_loss};

/// What a tick did.
#[derive(Clone, Debug, PartialEq)]
pub enum LrTick {
    /// Tried a rate.
    Tried(Point),
    /// The search is over; nothing where the curve is too short to say.
    Done(Option<Suggestions>),
}

/// A search under way, one batch at a time like a [`Learner`].
pub struct LrFind {
    config: RunConfig,
    data: Arc<DataSet>,
    model: Network,
    adam: Adam,
    gradients: Accumulator,
    device: Device,
    size: u32,
    order: Vec<usize>,
    step: u32,
    search: Search,
}

impl LrFind {
    /// A search from the first weights of a run, on a plain (not autodiff) device.
    ///
    /// # Errors
    /// [`LearnerError`] where the run could not begin either.
    pub fn new(
        config: RunConfig,
        data: Arc<DataSet>,
        device: &Device,
    ) -> Result<Self, LearnerError> {
        Ok(Self::of(&Learner::new(config, data, device, 1)?))
    }

    /// A search from the weights that a run has now; the run is not touched.
    pub fn of(learner: &Learner) -> Self {
        let config = learner.config.clone();
        Self {
            data: learner.data.clone(),
            // Clones of a network share their running statistics; by way of the inner device it
            // becomes a copy.
            model: learner.model.valid().train(),
            adam: Adam::new(config.recipe.wd),
            gradients: Accumulator::new(config.recipe.accumulate),
            device: learner.device().clone(),
            size: learner.size(),
            order: Vec::new(),
            step: 0,
            search: Search::default(),
            config,
        }
    }

    /// The curve so far.
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// Tries one rate on one batch.
    ///
    /// # Errors
    /// The engine failed. A loss that is no number is no error: it ends the search.
    pub async fn tick(&mut self) -> Result<LrTick, LearnerError> {
        if self.search.is_done() {
            return Ok(LrTick::Done(self.search.suggest()));
        }
        let batches = batch::full_batches(self.data.train.len(), self.config.recipe.bs);
        let (epoch, index) = (self.step / batches, self.step % batches);
        if index == 0 {
            self.order = batch::order(self.data.train.len(), self.config.seed, epoch);
        }
        let views =
            batch::train_views(&self.data, &self.config, &self.order, epoch, index, self.size);
        let loss = batch_loss(
            &self.model,
            views,
            self.data.classes.len(),
            self.config.recipe.smoothing,
            &self.device,
        );
        // `lr_find` schedules the rate alone; momentum stays where Adam has it.
        let hyper = Hyper { lr: self.search.lr(), mom: MOM };
        if let Some(mut grads) = self.gradients.push(&self.model, loss.backward()) {
            self.model = self.adam.step(self.model.clone(), &mut grads, hyper, |_| 1.0);
        }
        self.step += 1;
        let data = loss.inner().into_data_async().await?;
        self.search.push(data.iter::<f32>().next().map_or(f64::NAN, f64::from));
        match self.search.points().last() {
            Some(&point) if point.lr == hyper.lr => Ok(LrTick::Tried(point)),
            _ => Ok(LrTick::Done(self.search.suggest())),
        }
    }
}
