//! Which network a set of weights belongs to, from names and shapes alone: a state dict that
//! PyTorch saved says nothing else.

use resnette_spec::architecture::{Architecture, Naming, SqueezeSpec};
use resnette_spec::limits::MAX_MODEL_CLASSES;
use resnette_spec::{BlockPlace, HeadKind, NetConfig, RunConfig};

use crate::model::weights::Weights;

/// Most blocks in a stage of torchvision's networks (ResNet-152 has 36).
const MAX_BLOCKS: u32 = 64;
/// The largest reduction of squeeze-and-excitation that a link accepts.
const MAX_REDUCTION: u32 = 64;
/// The most groups that a link accepts.
const MAX_GROUPS: u32 = 64;

/// The network with torchvision's names that the weights belong to; `None` if they have other
/// names.
pub fn detect_torchvision(weights: &Weights) -> Option<Architecture> {
    let classes = *weights.get("fc.weight")?.shape.first()?;
    let blocks = |stage: usize| {
        let name = |block: &u32| {
            let conv =
                Naming::Torchvision.conv(&Naming::Torchvision.block(stage, *block as usize), 0);
            weights.contains_key(&format!("{}.weight", conv.conv))
        };
        (0..MAX_BLOCKS).take_while(name).count() as u32
    };
    let layers: [u32; 4] = std::array::from_fn(blocks);
    let plausible = weights.contains_key("conv1.weight")
        && layers[0] > 0
        && (1..=MAX_MODEL_CLASSES).contains(&classes);
    let bottleneck = weights.contains_key("layer1.0.conv3.weight");
    plausible.then(|| {
        Architecture::torchvision(layers, bottleneck, classes as u32).with_head(head(weights, "fc"))
    })
}

/// The head whose tensors have this name.
fn head(weights: &Weights, name: &str) -> HeadKind {
    match weights.contains_key(&format!("{name}.hidden.linear.weight")) {
        true => HeadKind::Fastai,
        false => HeadKind::Auto,
    }
}

/// The chapter's network that the weights belong to, and the number of its classes; `None` if the
/// names are not those of such a network.
///
/// What names and shapes cannot tell is taken from the chapter. A stem followed by stages has the
/// max-pool (`ResNet`), the chapter's 3×3 one; a stem alone or stages alone are fully
/// convolutional. Two 3×3 convolutions are a basic block, unless a block that changes channels
/// shows that there is no skip connection. The activation is ReLU; who reads a file may know
/// better. Where other blocks have one, such a block's is cut; of a cut skip without tensors
/// nothing is seen.
pub fn detect_chapter(weights: &Weights) -> Option<(NetConfig, u32)> {
    let last = weights.get("head.weight")?;
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
    let family = if stem.is_empty() || stages == 0 { "fcn" } else { "resnet" };
    let mut run = RunConfig::default();
    // Through the settings' own reader, so that a file cannot ask for more than a link can.
    let mut set = |key: &str, value: &str| run.set(key, value).ok();
    set("net", family)?;
    set("stem", &stem.join(","))?;
    set("layers", &layers.join(","))?;
    set("block", block(weights, convs))?;
    set("cut", &cut(weights))?;
    if stages > 0 {
        let nf = rows(&format!("stages.0.0.convs.{}.conv.weight", convs.checked_sub(1)?))?;
        let expansion = [1, 2, 4, 8]
            .into_iter()
            .find(|expansion| nf % expansion == 0 && nf / expansion <= 512)?;
        set("expansion", &expansion.to_string())?;
        set("width", &(nf / expansion).to_string())?;
    }
    set("se", &squeeze(weights)?.to_string())?;
    // Where it stands follows from the number of stages; elsewhere it is a tensor too many.
    let attends = weights.keys().any(|name| name.ends_with(".sa.gamma"));
    set("sa", if attends { "1" } else { "0" })?;
    set("groups", &groups(weights).to_string())?;
    let classes =
        last.shape.first().copied().filter(|classes| (1..=MAX_MODEL_CLASSES).contains(classes))?;
    run.net.head = head(weights, "head");
    Some((run.net, classes as u32))
}

/// By what squeeze-and-excitation divides the channels of the blocks; 0 without, and `None` if no
/// number that a link accepts gives the widths of all of them. Several may give the same widths,
/// and so the same network: the largest of them is taken.
fn squeeze(weights: &Weights) -> Option<u32> {
    let widths: Vec<[u32; 2]> = weights
        .iter()
        .filter(|(name, _)| name.ends_with(".se.squeeze.weight"))
        .map(|(_, array)| {
            let width = |axis: usize| array.shape.get(axis).copied().unwrap_or(0) as u32;
            [width(1), width(0)]
        })
        .collect();
    if widths.is_empty() {
        return Some(0);
    }
    let fits = |reduction: u32| {
        widths.iter().all(|&[channels, hidden]| {
            SqueezeSpec::new(channels, reduction) == SqueezeSpec { channels, hidden }
        })
    };
    (1..=MAX_REDUCTION).rev().find(|&reduction| fits(reduction))
}

/// The kind of block with so many convolutions.
///
/// A block that changes the number of channels needs a 1×1 convolution on its skip connection, so
/// one without it has no skip connection: the network is `plain`. A network of one stage as wide as
/// its stem changes no channels, and there the tensors of `basic` and `plain` are the same. Such a
/// network is read as `basic`, the chapter's; a plain one is recognised by what its file says of
/// itself, as every file that this program wrote does.
fn block(weights: &Weights, convs: usize) -> &'static str {
    let projections = weights.keys().any(|name| name.contains(".idconv."));
    match (convs, projections) {
        (3, _) => "bottleneck",
        // There are no blocks.
        (0, _) => "plain",
        (_, false) if changes_channels(weights) => "plain",
        _ => "basic",
    }
}

/// The blocks that have no projection though they need one for a skip connection, as the setting
/// names them, in a network whose other blocks have projections.
fn cut(weights: &Weights) -> String {
    if !weights.keys().any(|name| name.contains(".idconv.")) {
        return String::new();
    }
    let cut =
        widening(weights).filter(|own| !weights.contains_key(&format!("{own}.idconv.conv.weight")));
    let places = cut.filter_map(|own| {
        let (stage, block) = own.strip_prefix("stages.")?.split_once('.')?;
        let [stage, block]: [u32; 2] = [stage.parse().ok()?, block.parse().ok()?];
        Some(BlockPlace { stage: stage.checked_add(1)?, block: block.checked_add(1)? })
    });
    BlockPlace::write_list(&places.collect::<Vec<_>>())
}

/// Whether a block has another number of channels at its end than at its beginning.
fn changes_channels(weights: &Weights) -> bool {
    widening(weights).next().is_some()
}

/// The names of the blocks that have another number of channels at their end than at their
/// beginning.
fn widening(weights: &Weights) -> impl Iterator<Item = String> {
    let blocks = blocks(weights).into_iter();
    blocks.filter(|block| block.inputs != block.outputs).map(|block| block.name)
}

/// A block as its convolutions' names and shapes tell it.
struct FoundBlock {
    name: String,
    /// Channels of its input.
    inputs: usize,
    /// Channels of its output.
    outputs: usize,
}

/// The blocks in the network's order.
fn blocks(weights: &Weights) -> Vec<FoundBlock> {
    let rows = |name: String| weights.get(&name).and_then(|array| array.shape.first().copied());
    let stem = (0..).map_while(|index| rows(format!("stem.{index}.conv.weight")));
    let mut inputs = stem.last().unwrap_or(3);
    let mut found = Vec::new();
    for stage in 0.. {
        let before = found.len();
        for index in 0.. {
            let name = format!("stages.{stage}.{index}");
            let convs = (0..).map_while(|conv| rows(format!("{name}.convs.{conv}.conv.weight")));
            let Some(outputs) = convs.last() else { break };
            found.push(FoundBlock { name, inputs, outputs });
            inputs = outputs;
        }
        if found.len() == before {
            break;
        }
    }
    found
}

/// The groups of the blocks' 3×3 convolutions: the least number from which those of all blocks
/// follow. Shapes that no number of groups gives count as one group, so that they are told when
/// they are compared.
fn groups(weights: &Weights) -> u32 {
    let of_block = |block: FoundBlock| {
        let mut inputs = block.inputs;
        for conv in 0.. {
            let array = weights.get(&format!("{}.convs.{conv}.conv.weight", block.name))?;
            let &[outputs, share, side, _] = &array.shape[..] else { return None };
            if side == 3 {
                return (share > 0 && inputs.is_multiple_of(share)).then(|| inputs / share);
            }
            inputs = outputs;
        }
        None
    };
    let all = blocks(weights).into_iter().filter_map(of_block);
    let most = MAX_GROUPS as usize;
    let least = all.filter(|groups| (1..=most).contains(groups)).fold(1, |least, groups| {
        // The least common multiple, as long as a link accepts it.
        (1..=most)
            .find(|all| all.is_multiple_of(least) && all.is_multiple_of(groups))
            .unwrap_or(least)
    });
    least as u32
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_spec::presets::NETWORKS;
    use resnette_spec::{Block, read_run};

    use super::*;
    use crate::model::weights::Array;

    /// Names and shapes without numbers.
    fn bare(architecture: &Architecture) -> Weights {
        let bare = |(name, shape)| (name, Array { shape, values: Vec::new() });
        architecture.tensors().into_iter().map(bare).collect()
    }

    #[test]
    fn the_chapters_networks_are_recognised() {
        for preset in NETWORKS {
            for head in [HeadKind::Linear, HeadKind::Fastai] {
                let architecture =
                    Architecture::new(&read_run(preset.settings).0.net, 7).with_head(head);
                let (net, classes) = detect_chapter(&bare(&architecture)).unwrap();
                assert_eq!(Architecture::new(&net, classes), architecture, "{}", preset.name);
            }
        }
    }

    #[test]
    fn squeeze_and_excitation_is_recognised() {
        for settings in [
            "se=16",
            "se=1",
            "se=64&layers=1,2&block=basic&expansion=1",
            "se=4&width=24&expansion=4",
            "se=8&cut=2.1&block=basic&expansion=1",
        ] {
            let architecture = Architecture::new(&read_run(settings).0.net, 7);
            let (net, classes) = detect_chapter(&bare(&architecture)).unwrap();
            assert!(net.se > 0);
            assert_eq!(Architecture::new(&net, classes), architecture, "{settings}");
        }
        let mut odd = bare(&Architecture::new(&read_run("se=4").0.net, 7));
        odd.get_mut("stages.0.0.se.squeeze.weight").unwrap().shape[0] = 7;
        assert_eq!(detect_chapter(&odd), None);
    }

    #[test]
    fn self_attention_is_recognised() {
        for settings in
            ["sa=1", "sa=1&se=4&block=plain", "sa=1&cut=2.1&block=basic", "sa=1&net=fcn&stem="]
        {
            let architecture = Architecture::new(&read_run(settings).0.net, 7);
            let (net, classes) = detect_chapter(&bare(&architecture)).unwrap();
            assert_eq!(net.sa, 1);
            assert_eq!(Architecture::new(&net, classes), architecture, "{settings}");
        }
    }

    #[test]
    fn groups_are_recognised() {
        for (settings, found) in [
            ("groups=4", 4),
            ("groups=64", 64),
            ("groups=12", 4),
            ("groups=2&block=basic&expansion=1&cut=2.1", 2),
            ("groups=8&block=plain", 8),
            ("groups=8&block=basic&net=fcn&stem=", 8),
            ("groups=16&width=5&expansion=8&stem=6", 16),
        ] {
            let architecture = Architecture::new(&read_run(settings).0.net, 7);
            let (net, classes) = detect_chapter(&bare(&architecture)).unwrap();
            assert_eq!(net.groups, found, "{settings}");
            assert_eq!(Architecture::new(&net, classes), architecture, "{settings}");
        }
        // A shape that no number of groups gives is another network's.
        let mut odd = bare(&Architecture::new(&read_run("").0.net, 7));
        odd.get_mut("stages.0.0.convs.1.conv.weight").unwrap().shape[1] = 5;
        assert_eq!(detect_chapter(&odd).unwrap().0.groups, 1);
    }

    #[test]
    fn torchvisions_networks_are_recognised() {
        for (layers, bottleneck) in [([2, 2, 2, 2], false), ([3, 4, 23, 3], true)] {
            for head in [HeadKind::Linear, HeadKind::Fastai] {
                let architecture =
                    Architecture::torchvision(layers, bottleneck, 37).with_head(head);
                assert_eq!(detect_torchvision(&bare(&architecture)), Some(architecture));
            }
        }
    }

    /// A projection that is missing shows which skip connection is cut; the tensors of a block that
    /// needs none are the same either way.
    #[test]
    fn a_missing_projection_is_a_cut_skip() {
        for block in ["layers=2,2,2&block=basic&width=8&stem=4,8", "layers=1,1,1&width=16&stem=4"] {
            for (cut, found) in [("2.1", "2.1"), ("2.1,3.1", "2.1,3.1"), ("1.2", "")] {
                let (run, problems) = read_run(&format!("{block}&expansion=1&cut={cut}"));
                assert_eq!(problems, []);
                let (net, _) = detect_chapter(&bare(&Architecture::new(&run.net, 10))).unwrap();
                // With all projections gone the network is read as plain.
                let all = block.contains("basic") && found == "2.1,3.1";
                let wanted = if all { "" } else { found };
                assert_eq!(BlockPlace::write_list(&net.cut), wanted, "{block} {cut}");
            }
        }
    }

    /// Names and shapes are the same with and without skip connections where no block changes the
    /// number of channels; everywhere else they differ.
    #[test]
    fn two_convolutions_are_a_basic_block_unless_a_projection_is_missing() {
        let detected = |settings: &str| {
            let (run, problems) = read_run(settings);
            assert_eq!(problems, [], "{settings}");
            let architecture = Architecture::new(&run.net, 10);
            detect_chapter(&bare(&architecture)).unwrap().0.block
        };
        for net in
            ["stem=8,8&layers=2&width=8", "stem=4,16&layers=3&width=16", "stem=8&layers=1&width=8"]
        {
            assert_eq!(detected(&format!("{net}&expansion=1&block=basic")), Block::Basic, "{net}");
        }
        for net in [
            "stem=8,8&layers=2,1&width=8",
            "stem=8,4&layers=2&width=8",
            "net=fcn&stem=&layers=1&width=8",
            "net=fcn&stem=&layers=2,1&width=8",
        ] {
            for block in [Block::Basic, Block::Plain] {
                let settings = format!("{net}&expansion=1&block={}", block.name());
                assert_eq!(detected(&settings), block, "{settings}");
            }
        }
    }

    #[test]
    fn other_names_are_nobodys() {
        assert_eq!(detect_chapter(&Weights::new()), None);
        assert_eq!(detect_torchvision(&Weights::new()), None);
        let classless = Array { shape: vec![], values: vec![1.0] };
        assert_eq!(detect_chapter(&[("head.weight".to_string(), classless.clone())].into()), None);
        assert_eq!(detect_torchvision(&[("fc.weight".to_string(), classless)].into()), None);
    }
}
