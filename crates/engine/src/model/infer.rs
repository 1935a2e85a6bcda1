//! Which network of the chapter a set of weights belongs to, from names and shapes alone: a state
//! dict that PyTorch saved says nothing else.

use resnette_spec::{NetConfig, RunConfig};

use crate::model::weights::Weights;

/// The network and the number of its classes, or nothing where the names are no network of the
/// chapter.
///
/// What shapes cannot tell is taken from the chapter: a stem followed by stages has the max-pool
/// (`ResNet`), a stem alone or stages alone are fully convolutional.
pub fn infer(weights: &Weights) -> Option<(NetConfig, u32)> {
    let head = weights.get("head.weight")?;
    let rows = |name: &str| weights.get(name).and_then(|array| array.shape.first().copied());
    let count = |name: &dyn Fn(usize) -> String| {
        (0..).take_while(|&index| weights.contains_key(&name(index))).count()
    };
    let stem: Vec<String> = (0..)
        .map_while(|index| rows(&format!("stem.{index}.conv.weight")))
        .map(|nf| nf.to_string())
        .collect();
    let stages = count(&|stage| format!("stages.{stage}.0.convs.0.conv.weight"));
    let layers: Vec<String> = (0..stages)
        .map(|stage| {
            count(&|block| format!("stages.{stage}.{block}.convs.0.conv.weight")).to_string()
        })
        .collect();
    let convs = count(&|conv| format!("stages.0.0.convs.{conv}.conv.weight"));
    let skips = weights.keys().any(|name| name.contains(".idconv."));
    let block = match (convs, skips) {
        (3, _) => "bottleneck",
        (_, true) => "basic",
        (_, false) => "plain",
    };
    let family = if stem.is_empty() || stages == 0 { "fcn" } else { "resnet" };
    let mut run = RunConfig::default();
    // Through the settings' own reader, so that a file cannot ask for more than a link can.
    let mut set = |key: &str, value: &str| run.set(key, value).ok();
    set("net", family)?;
    set("stem", &stem.join(","))?;
    set("layers", &layers.join(","))?;
    set("block", block)?;
    if stages > 0 {
        let nf = rows(&format!("stages.0.0.convs.{}.conv.weight", convs.checked_sub(1)?))?;
        let expansion = [1, 2, 4, 8]
            .into_iter()
            .find(|expansion| nf % expansion == 0 && nf / expansion <= 512)?;
        set("expansion", &expansion.to_string())?;
        set("width", &(nf / expansion).to_string())?;
    }
    let classes =
        u32::try_from(*head.shape.first()?).ok().filter(|classes| (1..=1000).contains(classes))?;
    Some((run.net, classes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_spec::architecture::Plan;
    use resnette_spec::presets::NETWORKS;
    use resnette_spec::read_link;

    use super::*;
    use crate::model::shapes::shapes;
    use crate::model::weights::Array;

    #[test]
    fn the_chapters_networks_are_recognised() {
        for preset in NETWORKS {
            let plan = Plan::new(&read_link(preset.settings).0.run.net, 7);
            let bare = |(name, shape)| (name, Array { shape, values: Vec::new() });
            let weights: Weights = shapes(&plan).into_iter().map(bare).collect();
            let (net, classes) = infer(&weights).unwrap();
            assert_eq!(Plan::new(&net, classes), plan, "{}", preset.name);
        }
    }

    #[test]
    fn other_names_are_nobodys() {
        assert_eq!(infer(&Weights::new()), None);
        let classless = Array { shape: vec![], values: vec![1.0] };
        assert_eq!(infer(&[("head.weight".to_string(), classless)].into()), None);
    }
}
