//! Who watches pictures being loaded.

use resnette_picture::report::LoadProgress;

/// Watches the progress of loading and may stop it.
pub trait LoadObserver {
    /// Called after each picture; returns whether to continue.
    fn on_progress(&mut self, progress: &LoadProgress) -> impl Future<Output = bool>;
}

/// A [`LoadObserver`] that ignores the progress and never stops loading.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilentObserver;

impl LoadObserver for SilentObserver {
    async fn on_progress(&mut self, _: &LoadProgress) -> bool {
        true
    }
}
