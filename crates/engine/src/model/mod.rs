//! The chapter's networks: [`resnette_spec::architecture::Plan`] lays one out, [`resnet::ResNet`]
//! is built from the plan.

pub mod batch_norm;
pub mod burnpack;
pub mod container;
pub mod conv_layer;
pub mod file;
pub mod infer;
pub mod init;
pub mod layers;
pub mod network;
pub mod path;
pub mod res_block;
pub mod resnet;
pub mod shapes;
pub mod torchvision;
pub mod weights;

pub use self::batch_norm::BatchNorm;
pub use self::conv_layer::ConvLayer;
pub use self::network::Network;
pub use self::res_block::ResBlock;
pub use self::resnet::ResNet;
