//! The demos. Each computes with the functions of [`resnette_lesson`], or shows what the engine
//! computed.

mod adaptive_pooling;
mod bottleneck;
mod cost_curves;
mod evidence_map;
mod grid_to_vector;
mod kernel;
mod loss_surface;
mod one_by_one;
mod one_change;
mod plates;
mod race;
mod residual;
mod skip_connections;
mod work;

pub use adaptive_pooling::AdaptivePooling;
pub use bottleneck::Bottleneck;
pub use evidence_map::EvidenceMap;
pub use grid_to_vector::GridToVector;
pub use kernel::Kernel;
pub use loss_surface::LossSurface;
pub use one_by_one::OneByOne;
pub use one_change::OneChange;
pub use residual::Residual;
pub use skip_connections::SkipConnections;
pub use work::Work;
