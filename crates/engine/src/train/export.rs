//! The network of a run as a model file.

use resnette_protocol::predict::ModelInfo;

use super::learner::Learner;
use crate::model::Network;
use crate::model::file::{Layout, ModelFile, SaveError, finite, run_info};
use crate::model::torchvision::torchvision_name;
use crate::model::weights::{read_weights, trainable};

/// The network of a run as it is now.
///
/// # Errors
/// [`SaveError`]
pub async fn export_model(learner: &Learner) -> Result<ModelFile, SaveError> {
    let weights =
        read_weights(&learner.model).await.map_err(|error| SaveError::Engine(error.to_string()))?;
    let Network::Torchvision(network) = &learner.model else {
        return Ok(ModelFile::new(
            learner.config.clone(),
            learner.data.classes.clone(),
            learner.history.clone(),
            weights,
        )?);
    };
    finite(&weights)?;
    let weights =
        weights.into_iter().map(|(name, array)| (torchvision_name(&name), array)).collect();
    let (info, layout) = (learner_info(learner), Layout::Torchvision(network.plan()));
    Ok(ModelFile { info, config: learner.config.clone(), layout, weights })
}

/// What the page shows of the network that a learner trains.
pub fn learner_info(learner: &Learner) -> ModelInfo {
    let info = run_info(&learner.config, learner.data.classes.clone(), learner.history.clone());
    let Network::Torchvision(network) = &learner.model else { return info };
    let name = match learner.history.last() {
        Some(row) => format!("{}, fine-tuned, after epoch {}", network.plan().name(), row.epoch),
        None => format!("{} with a new head, not trained yet", network.plan().name()),
    };
    ModelInfo {
        name,
        parameters: trainable(&learner.model),
        net: None,
        layers: network.plan().layer_names(),
        ..info
    }
}
