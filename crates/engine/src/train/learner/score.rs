//! What the network of a run answers about the validation pictures.

use burn::module::Module;
use burn::tensor::{ExecutionError, Tensor};
use resnette_images::stream::StreamError;

use crate::predict::familiarity::Familiarity;
use crate::train::batch_loss::upload;
use crate::train::learner::{Learner, LearnerError};
use crate::train::metrics::ScoredPicture;

/// Most numbers in the vectors of all validation pictures. With more they are not kept, and no
/// picture is flagged as unlike them.
const MAX_NUMBERS: usize = 4_000_000;

/// The answers to a validation batch, on the device.
pub(super) struct BatchAnswer {
    /// `[n, classes]`
    logits: Tensor<2>,
    /// What the head classifies, `[n, features]`; `None` where nothing would follow from them.
    vectors: Option<Tensor<2>>,
}

/// The answers to validation batches, in ordinary memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answers {
    /// A row of a logit for each class for each picture.
    pub(super) logits: Vec<f32>,
    /// A row of the features for each picture; `None` if there are too many of them.
    pub(super) vectors: Option<Vec<f32>>,
}

/// Reads answers from the device.
///
/// # Errors
/// The device failed.
pub(super) async fn read_answers(answers: Vec<BatchAnswer>) -> Result<Answers, ExecutionError> {
    // A rank of a team may have no batch.
    if answers.is_empty() {
        return Ok(Answers::default());
    }
    let (logits, vectors): (Vec<_>, Vec<_>) =
        answers.into_iter().map(|answer| (answer.logits, answer.vectors)).unzip();
    let logits = Tensor::cat(logits, 0).into_data_async().await?;
    let logits: Vec<f32> = logits.iter::<f32>().collect();
    let mut read = Answers { logits, vectors: None };
    if let Some(vectors) = vectors.into_iter().collect::<Option<Vec<_>>>() {
        let vectors = Tensor::cat(vectors, 0).into_data_async().await?;
        read.vectors = Some(vectors.iter::<f32>().collect());
    }
    Ok(read)
}

impl Learner {
    /// The network's answers to batch `index` of the validation pictures.
    ///
    /// # Errors
    /// [`StreamError`]
    pub(super) fn answer_valid(&self, index: u32) -> Result<BatchAnswer, StreamError> {
        let images = upload(self.valid_batch(index)?, &self.device.clone().inner());
        let network = self.model.valid();
        let vectors = network.pool(network.features(images));
        let logits = network.head().forward(vectors.clone());
        Ok(BatchAnswer { logits, vectors: self.keeps_vectors().then_some(vectors) })
    }

    /// Whether the vectors of all validation pictures are few enough to be kept, and something
    /// follows from them.
    pub(super) fn keeps_vectors(&self) -> bool {
        let (pictures, classes) = (self.data.valid.len(), self.data.classes.len());
        pictures.saturating_mul(self.features()) <= MAX_NUMBERS
            && Familiarity::can_follow(pictures, self.features(), classes)
    }

    /// How many numbers the vector has that the head classifies.
    pub(super) fn features(&self) -> usize {
        self.model.head().pooled()
    }

    /// What the answers to all validation pictures say of the network.
    pub(super) fn score(&self, answers: &Answers) -> (Vec<ScoredPicture>, Option<Familiarity>) {
        let classes = self.data.classes.len();
        let rows = answers.logits.chunks_exact(classes).zip(&self.data.valid);
        let scored =
            rows.map(|(row, sample)| ScoredPicture { logits: row.to_vec(), label: sample.label });
        let familiarity = answers.vectors.as_ref().and_then(|vectors| {
            let labels: Vec<u32> = self.data.valid.iter().map(|sample| sample.label).collect();
            Familiarity::new(vectors, &labels, classes)
        });
        (scored.collect(), familiarity)
    }

    /// What tells pictures that are unlike those of the set, for the network as it is now. It is a
    /// whole validation, unless nothing would follow from it.
    ///
    /// # Errors
    /// [`LearnerError::Engine`] or [`LearnerError::Stream`].
    pub(in crate::train) async fn familiarity_now(
        &self,
    ) -> Result<Option<Familiarity>, LearnerError> {
        if !self.keeps_vectors() {
            return Ok(None);
        }
        let answers = (0..self.valid_batches()).map(|index| self.answer_valid(index));
        let answers = answers.collect::<Result<Vec<_>, _>>()?;
        Ok(self.score(&read_answers(answers).await?).1)
    }
}
