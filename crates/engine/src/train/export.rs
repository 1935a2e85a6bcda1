//! Exports the network of a run as a model file.

use resnette_protocol::predict::ModelInfo;
use resnette_spec::RunConfig;
use resnette_spec::fine_tune::FROZEN_EPOCHS;

use super::learner::{Learner, LearnerError};
use crate::model::Network;
use crate::model::file::{ModelFile, SaveError, best_name, run_info};
use crate::model::torchvision::torchvision_name;
use crate::model::weights::{check_finite, read_weights};

/// A model file with the weights of a run's network as they are now, or of its best epoch so far if
/// the run keeps that.
///
/// # Errors
/// [`SaveError`] if the weights cannot be read from the device or are not finite, or if a picture
/// of a streamed set cannot be read for the last validation.
pub async fn export_model(learner: &Learner) -> Result<ModelFile, SaveError> {
    let weights = match &learner.best {
        Some(best) => best.weights.clone(),
        None => read_weights(&learner.model)
            .await
            .map_err(|error| SaveError::Engine(error.to_string()))?,
    };
    let config = asked_config(learner);
    let familiarity = match &learner.best {
        // It is not known any more if the run was resumed since.
        Some(best) if !learner.is_done() => best.familiarity.clone(),
        // The same run gives the same file, whether it was resumed or not.
        _ if learner.familiarity.is_none() && learner.is_done() && !learner.is_broken() => {
            let now = learner.familiarity_now().await;
            now.map_err(|error| match error {
                LearnerError::Stream(error) => SaveError::Pictures(error),
                other => SaveError::Engine(other.to_string()),
            })?
        }
        _ => learner.familiarity.clone(),
    };
    let mut file = match &learner.model {
        Network::Chapter(_) => {
            let (classes, history) = (learner.data.classes.clone(), learner.history.clone());
            ModelFile::new(config, classes, history, weights)?
        }
        Network::Torchvision(network) => {
            check_finite(&weights)?;
            let weights =
                weights.into_iter().map(|(name, array)| (torchvision_name(&name), array)).collect();
            let (info, architecture) = (learner_info(learner), network.architecture());
            ModelFile { info, config, architecture, weights, familiarity: None }
        }
    };
    file.info.best = learner.best_so_far();
    file.info.fine_tuned_from.clone_from(&learner.base);
    file.familiarity = familiarity;
    Ok(file)
}

/// The settings as they were asked for: the frozen epoch of a fine-tuning comes before those.
fn asked_config(learner: &Learner) -> RunConfig {
    let mut config = learner.config.clone();
    if learner.is_fine_tuning {
        config.recipe.epochs = config.recipe.epochs.saturating_sub(FROZEN_EPOCHS).max(1);
    }
    config
}

/// What the page shows of the network that a run trains.
pub fn learner_info(learner: &Learner) -> ModelInfo {
    let kept = learner.kept_epoch();
    let epoch = kept.or(learner.history.last().map(|row| row.epoch));
    let its_best = if kept.is_some() { ", its best" } else { "" };
    let mut info = ModelInfo {
        best: kept,
        fine_tuned_from: learner.base.clone(),
        ..run_info(&learner.config, learner.data.classes.clone(), learner.history.clone())
    };
    let Network::Torchvision(network) = &learner.model else {
        if let Some(epoch) = kept {
            info.name = best_name(epoch);
        }
        return info;
    };
    let architecture = network.architecture();
    let name = architecture.published_name();
    let name = match epoch {
        Some(epoch) => format!("{name}, fine-tuned, after epoch {epoch}{its_best}"),
        None => format!("{name} with a new head, not trained yet"),
    };
    ModelInfo {
        name,
        parameters: architecture.parameters(),
        net: None,
        layers: architecture.layer_names(),
        ..info
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use burn::tensor::Device;
    use futures::executor::block_on;
    use resnette_images::dataset::Dataset;
    use resnette_picture::drawn;
    use resnette_spec::read_run;

    use super::*;
    use crate::model::safetensors::Precision;
    use crate::predict::familiarity::Familiarity;

    /// A set with enough validation pictures to tell what is unlike them.
    fn set() -> Arc<Dataset> {
        let mut set =
            Dataset { classes: vec!["tench".into(), "springer".into()], ..Dataset::default() };
        for index in 0..30 {
            for label in 0..2 {
                let picture = drawn::draw(label, index, 1, 32);
                if index < 8 {
                    set.push_train(&picture, label as u32, 32);
                }
                set.push_valid(&drawn::draw(label, index, 2, 32), label as u32, 32);
            }
        }
        Arc::new(set)
    }

    fn exported(learner: &Learner) -> (Option<Familiarity>, Vec<u8>) {
        let file = block_on(export_model(learner)).unwrap();
        (file.familiarity.clone(), file.write(Precision::F32).unwrap())
    }

    /// With a difference that no epoch reaches, the first epoch stays the best one, and what it
    /// answered is not in a saved run.
    #[test]
    fn a_run_that_was_resumed_at_its_end_knows_what_is_unlike_like_the_unbroken_one() {
        for settings in ["", "save=valid_loss&min_delta=10"] {
            let run = "size=32&layers=1&expansion=1&width=8&stem=8&epochs=2&bs=8&augment=none";
            let run = read_run(&format!("{run}&{settings}")).0;
            let (data, device) = (set(), Device::flex());
            let mut learner = Learner::new(run, data.clone(), &device, 1).unwrap();
            assert_eq!(exported(&learner).0, None);
            while !learner.is_done() {
                block_on(learner.tick()).unwrap();
            }
            let checkpoint = block_on(learner.checkpoint()).unwrap();
            let resumed = Learner::resume(&checkpoint, data, &device, 1).unwrap();
            assert_eq!(resumed.familiarity, None);
            let (known, bytes) = exported(&learner);
            assert!(known.as_ref().is_some_and(|known| known.means.len() == 2));
            assert_eq!(exported(&resumed), (known.clone(), bytes), "{settings}");
            assert_eq!(learner.familiarity, known);
        }
    }
}
