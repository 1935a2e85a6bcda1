//! Evaluates a network on a validation set.

use std::sync::Arc;

use burn::tensor::ExecutionError;
use resnette_images::dataset::Dataset;
use resnette_picture::Picture;
use resnette_protocol::predict::Evaluation;
use resnette_spec::{Augment, RunConfig};

use crate::predict::classify::{Classifier, upload};
use crate::predict::evaluation::evaluation;
use crate::train::learner::LearnerError;
use crate::train::metrics::{ScoredPicture, metrics};
use crate::train::tta::{BETA, PASSES, Tta, TtaTick};

/// Why a network cannot be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// There are no validation pictures.
    #[error("no validation pictures are loaded; load pictures under Data first")]
    NoPictures,
    /// Too few validation pictures for anything to follow from them.
    #[error(
        "{0} validation pictures are too few to say how far the network's probabilities can be \
         trusted; at least 50 are needed"
    )]
    TooFewPictures(usize),
    /// The classes of the network are not those of the pictures.
    #[error(
        "this network tells other classes apart than the pictures that are loaded ({0} classes \
         against {1}); load its pictures first"
    )]
    OtherClasses(usize, usize),
    /// The pictures do not show what the network sees of them.
    #[error(
        "this network was trained with the augmentation “{0}” and resize “{1}”, which need \
         pictures kept differently. Choose both settings and reload the pictures"
    )]
    OtherAugmentation(&'static str, &'static str),
    /// The engine failed.
    #[error("the engine failed ({0}); the network is kept, try again")]
    Engine(String),
}

impl From<ExecutionError> for EvaluateError {
    fn from(error: ExecutionError) -> Self {
        Self::Engine(error.to_string())
    }
}

impl From<LearnerError> for EvaluateError {
    fn from(error: LearnerError) -> Self {
        Self::Engine(error.to_string())
    }
}

/// Evaluates a network on the validation pictures of `set`, plainly and with test-time
/// augmentation, which augments as `config` says, and with the losses of its recipe. `scored` has
/// the plain logits if they are known already; `pause` is awaited between batches.
///
/// # Errors
/// [`EvaluateError`]
pub async fn evaluate(
    classifier: Classifier<'_>,
    config: &RunConfig,
    set: &Arc<Dataset>,
    scored: Option<Vec<ScoredPicture>>,
    mut pause: impl AsyncFnMut(),
) -> Result<Evaluation, EvaluateError> {
    if set.valid.is_empty() {
        return Err(EvaluateError::NoPictures);
    }
    if set.classes != classifier.info.classes {
        return Err(EvaluateError::OtherClasses(classifier.info.classes.len(), set.classes.len()));
    }
    let (wanted, kept) = (classifier.info.keep, set.keep);
    let seen = match wanted.sees_as(kept) {
        true => set.clone(),
        // Pictures that were loaded for another network.
        false => Arc::new(set.validation_as(wanted).ok_or_else(|| {
            let recipe = &config.recipe;
            EvaluateError::OtherAugmentation(recipe.augment.label(), recipe.resize.label())
        })?),
    };
    let set = &seen;
    let scored = match scored.filter(|scored| scored.len() == set.valid.len()) {
        Some(scored) => scored,
        None => score(classifier, set, config.recipe.bs as usize, &mut pause).await?.0,
    };
    let plain = metrics(&scored, 0.0).accuracy as f32;
    if config.recipe.augment == Augment::None {
        // Without augmentation every pass of test-time augmentation is the plain one.
        return Ok(evaluation(&scored, set, config.recipe.smoothing, plain));
    }
    let mut tta = Tta::new(
        classifier.network.clone(),
        config.clone(),
        set.clone(),
        classifier.device.clone(),
        PASSES,
        BETA,
    );
    let mixed = loop {
        match tta.tick().await? {
            TtaTick::Predicted { .. } => pause().await,
            TtaTick::Done(mixed) => break mixed,
        }
    };
    let mixed = metrics(&mixed, 0.0).accuracy as f32;
    Ok(evaluation(&scored, set, config.recipe.smoothing, mixed))
}

/// The network's logits for the validation pictures, in batches of `bs`, and the vectors that its
/// head classifies, `[n, features]`.
pub(super) async fn score(
    classifier: Classifier<'_>,
    set: &Dataset,
    bs: usize,
    pause: &mut impl AsyncFnMut(),
) -> Result<(Vec<ScoredPicture>, Vec<f32>), ExecutionError> {
    let mut scored = Vec::with_capacity(set.valid.len());
    let mut all_vectors = Vec::new();
    for samples in set.valid.chunks(bs.max(1)) {
        let pictures: Vec<&Picture> = samples.iter().map(|sample| &sample.picture).collect();
        let input = upload(&pictures, classifier.info.size, classifier.device);
        let vectors = classifier.network.pool(classifier.network.features(input));
        let logits = classifier.network.head().forward(vectors.clone());
        let logits: Vec<f32> = logits.into_data_async().await?.iter::<f32>().collect();
        all_vectors.extend(vectors.into_data_async().await?.iter::<f32>());
        let rows = logits.chunks_exact(classifier.info.classes.len()).zip(samples);
        scored.extend(
            rows.map(|(row, sample)| ScoredPicture { logits: row.to_vec(), label: sample.label }),
        );
        pause().await;
    }
    Ok((scored, all_vectors))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures::executor::block_on;
    use resnette_protocol::predict::ModelInfo;
    use resnette_spec::{Keep, read_run};

    use super::*;
    use crate::predict::classify::tests::small;
    use crate::predict::evaluation::tests::set;

    #[test]
    fn scores_are_the_networks_logits_in_order_whatever_the_batch() {
        let (network, info, device) = small();
        let set = set(&[0, 3, 5, 9, 2], info.size);
        let classifier =
            Classifier { network: &network, info: &info, device: &device, familiarity: None };
        let mut pauses = 0;
        let (two, _) = block_on(score(classifier, &set, 2, &mut async || pauses += 1)).unwrap();
        let (all, vectors) = block_on(score(classifier, &set, 100, &mut async || {})).unwrap();
        assert_eq!(vectors.len(), 5 * network.head().pooled());
        assert_eq!((pauses, two.len()), (3, 5));
        assert!(two.iter().zip(&all).all(|(a, b)| a.label == b.label));
        assert!(
            two.iter()
                .zip(&all)
                .flat_map(|(a, b)| a.logits.iter().zip(&b.logits))
                .all(|(a, b)| (a - b).abs() < 1e-4)
        );
        let alone = network.forward(upload(&[&set.valid[3].picture], info.size, &device));
        let alone = alone.into_data().try_to_vec::<f32>().unwrap();
        assert!(alone.iter().zip(&two[3].logits).all(|(a, b)| (a - b).abs() < 1e-4));
    }

    #[test]
    fn a_network_is_evaluated_on_its_own_classes_only() {
        let (network, info, device) = small();
        let info = ModelInfo { keep: Keep::SQUARE, ..info };
        let classifier =
            Classifier { network: &network, info: &info, device: &device, familiarity: None };
        let mut config = read_run("size=48&bs=4&augment=none").0;
        let pictures = Arc::new(set(&(0..20).map(|i| i % 10).collect::<Vec<_>>(), 48));
        let plain = block_on(evaluate(classifier, &config, &pictures, None, async || {})).unwrap();
        assert_eq!(plain.tta, plain.accuracy);
        assert_eq!(plain.confusion.iter().flatten().sum::<u32>(), 20);
        config.recipe.augment = Augment::Full;
        let mut pauses = 0;
        let found =
            block_on(evaluate(classifier, &config, &pictures, None, async || pauses += 1)).unwrap();
        assert_eq!(
            (found.accuracy, &found.confusion, pauses),
            (plain.accuracy, &plain.confusion, 5 + 5 * 5)
        );
        let mut other = Dataset::clone(&pictures);
        other.classes[0] = "cat".into();
        let error = block_on(evaluate(classifier, &config, &Arc::new(other), None, async || {}))
            .unwrap_err();
        assert!(matches!(error, EvaluateError::OtherClasses(10, 10)));
        let error = block_on(evaluate(
            classifier,
            &config,
            &Arc::new(Dataset::default()),
            None,
            async || {},
        ))
        .unwrap_err();
        assert!(matches!(error, EvaluateError::NoPictures));
    }
}
