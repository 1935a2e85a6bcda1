//! The demos. Each computes with the functions of [`crate::lesson`], or shows what the engine computed.

mod adaptive_pooling;
mod bottleneck;
mod grid_to_vector;
mod kernel;
mod one_by_one;
mod skip_connections;

pub use adaptive_pooling::AdaptivePooling;
pub use bottleneck::Bottleneck;
pub use grid_to_vector::GridToVector;
pub use kernel::Kernel;
pub use one_by_one::OneByOne;
pub use skip_connections::SkipConnections;
