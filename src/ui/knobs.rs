//! Every knob of a run: what it is called, and one line of help.

/// How a knob is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number or a list of numbers, typed.
    Number,
    /// Text, typed.
    Text,
    /// One of several: spelling in the link, words for people.
    Choice(&'static [(&'static str, &'static str)]),
}

/// Where a knob stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What is trained.
    Network,
    /// How.
    Recipe,
    /// On what, and where.
    Data,
}

/// A knob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knob {
    /// Key in the link.
    pub key: &'static str,
    /// For people.
    pub label: &'static str,
    /// One line.
    pub help: &'static str,
    /// How it is turned.
    pub kind: Kind,
    /// Where it stands.
    pub group: Group,
}

const fn knob(
    group: Group,
    key: &'static str,
    label: &'static str,
    kind: Kind,
    help: &'static str,
) -> Knob {
    Knob { key, label, help, kind, group }
}

use Group::{Data, Network, Recipe};
use Kind::{Choice, Number, Text};

/// Every knob, in the order in which the page shows them.
pub const KNOBS: &[Knob] = &[
    knob(
        Network,
        "net",
        "Skeleton",
        Choice(&[
            ("resnet", "ResNet: stem, max-pool, stages"),
            ("fcn", "Fully convolutional: stride 2 all the way"),
        ]),
        "The chapter starts with the second and arrives at the first.",
    ),
    knob(
        Network,
        "block",
        "Block",
        Choice(&[
            ("plain", "Plain: no skip connection"),
            ("basic", "Basic: two 3×3 and a skip"),
            ("bottleneck", "Bottleneck: 1×1, 3×3, 1×1 and a skip"),
        ]),
        "What a stage is made of. Try plain and basic with many blocks to see what the skip is for.",
    ),
    knob(
        Network,
        "layers",
        "Blocks in each stage",
        Number,
        "2,2,2,2 is ResNet-18's; 3,4,6,3 that of ResNet-34 and 50. Each stage after the first halves the grid.",
    ),
    knob(
        Network,
        "width",
        "Channels of the first stage",
        Number,
        "Each further stage doubles them. Twice the width is about four times the work.",
    ),
    knob(
        Network,
        "expansion",
        "Expansion",
        Number,
        "How many times wider the ends of the blocks are. The book's bottlenecks use 4.",
    ),
    knob(
        Network,
        "stem",
        "Channels of the stem",
        Number,
        "The first plain convolutions. They see the largest grid, so they cost most: keep them narrow.",
    ),
    knob(Recipe, "epochs", "Epochs", Number, "How often the network sees every training picture."),
    knob(
        Recipe,
        "bs",
        "Pictures a batch",
        Number,
        "More are steadier and need more memory. The book uses 64 to 128.",
    ),
    knob(
        Recipe,
        "lr",
        "Learning rate",
        Number,
        "The highest of the run. Too low learns slowly, too high not at all; 0.003 to 0.01 suits these networks.",
    ),
    knob(
        Recipe,
        "schedule",
        "Schedule",
        Choice(&[
            ("one-cycle", "One cycle: up, then down"),
            ("flat-cos", "Flat, then a cosine down"),
        ]),
        "How the learning rate moves over the run. The chapter uses fit_one_cycle.",
    ),
    knob(
        Recipe,
        "wd",
        "Weight decay",
        Number,
        "Pulls every weight a little towards 0 at each step; norms and biases are spared.",
    ),
    knob(
        Recipe,
        "augment",
        "Augmentation",
        Choice(&[
            ("none", "None"),
            ("crop-flip", "Random crop and flip"),
            ("full", "Full: also rotate, warp, light"),
        ]),
        "Changes each training picture a little, so that no epoch is like another.",
    ),
    knob(
        Recipe,
        "mixup",
        "Mixup",
        Number,
        "Trains on blends of two pictures. 0 is off, 0.4 the book's value; it helps long runs only, and lifts train_loss above valid_loss.",
    ),
    knob(
        Recipe,
        "smoothing",
        "Label smoothing",
        Number,
        "Asks the network to be a little less than certain. 0 is off, 0.1 usual.",
    ),
    knob(
        Recipe,
        "accumulate",
        "Batches a step",
        Number,
        "Sums the gradients of several batches: the effect of a large batch in little memory.",
    ),
    knob(
        Recipe,
        "grow",
        "Sizes to start with",
        Number,
        "Progressive resizing: smaller sizes in pixels for the first epochs, for example 32,48. Empty is off.",
    ),
    knob(
        Data,
        "source",
        "Pictures from",
        Choice(&[
            ("huggingface", "Imagenette, from Hugging Face"),
            ("url", "An address"),
            ("drawn", "Drawn by this page"),
            ("files", "My files"),
        ]),
        "Where the pictures come from. The place Data shows them.",
    ),
    knob(
        Data,
        "data",
        "Address",
        Text,
        "For pictures from an address: the folder that holds train/0000.parquet and validation/0000.parquet.",
    ),
    knob(
        Data,
        "photos",
        "Photos from Hugging Face",
        Choice(&[("160px", "160 px, 8 kB each"), ("320px", "320 px, 26 kB each")]),
        "The larger ones show more only to a network that sees more than 128 px.",
    ),
    knob(
        Data,
        "train",
        "Training pictures a class",
        Number,
        "More pictures are better and slower. The full set has about 950 a class.",
    ),
    knob(
        Data,
        "valid",
        "Validation pictures a class",
        Number,
        "The network never learns from these; accuracy is measured on them.",
    ),
    knob(
        Data,
        "size",
        "Size in pixels",
        Number,
        "Side of the square that the network sees. Twice the side is four times the work.",
    ),
    knob(
        Data,
        "seed",
        "Seed",
        Number,
        "The start of every random number: the same seed gives the same run.",
    ),
    knob(
        Data,
        "backend",
        "Engine",
        Choice(&[("auto", "Choose for me"), ("webgpu", "WebGPU"), ("cpu", "CPU")]),
        "WebGPU is many times faster on a real graphics card. The CPU engine runs everywhere.",
    ),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use resnette_spec::RunConfig;
    use resnette_spec::keys::RUN_KEYS;

    use super::*;

    #[test]
    fn every_key_has_one_knob() {
        for key in RUN_KEYS {
            assert_eq!(KNOBS.iter().filter(|knob| knob.key == *key).count(), 1, "{key}");
        }
        assert_eq!(KNOBS.len(), RUN_KEYS.len());
    }

    #[test]
    fn the_glossary_has_every_knob() {
        for knob in KNOBS {
            assert!(
                resnette_lesson::glossary::explains(knob.label)
                    || resnette_lesson::glossary::explains(knob.key),
                "{}",
                knob.label
            );
        }
    }

    #[test]
    fn every_choice_is_accepted_and_none_is_missing() {
        for knob in KNOBS {
            let Choice(options) = knob.kind else { continue };
            let mut config = RunConfig::default();
            for (name, _) in options {
                config.set(knob.key, name).unwrap();
            }
            let refusal = config.set(knob.key, "nonsense").unwrap_err().to_string();
            let accepted = refusal
                .split("one of ")
                .nth(1)
                .unwrap()
                .split(" is wanted")
                .next()
                .unwrap()
                .split(", ")
                .count();
            assert_eq!(accepted, options.len(), "{refusal}");
        }
    }
}
