//! Test-time augmentation: predictions for several augmented copies of a picture are averaged.
//!
//! This is fastai's `Learner.tta`. The network sees each validation picture once as it is and `n`
//! times augmented as in training. Probabilities (not logits) are averaged over the `n`, and the
//! result is `beta` times the plain prediction plus `1 − beta` times that average.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Device;
use burn::tensor::activation::softmax;
use resnette_images::batch;
use resnette_images::dataset::Dataset;
use resnette_spec::RunConfig;

use crate::model::Network;
use crate::train::batch_loss::upload;
use crate::train::learner::{Learner, LearnerError};
use crate::train::metrics::ScoredPicture;

/// Augmented passes: the default `n` of fastai's `tta`.
pub const PASSES: u32 = 4;
/// Weight of the plain prediction: the default `beta` of fastai's `tta`.
pub const BETA: f64 = 0.25;

/// What a tick did.
#[derive(Clone, Debug, PartialEq)]
pub enum TtaTick {
    /// Predicted a batch.
    Predicted {
        /// The pass over the validation pictures, counted from 0. The last one is the plain one.
        pass: u32,
        /// The number of passes.
        passes: u32,
        /// The batch within the pass, counted from 0.
        batch: u32,
    },
    /// All pictures, in the order of the set. Their `logits` are the logarithms of the averaged
    /// probabilities, so that [`ScoredPicture::probabilities`] gives those.
    Done(Vec<ScoredPicture>),
}

/// Test-time augmentation under way, one batch at a time like a [`Learner`].
pub struct Tta {
    config: RunConfig,
    data: Arc<Dataset>,
    model: Network,
    device: Device,
    n: u32,
    beta: f64,
    pass: u32,
    batch: u32,
    /// The weighted sum of the probabilities so far, a row for each picture.
    mixed: Vec<f64>,
}

impl Tta {
    /// Prepares `n` augmented passes and a plain one with the network of a run as it is now. If `n`
    /// is 0, only the plain pass counts.
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

    /// Prepares the same for any network on a plain device. Picture size, batch size, augmentation
    /// and seed are those of `config`.
    pub fn new(
        model: Network,
        config: RunConfig,
        data: Arc<Dataset>,
        device: Device,
        n: u32,
        beta: f64,
    ) -> Self {
        let mixed = vec![0.0; data.valid.len() * data.classes.len()];
        let beta = if n == 0 { 1.0 } else { beta.clamp(0.0, 1.0) };
        Self { config, data, model, device, n, beta, pass: 0, batch: 0, mixed }
    }

    /// Predicts one batch.
    ///
    /// # Errors
    /// [`LearnerError::Engine`] if the device fails.
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
            softmax(self.model.forward(upload(batch, &self.device)), 1).into_data_async().await?;
        let share = if plain { self.beta } else { (1.0 - self.beta) / f64::from(self.n) };
        let from = (index * bs) as usize * self.data.classes.len();
        for (mixed, answer) in self.mixed[from..].iter_mut().zip(answers.iter::<f32>()) {
            *mixed += share * f64::from(answer);
        }
        self.batch += 1;
        if self.batch == (self.data.valid.len() as u32).div_ceil(bs) {
            (self.pass, self.batch) = (pass + 1, 0);
        }
        Ok(TtaTick::Predicted { pass, passes: self.n + 1, batch: index })
    }

    /// The averaged probabilities as logits, with the labels.
    fn scored(&self) -> Vec<ScoredPicture> {
        // A probability that has underflowed to 0 still needs a finite logarithm.
        let logit = |&p: &f64| p.max(f64::from(f32::MIN_POSITIVE)).ln() as f32;
        let rows = self.mixed.chunks_exact(self.data.classes.len()).zip(&self.data.valid);
        rows.map(|(row, sample)| ScoredPicture {
            logits: row.iter().map(logit).collect(),
            label: sample.label,
        })
        .collect()
    }
}
