//! The session's check of its engine.

use super::post;
use super::session::{Session, fail};
use crate::protocol::engine::SelfTest;
use crate::protocol::{Event, Stage};
use crate::train::self_test::{TOLERANCE, self_test};

impl Session {
    /// Trains the self-test's network; a run under way waits for the moment that it takes.
    pub(super) async fn check_engine(&self) {
        match self_test(&self.engine.device).await {
            Ok(gap) => post(&Event::Checked(SelfTest { gap, allowed: TOLERANCE })),
            Err(error) => fail(Stage::Engine, error),
        }
    }
}
