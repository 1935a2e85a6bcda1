//! Exports the network of a run as a model file.

use resnette_protocol::predict::ModelInfo;
use resnette_spec::RunConfig;
use resnette_spec::fine_tune::FROZEN_EPOCHS;

use super::learner::Learner;
use crate::model::Network;
use crate::model::file::{ModelFile, SaveError, best_name, run_info};
use crate::model::torchvision::torchvision_name;
use crate::model::weights::{check_finite, read_weights};

/// A model file with the weights of a run's network as they are now, or of its best epoch so far if
/// the run keeps that.
///
/// # Errors
/// [`SaveError`] if the weights cannot be read from the device or are not finite.
pub async fn export_model(learner: &Learner) -> Result<ModelFile, SaveError> {
    let weights = match &learner.best {
        Some(best) => best.weights.clone(),
        None => read_weights(&learner.model)
            .await
            .map_err(|error| SaveError::Engine(error.to_string()))?,
    };
    let config = asked_config(learner);
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
            ModelFile { info, config, architecture, weights }
        }
    };
    file.info.best = learner.best_so_far();
    file.info.fine_tuned_from.clone_from(&learner.base);
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
