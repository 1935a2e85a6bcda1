//! The network that answers, measured on the validation pictures that are loaded.

use resnette_engine::predict::classify::Classifier;
use resnette_engine::predict::evaluate::{EvaluateError, evaluate};
use resnette_engine::train::learner::Learner;
use resnette_protocol::{Event, Subsystem};

use crate::data_store::DataStore;
use crate::host::{Engine, Host};
use crate::predictor::{Answering, Predictor};
use crate::ticket::Ticket;
use crate::trainer::Trainer;

impl Predictor {
    /// Measures the network that answers; a run under way waits meanwhile.
    pub(crate) async fn evaluate<H: Host>(
        &self,
        host: &H,
        engine: &Engine,
        trainer: &Trainer,
        data: &DataStore<H>,
        ticket: Ticket<H>,
    ) {
        let Some(Answering { network, info, config, .. }) = self.answering(trainer) else {
            let reason = "there is no network yet. Train one or open one first";
            return ticket.refused(Subsystem::Predicting, reason);
        };
        let own = trainer.learner.as_ref().filter(|_| self.opened.is_none());
        if own.is_some_and(Learner::is_broken) {
            let reason = "the run broke, so its network cannot be measured. Train again, with a \
                          lower learning rate";
            return ticket.refused(Subsystem::Predicting, reason);
        }
        let set = own.map(|learner| &learner.data).or(data.set()).cloned();
        let Some(set) = set else {
            return ticket.refused(Subsystem::Predicting, EvaluateError::NoPictures);
        };
        // In the middle of an epoch the last validation's logits are an older network's; a restored
        // run has none.
        let scored = own
            .filter(|learner| learner.is_done() && !learner.scored.is_empty())
            .map(|learner| learner.scored.clone());
        let classifier = Classifier {
            network: &network,
            info: &info,
            device: &engine.device,
            familiarity: None,
        };
        match evaluate(classifier, &config, &set, scored, async || host.pause().await).await {
            Ok(evaluation) => {
                host.post(Event::Evaluated(evaluation));
                ticket.answered();
            }
            Err(error) => ticket.refused(Subsystem::Predicting, error),
        }
    }
}
