//! Which tensors a network has, without building it: a file is checked against this before memory
//! is taken for it.

use std::collections::BTreeMap;

use resnette_spec::architecture::{ConvPlan, Plan};

use crate::model::weights::{Weights, WeightsError};

/// Shapes by name, as PyTorch has them.
pub type Shapes = BTreeMap<String, Vec<usize>>;

/// Every tensor of a network of the chapter.
pub fn shapes(plan: &Plan) -> Shapes {
    let mut shapes = Shapes::new();
    for (index, conv) in plan.stem.iter().enumerate() {
        conv_layer(&mut shapes, &format!("stem.{index}"), conv);
    }
    for (stage, blocks) in plan.stages.iter().enumerate() {
        for (index, block) in blocks.iter().enumerate() {
            for (conv_index, conv) in block.convs.iter().enumerate() {
                conv_layer(
                    &mut shapes,
                    &format!("stages.{stage}.{index}.convs.{conv_index}"),
                    conv,
                );
            }
            if let Some(idconv) = &block.idconv {
                conv_layer(&mut shapes, &format!("stages.{stage}.{index}.idconv"), idconv);
            }
        }
    }
    shapes.insert("head.weight".into(), vec![plan.classes as usize, plan.features as usize]);
    shapes.insert("head.bias".into(), vec![plan.classes as usize]);
    shapes
}

fn conv_layer(shapes: &mut Shapes, name: &str, conv: &ConvPlan) {
    let [ni, nf, ks] = [conv.ni, conv.nf, conv.ks].map(|number| number as usize);
    shapes.insert(format!("{name}.conv.weight"), vec![nf, ni, ks, ks]);
    norm(shapes, &format!("{name}.norm"), nf);
}

/// The four tensors of a norm.
pub fn norm(shapes: &mut Shapes, name: &str, channels: usize) {
    for part in ["weight", "bias", "running_mean", "running_var"] {
        shapes.insert(format!("{name}.{part}"), vec![channels]);
    }
}

/// Compares what a file has with what a network needs.
///
/// # Errors
/// [`WeightsError`] names the first tensor that is missing, misshaped or left over.
pub fn check(weights: &Weights, shapes: &Shapes) -> Result<(), WeightsError> {
    for (name, wanted) in shapes {
        let array = weights.get(name).ok_or_else(|| WeightsError::Missing(name.clone()))?;
        if array.shape != *wanted || array.values.len() != wanted.iter().product::<usize>() {
            return Err(WeightsError::Shape {
                name: name.clone(),
                found: array.shape.clone(),
                wanted: wanted.clone(),
            });
        }
    }
    match weights.keys().find(|name| !shapes.contains_key(*name)) {
        Some(extra) => Err(WeightsError::Extra(extra.chars().take(120).collect())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use burn::tensor::Device;
    use futures::executor::block_on;
    use resnette_spec::presets::NETWORKS;
    use resnette_spec::random::{Purpose, stream};
    use resnette_spec::read_link;

    use super::*;
    use crate::model::ResNet;
    use crate::model::weights::read_weights;

    #[test]
    fn shapes_are_those_of_the_network_itself() {
        for preset in NETWORKS.iter().filter(|preset| !preset.name.contains("50")) {
            let plan = Plan::new(&read_link(preset.settings).0.run.net, 10);
            let network = ResNet::new(&plan, stream(1, Purpose::Init, 0), &Device::flex());
            let weights = block_on(read_weights(&network)).unwrap();
            let found: Shapes =
                weights.iter().map(|(name, array)| (name.clone(), array.shape.clone())).collect();
            assert_eq!(found, shapes(&plan), "{}", preset.name);
            assert_eq!(check(&weights, &shapes(&plan)), Ok(()));
        }
    }
}
