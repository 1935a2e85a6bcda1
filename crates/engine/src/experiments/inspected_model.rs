//! A network that experiments look into.

use resnette_spec::NetConfig;

use crate::model::ResNet;

/// A trained network with what people call it and its classes.
#[derive(Clone, Debug)]
pub struct InspectedModel {
    /// The network, on a plain device (without autodiff).
    pub model: ResNet,
    /// The settings that the network was built from.
    pub net: NetConfig,
    /// Class names in label order.
    pub classes: Vec<String>,
    /// The network's name, for people.
    pub name: String,
}
