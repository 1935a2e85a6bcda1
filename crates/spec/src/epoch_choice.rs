//! The epoch whose network a run ends with, and what ends a run early, as settings. What follows
//! from them: [`crate::best_epoch`].

use crate::settings::choice::choices;

/// Whose network a run ends with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum SaveEpoch {
    /// The last epoch's.
    #[default]
    Last,
    /// That of the epoch with the lowest validation loss.
    ValidLoss,
    /// That of the epoch with the highest accuracy.
    Accuracy,
}

choices!(SaveEpoch {
    Last => "last", "The last epoch's";
    ValidLoss => "valid_loss", "The best by valid_loss";
    Accuracy => "accuracy", "The best by accuracy";
});

/// What ends a run early once it becomes no better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum StopEarly {
    /// Nothing: all epochs are trained.
    #[default]
    Never,
    /// The validation loss.
    ValidLoss,
    /// The accuracy.
    Accuracy,
}

choices!(StopEarly {
    Never => "never", "Never";
    ValidLoss => "valid_loss", "When valid_loss falls no more";
    Accuracy => "accuracy", "When accuracy rises no more";
});
