//! The session's check of its engine.

use resnette_engine::train::self_test::{TOLERANCE, self_test};
use resnette_protocol::engine::SelfTest;
use resnette_protocol::{Event, Stage};

use crate::post;
use crate::session::{Session, fail};

impl Session {
    /// Trains the self-test's network; a run under way waits for the moment that it takes.
    pub(super) async fn check_engine(&self) {
        match self_test(&self.engine.device).await {
            Ok(gap) => post(&Event::Checked(SelfTest { gap, allowed: TOLERANCE })),
            Err(error) => fail(Stage::Engine, error),
        }
    }
}
