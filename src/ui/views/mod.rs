//! The four places.

mod data;
pub mod learn;
mod predict;
mod train;

pub use data::DataView;
pub use predict::PredictView;
pub use train::TrainView;
