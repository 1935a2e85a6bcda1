//! The session's experiments for the lesson: orders in, one unit of work between two steps of a
//! run.

use resnette_engine::experiments::Subject;
use resnette_engine::model::Network;
use resnette_protocol::Event;
use resnette_protocol::lesson::{Ask, Tell};

use crate::post;
use crate::session::Session;

impl Session {
    /// Takes an order.
    pub(super) fn lesson(&mut self, ask: Ask) {
        let subject = self.subject();
        tell(self.desk.ask(ask, subject));
    }

    /// Does one unit of an experiment's work.
    pub(super) async fn experiment(&mut self) {
        tell(self.desk.tick().await);
    }

    /// The network that answers, where it has been trained and has the chapter's blocks.
    fn subject(&self) -> Option<Subject> {
        let (network, info, config) = self.network()?;
        match network {
            Network::Chapter(model) if info.trained => {
                Some(Subject { model, net: config.net, classes: info.classes, name: info.name })
            }
            _ => None,
        }
    }
}

fn tell(told: Vec<Tell>) {
    for tell in told {
        post(&Event::Lesson(tell));
    }
}
