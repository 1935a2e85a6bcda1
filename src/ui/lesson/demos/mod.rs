//! The demos. Each computes with the functions of [`crate::lesson`], or shows what the engine computed.

mod adaptive_pooling;
mod bottleneck;
mod evidence_map;
mod grid_to_vector;
mod kernel;
mod loss_surface;
mod one_by_one;
mod race;
mod residual;
mod skip_connections;

pub use adaptive_pooling::AdaptivePooling;
pub use bottleneck::Bottleneck;
pub use evidence_map::EvidenceMap;
pub use grid_to_vector::GridToVector;
pub use kernel::Kernel;
pub use loss_surface::LossSurface;
pub use one_by_one::OneByOne;
pub use residual::Residual;
pub use skip_connections::SkipConnections;
