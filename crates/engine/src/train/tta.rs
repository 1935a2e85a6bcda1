//! Test-time augmentation: the network looks several times, and its answers are averaged.
//!
//! fastai's `Learner.tta`: each validation picture is seen plainly once and `n` times as training
//! would show it; probabilities (not logits) are averaged over the `n`, and the plain answer gets
//! the share `beta` of the whole.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Device;
use burn::tensor::activation::softmax;
use resnette_images::batch;
use resnette_images::set::DataSet;
use resnette_spec::RunConfig;

use crate::model::Network;
use crate::train::learner::{Learner, LearnerError, upload};
use crate::train::validate::Scored;

/// fastai's `n`.
pub const PASSES: u32 = 4;
/// fastai's `beta`.
pub const BETA: f64 = 0.25;

/// What a tick did.
#[derive(Clone, Debug, PartialEq)]
pub enum TtaTick {
    /// Looked at a batch in pass `pass` (the last pass is the plain one) of `passes`.
    Looked {
        /// From 0.
        pass: u32,
        /// How many there are.
        passes: u32,
        /// From 0.
        batch: u32,
    },
    /// All pictures, in the order of the set. `logits` are logarithms of the mixed probabilities,
    /// whose softmax they are.
    Done(Vec<Scored>),
}

/// Test-time augmentation under way, one batch at a time like a [`Learner`].
pub struct Tta {
    config: RunConfig,
    data: Arc<DataSet>,
    model: Network,
    device: Device,
    n: u32,
    beta: f64,
    pass: u32,
    batch: u32,
    mixed: Vec<f64>,
}

impl Tta {
    /// Prepares `n` augmented looks and a plain one with the network of a run as it is now. With
    /// `n` 0 only the plain look counts.
    pub fn of(learner: &Learner, n: u32, beta: f64) -> Self {
        Self::new(
            learner.model.valid(),
            learner.config.clone(),
            learner.data.clone(),
            learner.device().clone().inner(),
            n,
            beta,
        )
    }

    /// The same for any network on a plain device; `config` says size, batch, augmentation and
    /// seed.
    pub fn new(
        model: Network,
        config: RunConfig,
        data: Arc<DataSet>,
        device: Device,
        n: u32,
        beta: f64,
    ) -> Self {
        let mixed = vec![0.0; data.valid.len() * data.classes.len()];
        let beta = if n == 0 { 1.0 } else { beta.clamp(0.0, 1.0) };
        Self { config, data, model, device, n, beta, pass: 0, batch: 0, mixed }
    }

    /// Looks at one batch.
    ///
    /// # Errors
    /// The engine failed.
    pub async fn tick(&mut self) -> Result<TtaTick, LearnerError> {
        if self.pass > self.n {
            return Ok(TtaTick::Done(self.scored()));
        }
        let plain = self.pass == self.n;
        let (bs, size) = (self.config.recipe.bs, self.config.data.size);
        let (pass, index) = (self.pass, self.batch);
        let batch = match plain {
            true => batch::valid_batch(&self.data, bs, index, size),
            false => batch::tta_batch(&self.data, &self.config, pass, index, size),
        };
        let answers =
            softmax(self.model.forward(upload(&batch, &self.device)), 1).into_data_async().await?;
        let share = if plain { self.beta } else { (1.0 - self.beta) / f64::from(self.n) };
        let from = (index * bs) as usize * self.data.classes.len();
        for (mixed, answer) in self.mixed[from..].iter_mut().zip(answers.iter::<f32>()) {
            *mixed += share * f64::from(answer);
        }
        self.batch += 1;
        if self.batch == (self.data.valid.len() as u32).div_ceil(bs) {
            (self.pass, self.batch) = (pass + 1, 0);
        }
        Ok(TtaTick::Looked { pass, passes: self.n + 1, batch: index })
    }

    fn scored(&self) -> Vec<Scored> {
        // A probability that has underflowed still needs a finite logarithm.
        let logit = |&p: &f64| p.max(f64::from(f32::MIN_POSITIVE)).ln() as f32;
        let rows = self.mixed.chunks_exact(self.data.classes.len()).zip(&self.data.valid);
        rows.map(|(row, sample)| Scored {
            logits: row.iter().map(logit).collect(),
            label: sample.label,
        })
        .collect()
    }
}
