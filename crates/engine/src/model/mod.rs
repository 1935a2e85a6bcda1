//! Networks: what they compute, and how they come out of files and go into them.
//!
//! [`resnette_spec::architecture::Architecture`] says what a network consists of.
//! [`resnet::ResNet`] is built from the architectures of the book's chapter 14, and
//! [`torchvision::TorchvisionResNet`] from those of pretrained networks; [`Network`] is either.
//! [`file::ModelFile`] is a network in a file.

pub mod attention;
pub mod batch_norm;
pub mod burnpack;
pub mod checksum;
pub mod conv_layer;
pub mod detect_architecture;
pub mod file;
pub mod foreign_file;
pub mod foreign_network;
pub mod head;
pub mod init;
pub mod layers;
pub mod network;
pub mod params;
pub mod res_block;
pub mod resnet;
pub mod safetensors;
pub mod squeeze;
pub mod torchvision;
pub mod weights;

pub use self::batch_norm::BatchNorm;
pub use self::conv_layer::ConvLayer;
pub use self::head::Head;
pub use self::network::Network;
pub use self::res_block::ResBlock;
pub use self::resnet::ResNet;
