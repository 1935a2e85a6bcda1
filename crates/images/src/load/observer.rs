//! Who watches pictures being loaded, and helps with those that are not decoded here.

use resnette_picture::report::LoadProgress;

use crate::load::fallback_decoder::{FallbackDecoder, NoFallback};

/// Watches the progress of loading and may stop it.
pub trait LoadObserver {
    /// Called after each picture; returns whether to continue.
    fn on_progress(&mut self, progress: &LoadProgress) -> impl Future<Output = bool>;

    /// Whether pictures stay in memory as they are kept; otherwise only their outlines do, and how
    /// many there may be is not limited by their pixels.
    fn keeps_pictures(&self) -> bool {
        true
    }

    /// What decodes the kinds of pictures that are not decoded in Rust.
    fn fallback(&self) -> impl FallbackDecoder {
        NoFallback
    }
}

/// A [`LoadObserver`] that ignores the progress and never stops loading.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilentObserver;

impl LoadObserver for SilentObserver {
    async fn on_progress(&mut self, _: &LoadProgress) -> bool {
        true
    }
}
