//! What the network of a run answers about the validation pictures.

use burn::module::Module;
use burn::tensor::Tensor;
use resnette_images::batch;

use crate::predict::familiarity::Familiarity;
use crate::train::batch_loss::upload;
use crate::train::learner::{Learner, LearnerError};
use crate::train::metrics::ScoredPicture;

/// Most numbers in the vectors of all validation pictures. With more they are not kept, and no picture
/// is flagged as unlike them.
const MAX_NUMBERS: usize = 4_000_000;

/// The answers to a validation batch, on the device.
pub(super) struct BatchAnswer {
    /// `[n, classes]`
    logits: Tensor<2>,
    /// What the head classifies, `[n, features]`; `None` where nothing would follow from them.
    vectors: Option<Tensor<2>>,
}

impl Learner {
    /// The network's answers to batch `index` of the validation pictures.
    pub(super) fn answer_valid(&self, index: u32) -> BatchAnswer {
        let batch = batch::valid_batch(&self.data, self.config.recipe.bs, index, self.size());
        let images = upload(batch, &self.device.clone().inner());
        let network = self.model.valid();
        let vectors = network.pool(network.features(images));
        let logits = network.head().forward(vectors.clone());
        let [_, features] = vectors.dims();
        let (pictures, classes) = (self.data.valid.len(), self.data.classes.len());
        let wanted = pictures.saturating_mul(features) <= MAX_NUMBERS
            && Familiarity::can_follow(pictures, features, classes);
        BatchAnswer { logits, vectors: wanted.then_some(vectors) }
    }

    /// Reads the answers to all validation batches.
    pub(super) async fn read_answers(
        &self,
        answers: Vec<BatchAnswer>,
    ) -> Result<(Vec<ScoredPicture>, Option<Familiarity>), LearnerError> {
        let classes = self.data.classes.len();
        let (logits, vectors): (Vec<_>, Vec<_>) =
            answers.into_iter().map(|answer| (answer.logits, answer.vectors)).unzip();
        let logits = Tensor::cat(logits, 0).into_data_async().await?;
        let logits: Vec<f32> = logits.iter::<f32>().collect();
        let rows = logits.chunks_exact(classes).zip(&self.data.valid);
        let scored =
            rows.map(|(row, sample)| ScoredPicture { logits: row.to_vec(), label: sample.label });
        let mut familiarity = None;
        if let Some(vectors) = vectors.into_iter().collect::<Option<Vec<_>>>() {
            let vectors = Tensor::cat(vectors, 0).into_data_async().await?;
            let vectors: Vec<f32> = vectors.iter::<f32>().collect();
            let labels: Vec<u32> = self.data.valid.iter().map(|sample| sample.label).collect();
            familiarity = Familiarity::new(&vectors, &labels, classes);
        }
        Ok((scored.collect(), familiarity))
    }

    /// What tells pictures that are unlike those of the set, for the network as it is now.
    ///
    /// # Errors
    /// [`LearnerError::Engine`]
    pub(in crate::train) async fn familiarity_now(
        &self,
    ) -> Result<Option<Familiarity>, LearnerError> {
        let answers = (0..self.valid_batches()).map(|index| self.answer_valid(index)).collect();
        Ok(self.read_answers(answers).await?.1)
    }
}
