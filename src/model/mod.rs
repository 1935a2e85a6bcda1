//! The chapter's networks: [`summary::Plan`] lays one out, [`resnet::ResNet`] is built from the plan.

pub mod pytorch;
pub mod summary;

#[cfg(feature = "engine")]
pub mod batch_norm;
#[cfg(feature = "engine")]
pub mod burnpack;
#[cfg(feature = "engine")]
pub mod container;
#[cfg(feature = "engine")]
pub mod conv_layer;
#[cfg(feature = "engine")]
pub mod file;
#[cfg(feature = "engine")]
pub mod infer;
#[cfg(feature = "engine")]
pub mod init;
#[cfg(feature = "engine")]
pub mod layers;
#[cfg(feature = "engine")]
pub mod network;
#[cfg(feature = "engine")]
pub mod path;
#[cfg(feature = "engine")]
pub mod res_block;
#[cfg(feature = "engine")]
pub mod resnet;
#[cfg(feature = "engine")]
pub mod shapes;
#[cfg(feature = "engine")]
pub mod torchvision;
#[cfg(feature = "engine")]
pub mod weights;

#[cfg(feature = "engine")]
pub use self::{batch_norm::BatchNorm, conv_layer::ConvLayer, network::Network, res_block::ResBlock, resnet::ResNet};
pub use summary::Plan;
