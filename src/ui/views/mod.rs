//! The four places.

mod data;
mod learn;
mod predict;
mod train;

pub use data::DataView;
pub use learn::LearnView;
pub use predict::PredictView;
pub use train::TrainView;
